"""The machine-readable description of the Bot API, and what a call has that it does not know."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any


class Specification:
    """Checks calls against a description with `methods` and `types` (fields, types, required)."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.methods: dict[str, dict[str, Any]] = {
            name.lower(): method for name, method in description["methods"].items()
        }
        self.types: dict[str, dict[str, Any]] = description["types"]

    @classmethod
    def load(cls, path: str | Path) -> "Specification":
        """Read the description from a JSON file (read once per path and process)."""
        return _load(Path(path))

    def faults_of(self, method: str, parameters: dict[str, Any], files: set[str]) -> list[str]:
        """Return a sentence for each thing in this call that the description does not know."""
        known = self.methods.get(method.lower())
        if known is None:
            return [f"method {method} does not exist"]
        fields = {field["name"]: field for field in known.get("fields", [])}
        faults = [
            f"{method} misses the parameter {name}"
            for name, field in fields.items()
            if field["required"] and name not in parameters and name not in files
        ]
        for name, value in parameters.items():
            if name not in fields:
                faults.append(f"{method} has no parameter {name}")
            elif not self._fits_any(fields[name]["types"], _from_form(value)):
                faults.append(f"{method}: {name} is not {' or '.join(fields[name]['types'])}")
        attached = _attached(parameters)
        faults += [
            f"{method}: file {name} is neither a parameter nor attached"
            for name in files
            if name not in attached and "InputFile" not in fields.get(name, {"types": []})["types"]
        ]
        return faults

    def _fits_any(self, types: list[str], values: list[Any]) -> bool:
        return any(self._fits(kind, value) for kind in types for value in values)

    def _fits(self, kind: str, value: Any) -> bool:
        if kind.startswith("Array of "):
            inner = kind.removeprefix("Array of ")
            return isinstance(value, list) and all(self._fits(inner, item) for item in value)
        match kind:
            case "Integer":
                return isinstance(value, int) and not isinstance(value, bool)
            case "Float":
                return isinstance(value, int | float) and not isinstance(value, bool)
            case "Boolean":
                return isinstance(value, bool)
            case "String" | "InputFile":
                return isinstance(value, str)
        return self._fits_object(kind, value)

    def _fits_object(self, kind: str, value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        described = self.types.get(kind, {})
        if described.get("subtypes"):
            return any(self._fits(subtype, value) for subtype in described["subtypes"])
        fields = {field["name"]: field for field in described.get("fields", [])}
        complete = all(name in value for name, field in fields.items() if field["required"])
        return complete and all(
            name in fields and self._fits_any(fields[name]["types"], [item])
            for name, item in value.items()
        )


@lru_cache(maxsize=4)
def _load(path: Path) -> Specification:
    return Specification(json.loads(path.read_text(encoding="utf-8")))


def _from_form(value: Any) -> list[Any]:
    """Return the readings a parameter may have: forms carry everything as text."""
    if not isinstance(value, str):
        return [value]
    try:
        return [value, json.loads(value)]
    except ValueError:
        return [value, {"true": True, "false": False}.get(value.lower(), value)]


def _attached(parameters: dict[str, Any]) -> set[str]:
    text = json.dumps(parameters)
    return {part.split('"')[0].split("\\")[0] for part in text.split("attach://")[1:]}
