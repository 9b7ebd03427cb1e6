"""What leaves the clinic as files: tidy tables, and FHIR resources."""
