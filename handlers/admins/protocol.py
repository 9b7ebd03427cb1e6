"""/protocol: the version in force, its signature, its numbers; changed by a rehearsed draft."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import storage.people
from care import protocol_drafts, protocols
from care.actors import RefusedError
from care.protocol_drafts import Draft, NotRehearsedError, OutdatedError, WeakenedError
from care.protocols import AlreadySignedError
from care.rehearsal import DAYS, rehearse
from care.triage import load_protocol
from care.triage.thresholds import BOUNDS
from handlers.buttons import Rows, pack
from handlers.desk import Visit
from handlers.language import _
from handlers.wording.protocols import (
    changes,
    number_label,
    numbers,
    rehearsal_words,
    share_line,
    signature,
    weakening,
)
from storage.tables import Clinic

Screen = tuple[str, Rows]
# How often a long rehearsal says how far it is (seconds).
SAY_EVERY = 3.0
NOTHING = "-"


async def protocol(visit: Visit) -> None:
    """/protocol, for all staff; admins change numbers, clinicians sign."""
    await visit.reply(*await _standing(visit))


async def tapped(visit: Visit) -> None:
    """Every button of the panel."""
    what = visit.tapped().word(0)
    if not visit.in_private:
        await visit.toast(_("Please send me that in our private chat."), alert=True)
        return
    actions = {
        "see": _see, "sign": _ask_to_sign, "signed": _sign, "edit": _edit, "up": _nudge,
        "down": _nudge, "try": _rehearse, "make": _make, "drop": _drop,
    }  # fmt: skip
    if what not in actions:
        raise RefusedError("no such button")
    try:
        await actions[what](visit)
    except OutdatedError:
        await visit.toast(_("Somebody changed this meanwhile. This is how it is now."), alert=True)
        await _edit(visit)


async def _clinic(visit: Visit) -> Clinic:
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
    if clinic is None:
        raise RefusedError("no such clinic")
    return clinic


async def _standing(visit: Visit) -> Screen:
    clinic = await _clinic(visit)
    async with visit.work.reading() as session:
        now = await protocols.in_force(session, clinic)
        shares = await protocols.shares(
            session, clinic.id or 0, datetime(1970, 1, 1, tzinfo=UTC), visit.work.clock.now()
        )
    lines = [signature(now), "", *numbers(now, load_protocol())]
    lines += ["", f"<b>{_('Closed alerts, by reason')}</b>"]
    lines += [share_line(share) for share in shares] or [_("None closed yet.")]
    rows = []
    if now.signed_by is None and "clinician" in visit.actor.roles:
        rows.append([(_("Sign version {n}").format(n=now.version), _pack("sign", now.version))])
    if visit.actor.is_admin:
        rows.append([(_("Change a number"), _pack("edit"))])
    return "\n".join(lines), rows


def _pack(what: str, first: int = 0, second: int = 0, name: str = NOTHING) -> str:
    return pack("pc", what, first, second, name)


async def _see(visit: Visit) -> None:
    await visit.edit(*await _standing(visit))


async def _ask_to_sign(visit: Visit) -> None:
    """What a signature says, before it is given."""
    version = visit.tapped().number(1)
    text = _(
        "You sign version {n} of the clinical protocol with your name. You have read the whole "
        "page (symptom-diary protocol show), its rules, texts and sources, and answer for its use "
        "with your patients."
    ).format(n=version)
    rows = [
        [(_("I sign version {n}").format(n=version), _pack("signed", version))],
        [(_("Not now"), _pack("see"))],
    ]
    await visit.edit(text, rows)


async def _sign(visit: Visit) -> None:
    version = visit.tapped().number(1)
    try:
        await protocols.sign(visit.work, visit.actor, version, role="clinician")
    except AlreadySignedError as error:
        await visit.toast(_("It is signed by {who} already.").format(who=error.by), alert=True)
    await _see(visit)


async def _edit(visit: Visit) -> None:
    await visit.edit(*_draft_screen(await protocol_drafts.open_draft(visit.work, visit.actor)))


async def _nudge(visit: Visit) -> None:
    button = visit.tapped()
    draft = await protocol_drafts.nudge(
        visit.work, visit.actor, button.number(1), button.number(2), button.word(3),
        up=button.word(0) == "up",
    )  # fmt: skip
    if draft.row.revision == button.number(2):
        await visit.toast(_("It takes no more and no less than that."))
    await visit.edit(*_draft_screen(draft))


def _draft_screen(draft: Draft) -> Screen:
    row = draft.row
    lines = [f"<b>{_('Draft of the next version')}</b>"]
    lines += changes(draft.differences) or [_("Nothing is changed yet.")]
    lines += weakening(draft.weakened)
    rows: list[list[tuple[str, str]]] = []
    for name, bounds in BOUNDS.items():
        if not bounds.fixed:
            value = f"{getattr(draft.then.thresholds, name):g}"
            rows.append([(f"{number_label(name)}: {value}", _pack("edit"))])
            rows.append(
                [
                    ("−", _pack("down", row.id or 0, row.revision, name)),
                    ("+", _pack("up", row.id or 0, row.revision, name)),
                ]
            )
    if draft.differences and not draft.weakened:
        tried = (_("Try it on the last {n} days").format(n=DAYS), _on(draft, "try"))
        rows.append([tried])
    rows.append([(_("Throw the draft away"), _on(draft, "drop"))])
    return "\n".join(lines), rows


def _on(draft: Draft, what: str) -> str:
    return _pack(what, draft.row.id or 0, draft.row.revision)


async def _rehearse(visit: Visit) -> None:
    """What the draft would have done; only then may it become a version."""
    button = visit.tapped()
    _person, clinic_id = visit.actor.staff()
    draft = await protocol_drafts.open_draft(visit.work, visit.actor)
    if (draft.row.id, draft.row.revision) != (button.number(1), button.number(2)):
        raise OutdatedError
    await visit.toast(_("I am going through the last {n} days.").format(n=DAYS))
    found = await rehearse(visit.work, clinic_id, draft.then, progress=_Saying(visit))
    await protocol_drafts.rehearsed(visit.work, visit.actor, button.number(1), button.number(2))
    lines = [f"<b>{_('Draft of the next version')}</b>", *changes(draft.differences), ""]
    number = draft.now.version + 1
    rows = [
        [(_("Make it version {n}").format(n=number), _on(draft, "make"))],
        [(_("Change a number"), _pack("edit")), (_("Throw the draft away"), _on(draft, "drop"))],
    ]
    await visit.edit("\n".join([*lines, rehearsal_words(found)]), rows)


@dataclass
class _Saying:
    """Tells how far a long rehearsal is, every few seconds."""

    visit: Visit
    said: float = field(default_factory=time.monotonic)

    async def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.said > SAY_EVERY:
            self.said = time.monotonic()
            percent = min(100, round(100 * done / max(total, 1)))
            await self.visit.edit(_("Judged again: {n} %").format(n=percent))


async def _make(visit: Visit) -> None:
    button = visit.tapped()
    try:
        made = await protocol_drafts.make(
            visit.work, visit.actor, button.number(1), button.number(2)
        )
    except WeakenedError as error:
        await visit.edit("\n".join(weakening(error.by)), [[(_("Change a number"), _pack("edit"))]])
        return
    except NotRehearsedError:
        await visit.toast(_("Try it on the last days first."), alert=True)
        return
    words = _(
        "Version {n} is in force for sessions recorded from now on. What runs keeps its version. "
        "Nobody has signed it yet."
    ).format(n=made.version)
    text, rows = await _standing(visit)
    await visit.edit(f"{words}\n\n{text}", rows)


async def _drop(visit: Visit) -> None:
    button = visit.tapped()
    await protocol_drafts.drop(visit.work, visit.actor, button.number(1), button.number(2))
    await visit.toast(_("The draft is gone. Nothing was changed."))
    await _see(visit)
