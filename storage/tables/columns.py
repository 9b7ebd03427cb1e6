"""Column types that mean the same on SQLite and on PostgreSQL."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Integer
from sqlmodel import Field

# Telegram's ids and our own keys need 64 bits; SQLite numbers a key by itself only when it is
# INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


def key() -> Any:
    """A 64-bit primary key that the database numbers."""
    return Field(default=None, primary_key=True, sa_type=BigId)


def reference(to: str, *, index: bool = False, null: bool = False) -> Any:
    """A 64-bit foreign key to `to` ("table.column"), mandatory unless `null`."""
    if null:
        return Field(default=None, foreign_key=to, sa_type=BigId, index=index, nullable=True)
    return Field(foreign_key=to, sa_type=BigId, index=index, nullable=False)


def sibling() -> Any:
    """The key of another row of the same table; without a constraint, so that rows can be copied
    in any order.
    """
    return Field(default=None, sa_type=BigId, index=True, nullable=True)


def telegram_id(*, index: bool = False, null: bool = True) -> Any:
    """A Telegram chat, user or message id: 64 bits."""
    if null:
        return Field(default=None, sa_type=BigId, index=index, nullable=True)
    return Field(sa_type=BigId, index=index, nullable=False)


def json_list() -> Any:
    """A list of codes; assign a new list to change it, mutation in place is not noticed."""
    return Field(default_factory=list, sa_type=JSON, nullable=False)


def json_objects() -> Any:
    """A list of small objects of codes and ids; assign a new list to change it."""
    return Field(default_factory=list, sa_type=JSON, nullable=False)


def json_object() -> Any:
    """A small object of codes and ids; assign a new one to change it."""
    return Field(default_factory=dict, sa_type=JSON, nullable=False)


def json_or_null() -> Any:
    """A small object of codes and numbers, or nothing."""
    return Field(default=None, sa_type=JSON(none_as_null=True), nullable=True)


def one_of(column: str, values: Iterable[str], *, name: str) -> CheckConstraint:
    """The database refuses any other value of `column`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name)
