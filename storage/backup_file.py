"""The backup file: a zip that any database kind can be filled from, checked before it is believed.

`header.json` says what it is; `rows/<table>.jsonl` holds a table's rows, one JSON array a line.
"""

import base64
import binascii
import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

PRODUCT, FORMAT = "symptom-diary", 1
HEADER = "header.json"
BATCH = 500

Row = list[Any]


class BackupError(Exception):
    """A backup cannot be written, read or restored; the text is one sentence for the operator."""


@dataclass(frozen=True)
class TableHeader:
    """One table of a backup: its columns in the order of each row, its rows, their SHA-256."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


@dataclass(frozen=True)
class Header:
    """What a backup says of itself.

    Attributes:
        schema: the revision of the database it was taken from.
        database: "sqlite" or "postgresql".
        taken_at: when (ISO 8601, UTC).
        keys: fingerprints of the encryption keys in use then, newest first.
        tables: by name.
    """

    schema: str
    database: str
    taken_at: str
    keys: tuple[str, ...]
    tables: dict[str, TableHeader]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(table.rows for table in self.tables.values())

    def to_json(self) -> dict[str, Any]:
        """What stands in the file, with a checksum over everything, the tables' own included."""
        content = {
            "product": PRODUCT,
            "format": FORMAT,
            "schema": self.schema,
            "database": self.database,
            "taken_at": self.taken_at,
            "keys": list(self.keys),
            "rows": self.rows,
            "tables": {
                name: {"columns": list(table.columns), "rows": table.rows, "sha256": table.sha256}
                for name, table in self.tables.items()
            },
        }
        return content | {"checksum": _checksum(content)}


def _checksum(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def to_portable(value: Any) -> Any:
    """A database value as JSON knows it: moments as ISO 8601 in UTC, bytes as base64."""
    if isinstance(value, datetime):
        # SQLite keeps moments without their zone, which is UTC by our own rule.
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


class Writer:
    """Writes a backup beside its final name, readable by its owner only, until `finish`.

    Use as a context manager: what was not finished leaves nothing behind.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tables: dict[str, TableHeader] = {}

    def __enter__(self) -> Self:
        try:
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        except OSError as error:
            raise BackupError(f"{self._path} cannot be written: {error.strerror}.") from None
        self._temporary = Path(name)
        self._file = os.fdopen(handle, "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        return self

    def __exit__(self, *_: object) -> None:
        # A zip that could not be written to its end (a full disk) fails once more here.
        with suppress(OSError, ValueError):
            self._zip.close()
        with suppress(OSError):
            self._file.close()
        self._temporary.unlink(missing_ok=True)

    def table(self, name: str, columns: Sequence[str]) -> "TableWriter":
        """Begin a table; close it before the next."""
        return TableWriter(self, self._zip.open(f"rows/{name}.jsonl", "w"), name, tuple(columns))

    def note(self, name: str, header: TableHeader) -> None:
        """A table is complete."""
        self._tables[name] = header

    def finish(self, *, schema: str, database: str, taken_at: str, keys: Sequence[str]) -> Header:
        """Write the header and give the file its name, in one step and for good."""
        header = Header(schema, database, taken_at, tuple(keys), self._tables)
        self._zip.writestr(HEADER, json.dumps(header.to_json(), indent=1))
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._temporary.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return header


class TableWriter:
    """Writes one table's rows."""

    def __init__(
        self, writer: Writer, file: IO[bytes], name: str, columns: tuple[str, ...]
    ) -> None:
        self._writer, self._file, self._name, self._columns = writer, file, name, columns
        self._rows, self._hash = 0, hashlib.sha256()

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows, values in the order of the columns."""
        lines = "".join(
            json.dumps([to_portable(value) for value in row], separators=(",", ":")) + "\n"
            for row in rows
        ).encode()
        self._hash.update(lines)
        self._file.write(lines)
        self._rows += len(rows)

    def close(self) -> None:
        """The table is complete."""
        self._file.close()
        self._writer.note(
            self._name, TableHeader(self._columns, self._rows, self._hash.hexdigest())
        )


class Reader:
    """Reads a backup. Use as a context manager, and `verify` before believing any of it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        try:
            self._zip = zipfile.ZipFile(self._path)
        except (OSError, zipfile.BadZipFile) as error:
            reason = getattr(error, "strerror", None) or "it is cut off, or no backup of ours"
            raise BackupError(f"{self._path} cannot be read: {reason}.") from None
        try:
            self.header = self._header()
        except BaseException:
            self._zip.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def _header(self) -> Header:
        try:
            content = json.loads(self._zip.read(HEADER))
            checksum = content.pop("checksum")
            self._judge(content["product"], content["format"], checksum == _checksum(content))
            return Header(
                schema=content["schema"],
                database=content["database"],
                taken_at=content["taken_at"],
                keys=tuple(content["keys"]),
                tables={
                    name: TableHeader(tuple(of["columns"]), of["rows"], of["sha256"])
                    for name, of in content["tables"].items()
                },
            )
        except (KeyError, TypeError, AttributeError):
            raise _foreign(self._path) from None
        except (OSError, ValueError, zipfile.BadZipFile, zlib.error):
            raise _damaged(self._path, HEADER) from None

    def _judge(self, product: str, version: int, whole: bool) -> None:
        if product != PRODUCT:
            raise _foreign(self._path)
        if version != FORMAT:
            raise BackupError(
                f"{self._path} was made by a newer symptom-diary: upgrade, then restore."
            )
        if not whole:
            raise _damaged(self._path, HEADER)

    def verify(self) -> None:
        """Read everything once and compare it with the checksums.

        Raises:
            BackupError: something is missing or was changed.
        """
        for name, expected in self.header.tables.items():
            found, lines = hashlib.sha256(), 0
            try:
                with self._zip.open(f"rows/{name}.jsonl") as file:
                    while block := file.read(1 << 20):
                        found.update(block)
                        lines += block.count(b"\n")
            except (OSError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
                raise _damaged(self._path, name) from None
            if (lines, found.hexdigest()) != (expected.rows, expected.sha256):
                raise _damaged(self._path, name)

    def batches(self, table: str) -> Iterator[list[Row]]:
        """A table's rows, some hundreds at a time, values as JSON knows them."""
        with self._zip.open(f"rows/{table}.jsonl") as file:
            while lines := list(islice(file, BATCH)):
                yield [json.loads(line) for line in lines]


def _foreign(path: Path) -> BackupError:
    return BackupError(f"{path} is not a backup of symptom-diary.")


def _damaged(path: Path, part: str) -> BackupError:
    return BackupError(
        f"{path} is damaged or was changed ({part} does not fit its checksum): nothing was done."
    )


def from_base64(value: str) -> bytes:
    """The bytes behind `to_portable`'s text.

    Raises:
        BackupError: it is none.
    """
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise BackupError("the backup holds bytes that cannot be read.") from None
