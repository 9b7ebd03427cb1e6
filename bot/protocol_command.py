"""`symptom-diary protocol …`: the clinical protocol shown."""

import typer
from rich.console import Console
from rich.table import Table

from care.triage import load_protocol

app = typer.Typer(help="The clinical protocol.", no_args_is_help=True)
out = Console()


@app.command("show")
def show() -> None:
    """Print every rule of the clinical protocol, and whether it is signed."""
    protocol = load_protocol(1)
    signed = f"signed by {protocol.signed_by}" if protocol.signed_by else "NOT SIGNED"
    title = f"Version {protocol.version}: {signed}"
    table = Table("Rule", "Level", "Headline", "Source", title=title)
    for rule in protocol.rules.values():
        table.add_row(rule.id, rule.level.value, rule.headline, ", ".join(rule.source))
    out.print(table)
