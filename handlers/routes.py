"""The routing table: everything the bot reacts to, in the order it is tried."""

from dataclasses import dataclass
from typing import Any

from telegram.ext import filters

from handlers import fallback, helping
from handlers.admins import (
    auditing,
    drill,
    exporting,
    group,
    importing,
    inviting,
    protocol,
    schedule,
    settings,
    status,
    team,
)
from handlers.clinicians import alerts, duty, forgotten, letters, links, patients, recording
from handlers.desk import Audience, Serve
from handlers.patients import checkin, diary, joining, menu, phone, rights, shared

PRIVATE = filters.ChatType.PRIVATE


@dataclass(frozen=True)
class Route:
    """One line: for whom, what is done, and what sets it off (exactly one of the rest)."""

    audience: Audience
    handler: Serve
    command: str | None = None
    verbs: tuple[str, ...] = ()
    filter: Any = None
    member: bool = False
    any_button: bool = False


ROUTES: tuple[Route, ...] = (
    # Coming in.
    Route(Audience.anyone, joining.start, command="start"),
    Route(Audience.anyone, joining.agree, verbs=("j", "ja")),
    Route(Audience.anyone, joining.in_language, verbs=("jl",)),
    Route(Audience.anyone, joining.decline, verbs=("n",)),
    Route(Audience.anyone, helping.help_, command="help"),
    Route(Audience.anyone, menu.privacy, command="privacy"),
    Route(Audience.anyone, rights.language, command="language"),
    Route(Audience.anyone, rights.set_language, verbs=("lg",)),
    # Patients, in a check-in.
    Route(Audience.patients, checkin.answer, verbs=("a",)),
    Route(Audience.patients, checkin.tick, verbs=("t",)),
    Route(Audience.patients, checkin.done, verbs=("d",)),
    Route(Audience.patients, checkin.show_list, verbs=("l",)),
    Route(Audience.patients, checkin.show_question, verbs=("q",)),
    Route(Audience.patients, checkin.change, verbs=("c",)),
    Route(Audience.patients, checkin.go_on, verbs=("g",)),
    Route(Audience.patients, checkin.getting_help, verbs=("h",)),
    Route(Audience.patients, checkin.mistake, verbs=("m",)),
    Route(Audience.patients, checkin.worried, verbs=("w",)),
    Route(Audience.patients, checkin.report, verbs=("r",)),
    Route(Audience.patients, checkin.remind, verbs=("rm",)),
    # Patients, at any time.
    Route(Audience.patients, menu.worried, verbs=("wp",)),
    Route(Audience.patients, menu.report, command="report"),
    Route(Audience.patients, diary.diary, command="diary"),
    Route(Audience.patients, diary.tapped, verbs=("di",)),
    Route(Audience.patients, rights.my_data, command="mydata"),
    Route(Audience.patients, rights.delete_me, command="deleteme"),
    Route(Audience.patients, rights.chosen, verbs=("dm",)),
    Route(Audience.patients, rights.confirmed, verbs=("dy",)),
    Route(Audience.patients, rights.kept, verbs=("dn",)),
    Route(Audience.patients, menu.stop, command="stop"),
    Route(Audience.patients, menu.pause, command="pause"),
    Route(Audience.patients, menu.resume, command="resume"),
    Route(Audience.patients, shared.tapped, verbs=("fw",)),
    Route(Audience.patients, shared.note_for, verbs=("nw",)),
    Route(Audience.patients, menu.set_timezone, command="timezone"),
    Route(Audience.patients, menu.shift_timezone, verbs=("z",)),
    Route(Audience.patients, phone.shared, filter=PRIVATE & filters.CONTACT),
    # Clinicians.
    Route(Audience.staff, recording.start, command="session"),
    Route(Audience.staff, recording.tapped, verbs=("s",)),
    Route(Audience.staff, recording.change, verbs=("se",)),
    Route(Audience.staff, alerts.acknowledge, verbs=("k", "kg")),
    Route(Audience.staff, alerts.details, verbs=("kd",)),
    Route(Audience.staff, alerts.hand_over, verbs=("ko",)),
    Route(Audience.staff, alerts.hand_to, verbs=("kt",)),
    Route(Audience.staff, alerts.close, verbs=("kc",)),
    Route(Audience.staff, alerts.outcome, verbs=("kx",)),
    Route(Audience.staff, alerts.closed, verbs=("ky",)),
    Route(Audience.staff, forgotten.still_on_it, verbs=("ks",)),
    Route(Audience.staff, forgotten.add_note, verbs=("kn",)),
    Route(Audience.staff, alerts.open_alerts, command="alerts"),
    Route(Audience.staff, alerts.show, verbs=("al",)),
    Route(Audience.staff, duty.duty, command="duty"),
    Route(Audience.staff, duty.tapped, verbs=("u",)),
    Route(Audience.staff, links.new_link, verbs=("nl",)),
    Route(Audience.staff, links.not_my_patient, verbs=("np",)),
    Route(Audience.staff, patients.patients, command="patients"),
    Route(Audience.staff, patients.page, verbs=("pl",)),
    Route(Audience.staff, patients.patient, command="patient"),
    Route(Audience.staff, patients.view, verbs=("pv",)),
    Route(Audience.staff, patients.details, verbs=("pd",)),
    Route(Audience.staff, letters.send, verbs=("ms",)),
    Route(Audience.staff, letters.keep, verbs=("mk",)),
    # Who is no staff talks in the group as they like: no audience, no refusal.
    Route(
        Audience.anyone,
        letters.replied_in_group,
        filter=filters.ChatType.GROUPS & filters.REPLY & filters.TEXT & ~filters.COMMAND,
    ),
    # Admins.
    Route(Audience.admins, inviting.invite, command="invite"),
    Route(Audience.admins, inviting.tapped, verbs=("iv",)),
    Route(Audience.admins, status.status, command="status"),
    Route(Audience.admins, status.refresh, verbs=("sr",)),
    Route(Audience.admins, settings.settings, command="settings"),
    Route(Audience.admins, settings.ask, verbs=("st",)),
    Route(Audience.admins, settings.consent, verbs=("cn",)),
    Route(Audience.admins, schedule.schedule, command="schedule"),
    Route(Audience.admins, schedule.tapped, verbs=("sc",)),
    Route(Audience.admins, team.team, command="team"),
    Route(Audience.admins, team.tapped, verbs=("tm",)),
    Route(Audience.admins, team.days_tapped, verbs=("td",)),
    Route(Audience.admins, team.minutes_tapped, verbs=("tt",)),
    Route(Audience.admins, importing.start, command="import"),
    Route(Audience.admins, importing.tapped, verbs=("im",)),
    Route(Audience.admins, exporting.start, command="export"),
    Route(Audience.admins, exporting.tapped, verbs=("ex",)),
    Route(Audience.staff, protocol.protocol, command="protocol"),
    Route(Audience.staff, protocol.tapped, verbs=("pc",)),
    Route(Audience.admins, auditing.audit, command="audit"),
    Route(Audience.admins, auditing.tapped, verbs=("au",)),
    Route(Audience.admins, drill.drill, command="drill"),
    Route(Audience.admins, drill.tapped, verbs=("dr",)),
    Route(Audience.admins, group.link, verbs=("gl",)),
    Route(Audience.anyone, group.member_changed, member=True),
    Route(Audience.anyone, group.moved, filter=filters.StatusUpdate.MIGRATE),
    # Whatever is left: never silence in a private chat.
    Route(Audience.anyone, fallback.unknown_button, any_button=True),
    Route(Audience.anyone, fallback.unknown_command, filter=PRIVATE & filters.COMMAND),
    Route(Audience.anyone, fallback.anything, filter=PRIVATE & ~filters.StatusUpdate.ALL),
)
