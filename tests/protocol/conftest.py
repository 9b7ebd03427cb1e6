"""The clinics of the walks."""

from tests.walk.conftest import clinic, either

__all__ = ["clinic", "either"]
