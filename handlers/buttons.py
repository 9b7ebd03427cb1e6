"""Callback data and what it means: every button carries its whole meaning in at most 64 bytes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

MOST_BYTES = 64
_WORD = re.compile(r"[a-z0-9_+-]{1,40}")

# verb: the types of what follows it, separated by colons.
VERBS: dict[str, tuple[type, ...]] = {
    # Patients. ci = check-in id, q = question id, v = value id.
    "a": (int, str, str),  # a:ci:q:v        this is my answer
    "t": (int, str, str, str),  # t:ci:q:v:on|off tick or untick; never "toggle"
    "l": (int, str),  # l:ci:q          show the list as tick boxes
    "d": (int, str),  # d:ci:q          done ticking
    "q": (int, str),  # q:ci:q          show this question ([Back], [Change an answer])
    "c": (int,),  # c:ci            which answer is to be changed?
    "g": (int,),  # g:ci            go on with the check
    "h": (int,),  # h:ci            I am getting help
    "m": (int,),  # m:ci            I made a mistake
    "w": (int,),  # w:ci            I'm worried, call me
    "wp": (int,),  # wp:patient      the same, outside a check-in
    "r": (int,),  # r:patient       report a problem
    "j": (int,),  # j:invite        I agree
    "jl": (int, str),  # jl:invite:language   read the consent in this language
    "ja": (int, str),  # ja:invite:language   I agree, and want this language
    "n": (int,),  # n:invite        no, thank you
    "z": (int, int),  # z:patient:shift "is it 14:30 for you now?"
    "rm": (int,),  # rm:ci           remind me in 2 h
    "di": (int,),  # di:patient      my diary
    "dm": (int,),  # dm:patient      delete the data of this one
    "dy": (int,),  # dy:patient      yes, delete my data
    "dn": (int,),  # dn:patient      no, keep it
    "fw": (str, int),  # fw:what:patient a command is meant for this one (0: for all)
    "nw": (int, int),  # nw:note:patient the note is about this one
    "lg": (str,),  # lg:language     say everything in this language
    # Clinicians.
    "k": (int,),  # k:alert         I'm on it
    "kg": (int, int),  # kg:alert:generation the same, of a card of that paging
    "kd": (int,),  # kd:alert        details: name and phone
    "ko": (int,),  # ko:alert        hand over: to whom?
    "kt": (int, int),  # kt:alert:person hand over to
    "kc": (int,),  # kc:alert        close: outcome?
    "kx": (int, str),  # kx:alert:outcome        keep the checks?
    "ky": (int, str, str),  # ky:alert:outcome:keep|stop
    "ks": (int, int),  # ks:alert:generation  still on it
    "kn": (int,),  # kn:alert        add a note
    "s": (str, str),  # s:screen:draft  recording a session
    "se": (int, str),  # se:session:what edit or cancel
    "u": (str,),  # u:on|off        duty
    "nl": (int,),  # nl:patient      new link
    "np": (int,),  # np:patient      not my patient
    "pv": (int,),  # pv:patient      view a patient
    "pd": (int,),  # pd:patient      a patient's name and phone
    "pl": (int,),  # pl:page         list of patients
    "ms": (int,),  # ms:message      send it to the patient
    "mk": (int,),  # mk:message      keep it as a note
    "al": (int,),  # al:alert        view an alert
    # Admins.
    "gl": (int,),  # gl:0            use this group for alerts
    "iv": (str,),  # iv:role         invite
    "tm": (str, int, int),  # tm:what:version:number   the team's panel
    "td": (int, int, str),  # td:version:person:days   away, or the clinic closed (person 0)
    "tt": (str, int, int),  # tt:time:version:minutes  a waiting time
    "sr": (int,),  # sr:0            status, as of now
    "st": (str,),  # st:setting      change a setting
    "cn": (int,),  # cn:0            see the consent
    "sc": (int, str, str),  # sc:draft:what:value  the schedule; draft 0: none yet
    "im": (str,),  # im:go|no        import the file this answers to
    "au": (str, int, int),  # au:page|check|file:before:patient   the audit; 0: newest, everybody
    "pc": (str, int, int, str),  # pc:what:draft:revision:number   the protocol's panel
    "dr": (str, int),  # dr:go|stop|see:drill  a drill; 0: none yet
    "ex": (str, str),  # ex:csv|fhir:30|90|all    export
}


class ForgedError(ValueError):
    """Callback data that none of our buttons carries."""


@dataclass(frozen=True)
class Button:
    """A tapped button: what it asks for, and about what."""

    verb: str
    args: tuple[int | str, ...]

    def number(self, index: int = 0) -> int:
        """The argument at `index`, a number."""
        value = self.args[index]
        if not isinstance(value, int):
            raise ForgedError("a number is missing")
        return value

    def word(self, index: int) -> str:
        """The argument at `index`, a word."""
        return str(self.args[index])


def pack(verb: str, *args: int | str) -> str:
    """Callback data for a button.

    Raises:
        ForgedError: it would not be read back as it is, or is longer than 64 bytes.
    """
    data = ":".join([verb, *(str(arg) for arg in args)])
    if len(data.encode()) > MOST_BYTES or parse(data).args != args:
        raise ForgedError(f"{data!r} is no callback data of ours")
    return data


def parse(data: str | None) -> Button:
    """What callback data means.

    Raises:
        ForgedError: none of our buttons carries it.
    """
    verb, *rest = (data or "").split(":")
    types = VERBS.get(verb)
    if types is None or len(types) != len(rest):
        raise ForgedError("unknown button")
    args: list[int | str] = []
    for kind, text in zip(types, rest, strict=True):
        if kind is int:
            if not re.fullmatch(r"-?\d{1,18}", text):
                raise ForgedError("a number is missing")
            args.append(int(text))
        elif not _WORD.fullmatch(text):
            raise ForgedError("a word is missing")
        else:
            args.append(text)
    return Button(verb, tuple(args))


Rows = Sequence[Sequence[tuple[str, str]]]


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """Inline buttons from rows of (label, callback data or link); None when there are none."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[_button(label, target) for label, target in row] for row in rows]
    )


def _button(label: str, target: str) -> InlineKeyboardButton:
    if target.startswith(("https://", "http://", "tg://")):
        return InlineKeyboardButton(label, url=target)
    return InlineKeyboardButton(label, callback_data=target)
