"""The free-text reader: signs of infection, nerve injury or danger in what a patient types.

Pure rules over word lists, one file a language. What it finds may only raise a level.
"""

from care.triage.notes.model import Reading, Sign, Span
from care.triage.notes.reader import read

__all__ = ["Reading", "Sign", "Span", "read"]
