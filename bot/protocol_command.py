"""`symptom-diary protocol …`: the clinical protocol shown, and tried on invented patients."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from care.triage import load_protocol

app = typer.Typer(help="The clinical protocol.", no_args_is_help=True)
out = Console()
errors = Console(stderr=True)


class RateChoice(StrEnum):
    """How often invented patients report something."""

    low = "low"
    central = "central"
    high = "high"
    all = "all"


@app.command("show")
def show(
    markdown: Annotated[bool, typer.Option("--markdown", help="as Markdown, to a file")] = False,
    shipped: Annotated[bool, typer.Option("--shipped", help="not the clinic's version")] = False,
) -> None:
    """Print the whole clinical protocol: rules, questions, texts, sources, and if it is signed.

    The clinic's version in force, where DATABASE_URL leads to one; else the version shipped.
    """
    from rich.markdown import Markdown

    from bot.protocol_page import page
    from bot.protocol_versions_command import in_force_here

    text = page(load_protocol() if shipped else in_force_here())
    if markdown:
        typer.echo(text, nl=False)
    else:
        out.print(Markdown(text))


@app.command("simulate")
def simulate(
    sessions: Annotated[int, typer.Option(min=1, help="invented sessions a rate")] = 10_000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same patients")] = 1,
    rates: Annotated[RateChoice, typer.Option(help="how often they report")] = RateChoice.central,
) -> None:
    """Print how often the rules alarm on invented patients, beside what was expected."""
    from bot import simulate_command

    chosen = ("central", "low", "high") if rates is RateChoice.all else (rates.value,)
    protocol = load_protocol(1)
    with Progress(console=errors, transient=True) as progress:
        counts = {
            rate: simulate_command.run(protocol, sessions, seed, rate, progress) for rate in chosen
        }
    for table in simulate_command.tables(counts):
        out.print(table)
    out.print(simulate_command.remarks(counts, sessions, seed, protocol), markup=False)
