"""The sentences of the code and their catalogues, which `make messages` brings up to the code.

New sentences are added without a translation, those that are gone are dropped, and what is left
to translate is listed. Nothing is guessed.
"""

import ast
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from handlers.language import LOCALES

HANDLERS = LOCALES.parent
# How many of a call's first arguments are the sentence: one, or one for each number.
KEYWORDS = {"_": 1, "N_": 1, "ngettext": 2}


def extracted() -> Catalog:
    """Every sentence that the code marks for translators, in the order of the files.

    Read from the syntax tree: what stands inside an f-string is found in every Python.
    """
    found = Catalog()
    for path in sorted(HANDLERS.rglob("*.py")):
        place = (path.relative_to(HANDLERS).as_posix(), 0)
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if _marks(node)]
        for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
            words = tuple(ast.literal_eval(arg) for arg in call.args[: KEYWORDS[call.func.id]])
            found.add(words if len(words) > 1 else words[0], locations=[place])
    return found


def _marks(node: ast.AST) -> bool:
    """Whether it is a call such as `_("Settings")`, with the sentence itself in it."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return False
    words = node.args[: KEYWORDS.get(node.func.id, 0)]
    return bool(words) and all(
        isinstance(word, ast.Constant) and isinstance(word.value, str) for word in words
    )


def catalogue(path: Path) -> Catalog:
    """A language's catalogue as it stands in its file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def update(path: Path) -> list[str]:
    """Bring one catalogue up to the code; returns what it leaves untranslated."""
    found = catalogue(path) if path.exists() else Catalog(locale=path.stem)
    found.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    found.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, found, width=0, omit_header=False, no_location=False, include_lineno=False)
    return untranslated(found)


def untranslated(found: Catalog) -> list[str]:
    """The sentences without a translation, or with one that a translator should look at."""
    return [
        str(message.id)
        for message in found
        if message.id and (message.fuzzy or not all(_forms(message.string)))
    ]


def _forms(string: object) -> list[str]:
    return list(string) if isinstance(string, (list, tuple)) else [str(string or "")]


def main() -> int:
    """Update every catalogue, begin those named on the command line; 1 if words are missing."""
    begun = [LOCALES / f"{code}.po" for code in sys.argv[1:]]
    missing = 0
    for path in sorted({*LOCALES.glob("*.po"), *begun}):
        left = update(path)
        missing += len(left)
        print(f"{path.name}: {len(left)} to translate")  # noqa: T201 - a tool of the workshop
        for sentence in left:
            print(f"  {sentence}")  # noqa: T201
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
