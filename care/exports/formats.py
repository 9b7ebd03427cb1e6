"""What an export may be written as."""

from enum import StrEnum


class Format(StrEnum):
    """Tidy tables, or FHIR R4B resources."""

    csv = "csv"
    fhir = "fhir"
