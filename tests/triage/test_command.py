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
        '{"id":9,"hours":24,"risks":[["bleed"]]}', '{"id":9,"hours":24,"answers":{"danger":[]}}',
        '{"id":9,"hours":24,"answers":{"skin_sign":null}}', '{"id":9,"hours":24,"answers":{"new":{"skin":1}}}',
        '{"id":9,"hours":24,"answers":{"pain":3.0}}', '{"id":9,"hours":24,"previous":{"pains":3}}',
        '{"id":9,"hours":24,"previous":[]}', '{"id":9,"hours":24,"pain_before":true}',
        '{"id":9,"hours":1' + "0" * 400 + "}", '{"id":9,"hours":1' + "0" * 5000 + "}",
        '{"id":NaN,"hours":24}', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_bad_line_gives_an_error_and_the_others_are_judged(bad: str) -> None:
    code, (first, second, third) = judged(EXAMPLE, bad, EXAMPLE)
    assert code == 1
    assert first == third == {"id": 1, "level": "urgent", "rules": ["U1"]}
    assert set(second) == {"id", "error"}
    assert second["error"]


def test_a_bad_line_keeps_its_id_where_it_can_be_read() -> None:
    assert judged('{"id":9,"hours":NaN}')[1][0]["id"] == 9
    assert judged('{"id":"a-9","hours":24,"risk":[]}')[1][0]["id"] == "a-9"
    assert judged('{"id":9,')[1][0]["id"] is None


def test_a_key_given_twice_is_refused_for_the_danger_it_may_hide() -> None:
    code, (found,) = judged('{"id":9,"hours":24,"answers":{"danger":"yes","danger":"none"}}')
    assert (code, found["id"]) == (1, 9)
    assert "'danger' stands twice" in found["error"]


def test_an_error_names_what_is_wrong() -> None:
    line = '{"id":9,"hours":24,"answers":{"new":["skin","moon"]}}'
    assert judged(line)[1][0]["error"].startswith("new takes any of none, skin, numb")


def test_bytes_that_are_no_utf_8_spoil_their_own_line_only() -> None:
    good = EXAMPLE.encode()
    source = io.TextIOWrapper(io.BytesIO(good + b"\n\xff\xfe\n" + good), encoding="ascii")
    sink = io.StringIO()
    assert triage_lines(source, sink) == 1
    found = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert [one.get("level") for one in found] == ["urgent", None, "urgent"]


def test_any_id_comes_back_through_a_terminal_that_knows_ascii_only() -> None:
    sink = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    lines = [
        '{"id":"Zoë","hours":24}\n',
        '{"id":"\\ud800","hours":24}\n',
        '{"id":[1,{}],"hours":24}\n',
    ]
    assert triage_lines(iter(lines), sink) == 0
    sink.seek(0)
    assert [json.loads(line)["id"] for line in sink] == ["Zoë", "\ud800", [1, {}]]


def test_an_empty_list_is_as_unknown_as_an_absent_one_and_repeated_ticks_count_once() -> None:
    empty = '{"id":4,"hours":24,"regions":["limb"],"answers":{"new":["skin"],"skin_signs":[]}}'
    twice = '{"id":5,"hours":24,"regions":["limb"],"answers":{"new":["skin","skin"],"skin_signs":["small_spot","small_spot"]}}'
    assert [found["rules"] for found in judged(empty, twice)[1]] == [["W3"], ["W3"]]


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
