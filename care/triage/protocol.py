"""Reads the protocol's data file."""

import hashlib
import tomllib
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from care.triage.model import Level, Protocol, Question, Rule, Thresholds

VERSIONS = (1,)


@cache
def load_protocol(version: int = 1) -> Protocol:
    """The protocol of this version, read once.

    Raises:
        KeyError: no such version is shipped.
    """
    if version not in VERSIONS:
        raise KeyError(f"there is no protocol version {version}")
    text = resources.files("care.triage").joinpath("protocol.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return Protocol(
        version=data["version"],
        signed_by=data["signed_by"] or None,
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
        thresholds=Thresholds(**data["thresholds"]),
        questions=MappingProxyType(
            {name: _question(name, found) for name, found in data["questions"].items()}
        ),
        rules=MappingProxyType(
            {name: _rule(name, found) for name, found in data["rules"].items()}
        ),
    )


def _question(name: str, found: dict[str, Any]) -> Question:
    return Question(
        id=name,
        kind=found["kind"],
        values=tuple(found["values"]),
        counted=found.get("counted", False),
        after=found.get("after"),
        when=frozenset(found.get("when", ())),
        timeout_minutes=found.get("timeout_minutes"),
    )


def _rule(name: str, found: dict[str, Any]) -> Rule:
    return Rule(
        id=name,
        level=Level(found["level"]),
        headline=found["headline"],
        source=tuple(found["source"]),
        text_key=found["text_key"],
        workflow=found.get("workflow", False),
    )
