"""Every sentence that people read passes through `handlers/language.py`."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANDLERS = sorted((ROOT / "handlers").rglob("*.py"))

# Two words in a row, or one capitalised word alone, as on a button.
TWO_WORDS = re.compile(r"[^\W\d_]{2,}[,.;:!?]? +[^\W\d_]{2,}")
ONE_LABEL = re.compile(r"[A-Z][a-z]{2,}[.!?…]?")
HTML = re.compile(r"<[^<>]*>")
TIME_PATTERN = re.compile(r"[EdMyHm :]+")

WRAPPERS = {"_", "N_", "ngettext"}
# Their texts are for operators and programmers: log events, reasons in records, patterns, SQL.
NOT_FOR_PEOPLE = {"Nothing", "NotYet", "compile", "text", "getattr", "hasattr", "TypeVar"}
RECORD_FIELDS = {"error", "reason"}
# Words that are compared with what others say, by the name that holds them.
QUOTED = {"_GONE", "_TOPIC_GONE"}
LOGS = {"debug", "info", "warning", "error", "exception", "critical"}


def name_of(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def exempt_call(call: ast.Call) -> bool:
    name = name_of(call)
    if name in WRAPPERS | NOT_FOR_PEOPLE or name.endswith(("Error", "Exception")):
        return True
    owner = getattr(call.func, "value", None)
    owner_name = getattr(owner, "id", "")
    return owner_name == "re" or (name in LOGS and "log" in owner_name)


def is_docstring(statement: ast.AST) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def exempt(node: ast.AST) -> bool:
    match node:
        case ast.Raise() | ast.Compare() | ast.Assert():
            return True
        case ast.Call():
            return exempt_call(node)
        case ast.keyword(arg=arg):
            return arg in RECORD_FIELDS
        case ast.ClassDef():
            return any("Enum" in getattr(base, "id", "") for base in node.bases)
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in QUOTED
    return is_docstring(node)


def for_people(text: str) -> bool:
    if TIME_PATTERN.fullmatch(text):
        return False
    bare = HTML.sub("", text).strip()
    return bool(TWO_WORDS.search(bare) or ONE_LABEL.fullmatch(bare))


def unwrapped(node: ast.AST) -> list[tuple[int, str]]:
    """(line, text) of each literal below `node` that reads like a sentence and is not wrapped."""
    if exempt(node):
        return []
    if isinstance(node, ast.Constant):
        readable = isinstance(node.value, str) and for_people(node.value)
        return [(node.lineno, node.value)] if readable else []
    found = []
    for field, value in ast.iter_fields(node):
        # Keys name things; annotations name types.
        if field in {"annotation", "returns"}:
            continue
        if field in {"keys", "slice"} and not isinstance(node, ast.Call):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                found += unwrapped(child)
    return found


def in_source(source: str) -> list[str]:
    return [text for _line, text in unwrapped(ast.parse(source))]


def test_no_sentence_in_the_handlers_is_left_unwrapped():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text!r}"
        for path in HANDLERS
        for line, text in unwrapped(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "wrap with _(), N_() or ngettext():\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        'send("Please try again")',
        'text = f"Hello {name}, how are you?"',
        'text = "<b>New session</b>"',
        'rows = [("Save", pack("x"))]',
        'TEXTS = {"key": "Your clinic saw this"}',
        'visit.reply("Muchas gracias")',
    ],
)
def test_an_unwrapped_sentence_is_found(source):
    assert in_source(source)


@pytest.mark.parametrize(
    "source",
    [
        'send(_("Please try again"))',
        'TEXTS = {"the session is over": N_("It is over.")}',
        'ngettext("{n} more thing", "{n} more things", n).format(n=n)',
        'raise ValueError("no such thing here")',
        'log.warning("menu was not published")',
        'return_value = Nothing("session was cancelled")',
        '"""A module about many things."""',
        'PATTERN = re.compile("thank you very much")',
        'if str(error) == "the session is over": pass',
        'rows = [("+15 min", 3), ("✓", 4), ("24h", 5), (f"−{n} h", 6)]',
        'kind = "check_in"',
        'class Fate(Enum):\n    again = "try again later"',
        'end(row, error="too late now")',
        'def f() -> "Some Type": ...',
        'mode: Literal["one", "two words"]',
    ],
)
def test_what_is_wrapped_or_not_for_people_is_left_alone(source):
    assert not in_source(source)
