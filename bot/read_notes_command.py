"""`symptom-diary read-notes --jsonl`: one note a line in, what the reader makes of it out."""

import io
import json
from dataclasses import asdict
from typing import Any, TextIO

from care.triage.notes import Reading, Span, read

KEYS = frozenset({"id", "text", "lang"})


class BadLineError(ValueError):
    """A line that cannot be read; the text says why in one sentence."""


def read_lines(source: TextIO, sink: TextIO) -> int:
    """Read the note in every line of `source` as it comes; a bad line gives an error.

    `lang` is "en" or "es", with or without a region; missing, null or any other code reads
    the language that the words tell, in doubt both, and takes what either finds. Lines are UTF-8
    whatever the locale, the output is plain ASCII.

    Returns:
        The exit code: 0, or 1 when a line was bad.
    """
    if isinstance(source, io.TextIOWrapper):
        # A byte that is no UTF-8 spoils its own line, not the stream.
        source.reconfigure(encoding="utf-8", errors="surrogateescape")
    code = 0
    for line in source:
        if not line.strip():
            continue
        answer = _answer(line)
        code = 1 if "error" in answer else code
        sink.write(json.dumps(answer) + "\n")
        sink.flush()
    return code


def _answer(line: str) -> dict[str, Any]:
    known: object = None
    try:
        found = _parse(line)
        known = _id(found)
        reading = _read(found)
    except BadLineError as error:
        return {"id": known, "error": str(error)}
    return {
        "id": known,
        "infection": reading.infection,
        "nerve": reading.nerve,
        "emergency": reading.emergency,
        "spans": [_told(span) for span in reading.spans],
    }


def _parse(line: str) -> dict[str, Any]:
    doubled: list[str] = []

    def pairs(given: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in given]
        doubled.extend(name for name in set(names) if names.count(name) > 1)
        return dict(given)

    try:
        line.encode()
        found = json.loads(line.removeprefix("\ufeff"), object_pairs_hook=pairs)
    except UnicodeEncodeError:
        raise BadLineError("this line is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise BadLineError("this line is not JSON") from None
    if not isinstance(found, dict):
        raise BadLineError("a line is one JSON object")
    if doubled:
        raise BadLineError(f"{min(doubled)!r} stands twice in one object")
    return found


def _id(found: dict[str, Any]) -> object:
    """The line's id, whatever JSON it is, to be written back."""
    try:
        json.dumps(found.get("id"), allow_nan=False)
    except (ValueError, RecursionError):
        raise BadLineError("id cannot be written back as JSON") from None
    return found.get("id")


def _read(found: dict[str, Any]) -> Reading:
    unknown = sorted(set(found) - KEYS)
    if unknown:
        raise BadLineError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(KEYS))}")
    text, language = found.get("text"), found.get("lang")
    if not isinstance(text, str):
        raise BadLineError("text is needed: the note, a string")
    if language is not None and not isinstance(language, str):
        raise BadLineError("lang is a language's code, or null")
    reading = read(text, language)
    return reading if reading.known else read(text)


def _told(span: Span) -> dict[str, Any]:
    told = asdict(span)
    return {key: told[key] for key in ("start", "end", "text", "sign", "counts", "why")}
