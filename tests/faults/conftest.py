"""The clinic of the walking tests."""

from tests.walk.conftest import clinic, either

__all__ = ["clinic", "either"]
