"""The command line: one command for each thing an operator does."""

# Before anything imports telegram.
import bot.environment  # isort: skip  # noqa: F401

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import commands, protocol_command, transfer_cli
from bot.settings import Settings, SettingsError, load_settings

app = typer.Typer(
    help="A symptom diary on Telegram for the days after a dry-needling session.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
errors = Console(stderr=True)


def _settings() -> Settings:
    """The settings, or exit code 2 with one sentence for each that is wrong."""
    try:
        return load_settings()
    except SettingsError as error:
        commands.complain(str(error))
        raise typer.Exit(2) from None


@app.command()
def run() -> None:
    """Run the bot on Telegram."""
    from bot import run_command

    raise typer.Exit(run_command.run(_settings()))


@app.command()
def demo(
    play: Annotated[bool, typer.Option("--play", help="play two patients and exit")] = False,
    port: Annotated[int, typer.Option(help="port of the page")] = 8765,
) -> None:
    """Start simulated Telegram, the bot and the page: no token, no account, no network."""
    from bot import demo as demonstration

    raise typer.Exit(asyncio.run(demonstration.main(play=play, port=port)))


@app.command()
def check() -> None:
    """Say what is wrong before a patient does."""
    from bot import check_command, checks

    try:
        settings = load_settings()
    except SettingsError as error:
        raise typer.Exit(check_command.report(checks.of_settings(error))) from None
    raise typer.Exit(check_command.check(settings))


@app.command()
def migrate() -> None:
    """Bring the database to the shape this version needs."""
    raise typer.Exit(commands.migrate_database(_settings()))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="where to")],
    force: Annotated[bool, typer.Option("--force", help="replace a file that is there")] = False,
) -> None:
    """Save everything into one file, while the bot runs."""
    from bot import backup_command

    raise typer.Exit(backup_command.backup(_settings(), file, force=force))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="a file that backup made")],
    force: Annotated[bool, typer.Option("--force", help="replace what is there")] = False,
) -> None:
    """Fill the database from a backup, also one made on the other kind of database."""
    from bot import backup_command

    raise typer.Exit(backup_command.restore(_settings(), file, force=force))


@app.command()
def triage(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="one JSON object a line")] = False,
) -> None:
    """Judge answer sets from standard input by the clinical rules."""
    from bot.triage_command import triage_lines

    if not jsonl:
        errors.print("symptom-diary triage reads JSON lines: give --jsonl")
        raise typer.Exit(2)
    raise typer.Exit(triage_lines(sys.stdin, sys.stdout))


@app.command("read-notes")
def read_notes(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="one JSON object a line")] = False,
) -> None:
    """Read patients' notes from standard input for signs of infection, nerve or danger."""
    from bot.read_notes_command import read_lines

    if not jsonl:
        errors.print("symptom-diary read-notes reads JSON lines: give --jsonl")
        raise typer.Exit(2)
    raise typer.Exit(read_lines(sys.stdin, sys.stdout))


transfer_cli.register(app)

keys = typer.Typer(help="Encryption keys.", no_args_is_help=True)
app.add_typer(keys, name="keys")


@keys.command("new")
def keys_new() -> None:
    """Print a new key for ENCRYPTION_KEYS."""
    raise typer.Exit(commands.new_key())


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal everything anew with the first key; the running bot must know all of them already."""
    from bot import keys_command

    raise typer.Exit(keys_command.rotate_keys(_settings()))


audit = typer.Typer(help="The audit chain.", no_args_is_help=True)
app.add_typer(audit, name="audit")


@audit.command("verify")
def audit_verify(
    file: Annotated[Path | None, typer.Argument(help="An exported chain.")] = None,
) -> None:
    """Walk the audit chain, or an exported one, and name the first line that was changed."""
    from bot import audit_command

    if file is not None:
        raise typer.Exit(audit_command.verify_file(file))
    raise typer.Exit(audit_command.verify_audit(_settings()))


@audit.command("export")
def audit_export(
    file: Annotated[Path, typer.Argument(help="Where to write the chain.")],
) -> None:
    """Write the audit chain to a new file, an entry a line, by codes only."""
    from bot import audit_command

    raise typer.Exit(audit_command.export_audit(_settings(), file))


app.add_typer(protocol_command.app, name="protocol")


@protocol_command.app.command("sign")
def protocol_sign(
    name: Annotated[str, typer.Option(help="The clinician who signs, for example 'Dr Lee'.")],
    role: Annotated[str, typer.Option(help="What they are, for example physiotherapist.")],
) -> None:
    """Sign the protocol version in force; read it first with `protocol show`."""
    from bot import protocol_versions_command

    raise typer.Exit(protocol_versions_command.sign(_settings(), name, role))


@protocol_command.app.command("rehearse")
def protocol_rehearse(
    changes: Annotated[
        list[str], typer.Option("--set", help="A number and its value, like high_pain=6.")
    ],
    days: Annotated[int, typer.Option(min=1, max=730, help="How far back.")] = 90,
) -> None:
    """Print what other numbers in the rules would have done to the alerts of the last days."""
    from bot import protocol_versions_command

    raise typer.Exit(protocol_versions_command.rehearse_changes(_settings(), changes, days))


def main() -> None:
    """The entry point of `symptom-diary`."""
    app()
