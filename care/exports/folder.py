"""The folder an export is written to: complete or not there, readable by its owner alone."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

MANIFEST = "export.json"
_OWNER_FILE, _OWNER_FOLDER = 0o600, 0o700


class FolderError(Exception):
    """The export cannot go there; the text says why and what to do, in one sentence."""


class Folder:
    """A folder being filled. Nothing of it is at `target` before `publish`."""

    def __init__(self, target: Path, at: Path) -> None:
        self.target = target
        self.at = at
        self._files: dict[str, IO[str]] = {}

    def file(self, name: str) -> IO[str]:
        """The file `name`, opened for writing at its first use; UTF-8, mode 0600."""
        if name not in self._files:
            self._files[name] = open_private(self.at / name)
        return self._files[name]

    def write(self, name: str, text: str) -> None:
        """A whole file at once."""
        with open_private(self.at / name) as opened:
            opened.write(text)

    @property
    def names(self) -> list[str]:
        """The files written so far, in alphabetical order."""
        return sorted(entry.name for entry in self.at.iterdir())

    def publish(self, manifest: dict[str, object]) -> None:
        """Write the manifest and move everything to `target` in one step."""
        self.write(MANIFEST, json.dumps(manifest, indent=2, sort_keys=True) + "\n")
        self.close()
        aside = self.at.with_name(f"{self.at.name}.old")
        if self.target.exists():
            self.target.rename(aside)
        self.at.rename(self.target)
        if aside.exists():
            shutil.rmtree(aside)

    def close(self) -> None:
        """Put every file safely on the disk."""
        for opened in self._files.values():
            opened.flush()
            os.fsync(opened.fileno())
            opened.close()
        self._files.clear()


@contextmanager
def new_folder(target: Path, *, force: bool = False) -> Iterator[Folder]:
    """A folder to fill, beside `target`; what was not published is removed.

    Args:
        target: where the export is to be; it may not exist, or be empty.
        force: replace an earlier export there; nothing else is ever replaced.

    Raises:
        FolderError: something else is there, or the place cannot be written.
    """
    target = target.absolute()
    _require_free(target, force=force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        at = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise FolderError(
            f"{target.parent} cannot be written to ({error.strerror}): choose another folder."
        ) from None
    at.chmod(_OWNER_FOLDER)
    folder = Folder(target, at)
    try:
        yield folder
    finally:
        folder.close()
        if at.exists():
            shutil.rmtree(at)


def _require_free(target: Path, *, force: bool) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise FolderError(f"{target} is a file: name a folder that does not exist yet.")
    found = [entry.name for entry in target.iterdir()]
    if found and MANIFEST not in found:
        raise FolderError(
            f"{target} holds something else than an export: name a folder that does not exist yet."
        )
    if found and not force:
        raise FolderError(f"{target} holds an earlier export: give --force to replace it.")


def open_private(path: Path) -> IO[str]:
    """A new text file that only its owner can read.

    Raises:
        FileExistsError: it is there already.
    """
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_FILE)
    return os.fdopen(number, "w", encoding="utf-8", newline="")
