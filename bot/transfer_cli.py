"""The commands that carry records and settings in and out."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import commands
from bot.export_command import Format
from bot.settings import Settings, SettingsError, load_settings
from care.exports.fhir_codes import DEFAULT_BASE

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
