"""Telegram's command menu: each role sees its own commands."""

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from handlers.language import N_, _, languages, speaking

PATIENT = (
    ("report", N_("Report a problem")),
    ("diary", N_("A picture of your answers")),
    ("pause", N_("No questions for a week")),
    ("resume", N_("Questions again")),
    ("timezone", N_("What time is it for you?")),
    ("language", N_("Language")),
    ("privacy", N_("What is stored")),
    ("mydata", N_("A file of your data")),
    ("deleteme", N_("Delete your data")),
    ("stop", N_("No more questions")),
    ("help", N_("What you can do here")),
)
STAFF = (
    ("session", N_("Record a session")),
    ("alerts", N_("Open alerts")),
    ("patients", N_("Patients")),
    ("patient", N_("One patient, by code")),
    ("duty", N_("On or off duty")),
    ("protocol", N_("The clinical protocol")),
    ("language", N_("Language")),
    ("help", N_("What you can do here")),
)
ADMIN = (
    *STAFF,
    ("invite", N_("Invite a colleague")),
    ("team", N_("Who is told, who is away")),
    ("status", N_("How the bot is doing")),
    ("schedule", N_("When patients are asked")),
    ("settings", N_("Name, phone, time zone, hours")),
    ("import", N_("Sessions from a file")),
    ("export", N_("Records as a file")),
    ("drill", N_("Rehearse an alert")),
    ("audit", N_("Who did what")),
)

Menu = tuple[tuple[str, str], ...]


def _commands(menu: Menu) -> list[BotCommand]:
    return [BotCommand(name, _(words)) for name, words in menu]


async def publish(bot: Bot) -> None:
    """Everyone's menu is the patients', in the language of their Telegram; staff get theirs when
    they start the bot.
    """
    for code in languages():
        with speaking(code):
            await bot.set_my_commands(
                _commands(PATIENT),
                scope=BotCommandScopeAllPrivateChats(),
                language_code=None if code == "en" else code,
            )


async def publish_for_patient(bot: Bot, chat_id: int) -> None:
    """The patients' menu of one chat, in the language that is spoken now."""
    await bot.set_my_commands(_commands(PATIENT), scope=BotCommandScopeChat(chat_id))


async def publish_for_staff(bot: Bot, chat_id: int, *, admin: bool) -> None:
    """The menu of one member of staff, in their private chat and the language spoken now."""
    menu = ADMIN if admin else STAFF
    await bot.set_my_commands(_commands(menu), scope=BotCommandScopeChat(chat_id))
