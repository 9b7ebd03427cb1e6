"""Checks resources against FHIR R4B's structure: names, types, what is mandatory."""

from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from care.exports.fhir_codes import Json


class InvalidResourceError(Exception):
    """A resource that FHIR R4B does not allow; the text names it, its field and the fault."""


def require_valid(resource: Json) -> None:
    """Nothing, when FHIR R4B allows the resource.

    Raises:
        InvalidResourceError: it does not.
    """
    kind = str(resource["resourceType"])
    model: Any = get_fhir_model_class(kind)
    try:
        model.model_validate(resource)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidResourceError(
            f"{kind}/{resource.get('id', '')}: {place}: {first['msg']}"
        ) from None
