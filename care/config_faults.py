"""Why a settings file cannot be used."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Why the file cannot be used: the key, and one of unknown, type, value, apart, none, toml."""

    key: str
    reason: str
    detail: str = ""


class ConfigError(Exception):
    """The file cannot be used; nothing of it was applied."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{found.key}: {found.reason}" for found in self.problems))


def fault(key: str, reason: str) -> ConfigError:
    """The error that one key alone makes."""
    return ConfigError([Problem(key, reason)])
