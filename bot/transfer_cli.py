"""The commands that carry records and settings in and out."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import commands
from bot.settings import Settings, SettingsError, load_settings
from care.exports.fhir_codes import DEFAULT_BASE
from care.exports.formats import Format
from care.imports.moments import DayOrder

_DAY = ["%Y-%m-%d"]


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as error:
        commands.complain(str(error))
        raise typer.Exit(2) from None


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("export")(export)
    app.command("import-sessions")(import_sessions)
    app.add_typer(config, name="config")


def export(
    out: Annotated[Path, typer.Option("--out", help="a folder that does not exist yet")],
    style: Annotated[Format, typer.Option("--format", help="what to write")] = Format.csv,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="first day of sessions")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="last day of sessions")
    ] = None,
    names: Annotated[bool, typer.Option("--with-names", help="names and phones too")] = False,
    words: Annotated[bool, typer.Option("--with-words", help="what people wrote too")] = False,
    force: Annotated[bool, typer.Option("--force", help="replace an earlier export")] = False,
    bundles: Annotated[
        bool, typer.Option("--bundles", help="FHIR: transaction bundles, not lines")
    ] = False,
    validate: Annotated[
        bool, typer.Option("--validate", help="FHIR: check every resource before it is written")
    ] = False,
    base: Annotated[
        str, typer.Option("--base", help="FHIR: the address that ids and codes stand below")
    ] = DEFAULT_BASE,
) -> None:
    """Write the records as tidy CSV tables, or as FHIR R4B resources."""
    from bot import export_command

    options = export_command.Options(
        out, style, export_command.day(since), export_command.day(until),
        names, words, force, bundles, validate, base,
    )  # fmt: skip
    raise typer.Exit(asyncio.run(export_command.run(_settings(), options)))


def import_sessions(
    file: Annotated[Path, typer.Argument(help="a CSV file with a line for each session")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only say what would be recorded")
    ] = False,
    mapped: Annotated[
        list[str] | None, typer.Option("--map", help="COLUMN=FIELD, as often as needed")
    ] = None,
    order: Annotated[
        DayOrder | None, typer.Option("--dates", help="what 03/04/2026 begins with")
    ] = None,
    bot: Annotated[str, typer.Option("--bot", help="the bot's name, for links")] = "",
    clinic: Annotated[int | None, typer.Option("--clinic", help="the clinic's number")] = None,
) -> None:
    """Record the sessions of a file; those that are there already are not recorded again."""
    from bot import import_command

    mapping = {}
    for pair in mapped or ():
        column, equals, field = pair.rpartition("=")
        if not equals or not column.strip():
            commands.complain(f"--map takes COLUMN=FIELD, such as Besuch=visit_id, not {pair}.")
            raise typer.Exit(2)
        mapping[column.strip()] = field.strip()
    options = import_command.Options(file, mapping, dry_run, order, bot, clinic)
    raise typer.Exit(asyncio.run(import_command.run(_settings(), options)))


config = typer.Typer(help="The clinic's settings as one file.", no_args_is_help=True)


@config.command("export")
def config_export(
    file: Annotated[Path | None, typer.Argument(help="a new file; without it, the screen")] = None,
) -> None:
    """Write the clinic's settings as TOML."""
    from bot import config_command

    raise typer.Exit(asyncio.run(config_command.export(_settings(), file)))


@config.command("import")
def config_import(
    file: Annotated[Path, typer.Argument(help="a TOML file")],
    yes: Annotated[bool, typer.Option("--yes", help="apply what it changes")] = False,
) -> None:
    """Show what a file would change, and apply it with --yes."""
    from bot import config_command

    raise typer.Exit(asyncio.run(config_command.import_(_settings(), file, yes=yes)))
