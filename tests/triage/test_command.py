"""`symptom-diary triage --jsonl`: one verdict a line, and a bad line hurts nobody else."""

import io
import json

import pytest

from bot.triage_command import triage_lines

EXAMPLE = (
    '{"id":1,"hours":48,"pain_before":5,"regions":["limb"],"risks":[],"answers":{"danger":"none","pain":3,'
    '"soreness":"mild","bruising":"none","new":["skin"],"skin_signs":["hot"]},"previous":null}'
)


def judged(*lines: str) -> tuple[int, list[dict]]:
    sink = io.StringIO()
    code = triage_lines(io.StringIO("\n".join(lines) + "\n"), sink)
    return code, [json.loads(line) for line in sink.getvalue().splitlines()]


def test_the_documented_example_is_urgent_by_the_infection_rule() -> None:
    assert judged(EXAMPLE) == (0, [{"id": 1, "level": "urgent", "rules": ["U1"]}])


def test_no_rule_is_n1() -> None:
    assert judged('{"id":"x","hours":24,"answers":{}}') == (
        0,
        [{"id": "x", "level": "none", "rules": ["N1"]}],
    )


@pytest.mark.parametrize(
    "bad",
    [
        "not json", "[]", "3", '{"id":9}', '{"id":9,"hours":-1}', '{"id":9,"hours":NaN}',
        '{"id":9,"hours":true}', '{"id":9,"hours":"24"}', '{"id":9,"hours":24,"risk":["bleed"]}',
        '{"id":9,"hours":24,"risks":["rain"]}', '{"id":9,"hours":24,"regions":"limb"}',
        '{"id":9,"hours":24,"pain_before":11}', '{"id":9,"hours":24,"answers":{"pain":true}}',
        '{"id":9,"hours":24,"answers":{"pain":"3"}}', '{"id":9,"hours":24,"answers":{"new":"skin"}}',
        '{"id":9,"hours":24,"answers":{"mood":"good"}}', '{"id":9,"hours":24,"previous":{"pain":12}}',
        '{"id":9,"hours":24,"previous":{"soreness":"bad"}}', '{"id":9,"hours":24,"worried":"no"}',
        '{"id":9,"hours":24,"timed_out":["lunch"]}', '{"id":9,"hours":24,"answers":[]}',
        '{"id":9,"hours":1e999}', '{"id":9,"hours":24,"answers":{"danger":["none"]}}',
        '{"id":9,"hours":24,"risks":[["bleed"]]}',
    ],
)  # fmt: skip
def test_a_bad_line_gives_an_error_and_the_others_are_judged(bad: str) -> None:
    code, (first, second, third) = judged(EXAMPLE, bad, EXAMPLE)
    assert code == 1
    assert first == third == {"id": 1, "level": "urgent", "rules": ["U1"]}
    assert set(second) == {"id", "error"}
    assert second["error"]


def test_null_means_unknown_and_blank_lines_are_passed_over() -> None:
    line = '{"id":2,"hours":24,"pain_before":null,"regions":null,"risks":null,"high_risk":null,"answers":{"pain":null},"previous":null,"worried":null,"timed_out":null}'
    assert judged("", line, "  ") == (0, [{"id": 2, "level": "none", "rules": ["N1"]}])


def test_follow_ups_of_a_parent_that_does_not_ask_are_ignored() -> None:
    line = '{"id":3,"hours":24,"regions":["limb"],"answers":{"danger":"none","danger_signs":["saddle"],"new":["none"],"skin_signs":["pus"]},"timed_out":["danger_signs","skin_signs"]}'
    assert judged(line)[1][0]["rules"] == ["N1"]


def test_answers_go_out_as_they_come_in() -> None:
    sink = io.StringIO()

    def lines():
        yield EXAMPLE + "\n"
        assert sink.getvalue().count("\n") == 1
        yield EXAMPLE + "\n"

    triage_lines(lines(), sink)
