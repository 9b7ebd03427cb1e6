"""Formatted text: HTML to plain text with entities, and what Telegram recognises by itself.

Offsets and lengths are in UTF-16 code units, offsets in errors in bytes, as Telegram counts.
"""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.errors import bad_request

ENTITY_TYPES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}  # fmt: skip
CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))|(lt|gt|amp|quot));?")
ATTRIBUTE = re.compile(r"""\s+([a-zA-Z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
RECOGNISED = re.compile(
    r"(?P<bot_command>(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/])"
    r"|(?P<url>(?:https?://|(?<![\w.])t\.me/)[^\s<>\"]+[^\s<>\".,;:!?)])"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31})"
)


def units(text: str) -> int:
    """Return the length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


@dataclass
class OpenTag:
    """A tag that waits for its end; `start` in UTF-16 units, `at` in bytes of the source."""

    name: str
    start: int
    at: int
    entity: dict[str, Any]


class HtmlReader:
    """Reads one text of the Bot API's HTML style."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.parts: list[str] = []
        self.length = 0
        self.open: list[OpenTag] = []
        self.entities: list[dict[str, Any]] = []

    def read(self) -> tuple[str, list[dict[str, Any]]]:
        """Return plain text and entities; raise 400 "can't parse entities" with the place."""
        while self.position < len(self.source):
            character = self.source[self.position]
            if character == "<":
                self._tag()
            elif character == "&":
                self._reference()
            else:
                self._emit(character)
                self.position += 1
        if self.open:
            raise self._error(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"'
            )
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.parts), self.entities

    def _emit(self, text: str) -> None:
        self.parts.append(text)
        self.length += 1 if len(text) == 1 and text <= "\uffff" else units(text)

    def _at(self) -> int:
        return len(self.source[: self.position].encode())

    def _error(self, reason: str) -> Exception:
        return bad_request(f"can't parse entities: {reason}")

    def _reference(self) -> None:
        found = REFERENCE.match(self.source, self.position)
        if not found:
            self._emit("&")
            self.position += 1
            return
        hexadecimal, decimal, name = found.groups()
        code = int(hexadecimal, 16) if hexadecimal else int(decimal) if decimal else 0
        self._emit(CHARACTERS[name] if name else chr(code) if 0 < code < 0x110000 else "&")
        self.position = found.end()

    def _tag(self) -> None:
        end = self.source.find(">", self.position)
        if end < 0:
            raise self._error(f"Unclosed start tag at byte offset {self._at()}")
        inner = self.source[self.position + 1 : end]
        if inner.startswith("/"):
            self._end_tag(inner[1:].strip().lower())
        else:
            self._start_tag(inner)
        self.position = end + 1

    def _start_tag(self, inner: str) -> None:
        name = re.split(r"\s", inner, maxsplit=1)[0].lower()
        attributes = {
            found[1].lower(): next((part for part in found.groups()[1:] if part is not None), "")
            for found in ATTRIBUTE.finditer(inner, len(name))
        }
        spoiler = name != "span" or attributes.get("class") == "tg-spoiler"
        if name not in ENTITY_TYPES or not spoiler:
            raise self._error(f'Unsupported start tag "{name}" at byte offset {self._at()}')
        entity: dict[str, Any] = {"type": ENTITY_TYPES[name]}
        if name == "a":
            entity["url"] = _unescape(attributes.get("href", ""))
        if name == "tg-emoji":
            entity["custom_emoji_id"] = attributes.get("emoji-id", "")
        if name == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        language = attributes.get("class", "")
        if name == "code" and language.startswith("language-") and self._inside("pre"):
            self.open[-1].entity["language"] = language.removeprefix("language-")
        self.open.append(OpenTag(name, self.length, self._at(), entity))

    def _inside(self, name: str) -> bool:
        return bool(self.open) and self.open[-1].name == name

    def _end_tag(self, name: str) -> None:
        if not self.open:
            raise self._error(f"Unexpected end tag at byte offset {self._at()}")
        tag = self.open.pop()
        if name not in ("", tag.name):
            raise self._error(
                f"Unmatched end tag at byte offset {self._at()}, "
                f'expected "</{tag.name}>", found "</{name}>"'
            )
        length = self.length - tag.start
        merged = tag.name == "code" and self._inside("pre")
        linked = tag.entity["type"] != "text_link" or tag.entity["url"]
        if length and linked and not merged:
            self.entities.append({**tag.entity, "offset": tag.start, "length": length})


def _unescape(text: str) -> str:
    return REFERENCE.sub(lambda found: CHARACTERS.get(found[3] or "", found[0]), text)


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Return plain text and entities of the HTML style; raise 400 if it does not parse."""
    if "<" not in source and "&" not in source:
        return source, []
    return HtmlReader(source).read()


def recognise(text: str, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add commands, links and mentions, which Telegram finds by itself outside of code."""
    taken = [
        range(entity["offset"], entity["offset"] + entity["length"])
        for entity in entities
        if entity["type"] in ("code", "pre", "text_link")
    ]
    found = list(entities)
    for match in RECOGNISED.finditer(text):
        offset = units(text[: match.start()])
        if not any(offset in place for place in taken):
            kind = match.lastgroup or "url"
            found.append({"type": kind, "offset": offset, "length": units(match[0])})
    return sorted(found, key=lambda entity: (entity["offset"], -entity["length"]))


def trim(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Cut white space at both ends, as Telegram does, and move the entities along."""
    trimmed = text.strip()
    if trimmed == text:
        return text, entities
    lead = units(text[: len(text) - len(text.lstrip())])
    end = units(trimmed)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        stop = min(entity["offset"] - lead + entity["length"], end)
        if stop > start:
            moved.append({**entity, "offset": start, "length": stop - start})
    return trimmed, moved
