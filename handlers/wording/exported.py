"""The questions and answers in plain English, for exported files."""

import re
from functools import cache
from html import unescape

from care.exports.fhir_codes import Words
from handlers.language import speaking
from handlers.wording.questions import option_label, question_text

_TAG = re.compile(r"<[^<>]*>")


@cache
def _question(question: str) -> str:
    with speaking("en"):
        return unescape(_TAG.sub("", question_text(question)))


@cache
def _answer(question: str, value: str) -> str:
    with speaking("en"):
        return option_label(question, value)


WORDS = Words(_question, _answer)
