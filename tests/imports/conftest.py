"""The same practice that the exports have."""

from tests.exports.conftest import practice

__all__ = ["practice"]
