"""`symptom-diary read-notes --jsonl`: one reading a line, and a bad line hurts nobody else."""

import io
import json
import subprocess
import sys

import pytest

from bot.read_notes_command import read_lines

EXAMPLE = '{"id":1,"text":"No fever, but my foot is numb","lang":"en"}'
READ = {
    "id": 1,
    "infection": False,
    "nerve": True,
    "emergency": False,
    "spans": [
        {"start": 3, "end": 8, "text": "fever", "sign": "infection", "counts": False, "why": "negated by 'No'"},
        {"start": 17, "end": 29, "text": "foot is numb", "sign": "nerve", "counts": True, "why": "present, and the writer's own"},
    ],
}  # fmt: skip


def answered(*lines: str) -> tuple[int, list[dict]]:
    sink = io.StringIO()
    code = read_lines(io.StringIO("\n".join(lines) + "\n"), sink)
    return code, [json.loads(line) for line in sink.getvalue().splitlines()]


def test_a_line_tells_the_signs_and_what_was_read_and_why() -> None:
    assert answered(EXAMPLE) == (0, [READ])


@pytest.mark.parametrize("lang", ["null", '"xx"', '""'])
def test_a_language_that_is_missing_or_unknown_is_read_as_both(lang: str) -> None:
    code, (first, second) = answered(
        f'{{"id":1,"text":"tengo fiebre","lang":{lang}}}', f'{{"text":"i am numb","lang":{lang}}}'
    )
    assert (code, first["infection"], second["nerve"], second["id"]) == (0, True, True, None)


@pytest.mark.parametrize(
    "bad",
    [
        "not json", "[]", "3", "null", '{"id":9}', '{"id":9,"text":null}', '{"id":9,"text":3}',
        '{"id":9,"text":["a"]}', '{"id":9,"text":"a","lang":3}', '{"id":9,"text":"a","note":"b"}',
        '{"id":9,"text":"a","text":"numb"}', '{"id":NaN,"text":"a"}', "[" * 100_000, "\ud800",
    ],
)  # fmt: skip
def test_a_bad_line_gives_an_error_and_the_others_are_read(bad: str) -> None:
    code, (first, second, third) = answered(EXAMPLE, bad, EXAMPLE)
    assert code == 1
    assert first == third == READ
    assert set(second) == {"id", "error"}
    assert second["error"]


def test_lone_surrogates_and_huge_notes_are_read() -> None:
    long = "fine, " * 50_000 + "numb foot"
    code, (odd, huge) = answered('{"text":"\\ud800 fever"}', json.dumps({"text": long}))
    assert (code, odd["infection"], huge["nerve"]) == (0, True, True)


def test_the_command_takes_bytes_that_are_no_utf8() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "read-notes", "--jsonl"],
        input=b'{"id":1,"text":"\xff"}\n{"id":2,"text":"me falta el aire","lang":"es"}\n',
        capture_output=True,
        check=False,
    )
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (done.returncode, second["emergency"]) == (1, True)
    assert first["error"] == "this line is not UTF-8 text"


def test_without_jsonl_it_says_what_it_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "read-notes"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"--jsonl" in done.stderr
