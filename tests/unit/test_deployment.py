"""The deployment files speak of what is there."""

import configparser
import re
import tomllib
from pathlib import Path

from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text()


def test_the_image_gets_every_package_and_nothing_that_is_not_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M)
    paths = [path for line in copied for path in line.split()]
    assert all((ROOT / path).exists() for path in paths)
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert set(wheel["targets"]["wheel"]["packages"]) <= set(paths)
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{path}" for path in paths} <= set(allowed)


def test_every_setting_in_the_deployment_files_is_one_that_exists() -> None:
    known = {name.upper() for name in Settings.model_fields}
    image = set(re.findall(r"\b([A-Z_]+)=", DOCKERFILE)) - {"PATH", "PYTHONUNBUFFERED"}
    service = set(re.findall(r"^      ([A-Z_]+):", COMPOSE, re.M))
    assert image <= known
    assert {name for name in service if not name.startswith("POSTGRES_")} <= known


def test_the_unit_starts_a_command_that_exists_and_gives_it_time_to_end() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(ROOT / "deploy" / "symptom-diary.service")
    program, command = unit["Service"]["ExecStart"].split()
    assert program.endswith("/symptom-diary")
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0
    assert int(unit["Service"]["TimeoutStopSec"]) > 25
    # Wrong settings must not become a crash loop.
    assert unit["Service"]["RestartPreventExitStatus"] == "2"
