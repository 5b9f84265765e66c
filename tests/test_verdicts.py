"""Findings become one verdict; values are shown so that they fit a line."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.json_text import ABSENT, parse
from conformance.requirements import Level, registry
from conformance.verdicts import (
    HELD,
    Finding,
    Judgement,
    Result,
    Verdict,
    broken,
    exit_status,
    fold,
    gathered,
    holds,
    show,
)

ROW = registry()["REST-SHAPE-03"]
BREACH = Finding(held=False, seen="1", expected="2", pointer="/a", step=3)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (ABSENT, "(absent)"),
        ("word", '"word"'),
        ("two words", "two words"),
        ("{a b", '"{a b"'),
        ("", '""'),
        (None, "null"),
        (True, "true"),
        (Decimal("1.50"), "1.50"),
        ({"a": [1, "é"]}, '{"a":[1,"é"]}'),
        ({"a": ABSENT}, "{'a': (absent)}"),
        ({1, 2}, "{1, 2}"),
        (float("nan"), "nan"),
        ("two\nlines \x1b[31m\u202e\x9b", "two\\u000alines \\u001b[31m\\u202e\\u009b"),
        (parse(r'"\ud800 x"'), "\ufffd x"),
    ],
)
def test_a_value_is_shown_as_one_line(value: Any, shown: str) -> None:
    assert show(value) == shown


@given(st.text(st.characters()))
def test_no_text_steers_a_terminal_or_cannot_be_written(text: str) -> None:
    shown = show(f"{text} ")
    assert shown.isprintable()
    assert shown.encode()


def test_a_long_value_is_cut_and_says_how_long_it_was() -> None:
    assert show(["x" * 1000]) == '["' + "x" * 298 + "… (1004 characters)"
    assert show("x" * 298) == '"' + "x" * 298 + '"'


def test_a_breach_has_both_values() -> None:
    assert holds(0, seen=1, expected=2, pointer="/a", step=3) == BREACH
    assert broken(1, 2, "/a", 3) == BREACH
    assert holds([1], seen=1, expected=2) is HELD


def test_findings_are_counted_and_breaches_kept() -> None:
    assert gathered([HELD, BREACH, HELD]) == Judgement(3, (BREACH,))
    assert gathered([BREACH], "s") == Judgement(1, (replace(BREACH, scenario="s"),))
    assert gathered([]) == Judgement()


def test_judgements_add_up() -> None:
    first, second = Judgement(1, (BREACH,), None), Judgement(2, (), "crash")
    assert first + second == Judgement(3, (BREACH,), "crash")
    assert Judgement(crash="first") + second == Judgement(2, (), "first")


@pytest.mark.parametrize(
    ("level", "verdict"),
    [(Level.MUST, Verdict.FAIL), (Level.SHOULD, Verdict.WARN), (Level.MAY, Verdict.INFO)],
)
def test_a_breach_counts_by_level(level: Level, verdict: Verdict) -> None:
    row = replace(ROW, level=level)
    assert fold(row, Judgement(2, (BREACH,)), "") == Result(row, verdict, None, 2, (BREACH,))


def test_a_crash_of_ours_is_an_error_whatever_was_found() -> None:
    judgement = Judgement(2, (BREACH,), "it broke")
    assert fold(ROW, judgement, "") == Result(ROW, Verdict.ERROR, "it broke", 2)


def test_what_held_passes_and_what_was_never_judged_is_not_tested() -> None:
    assert fold(ROW, Judgement(1), "why") == Result(ROW, Verdict.PASS, None, 1)
    assert fold(ROW, Judgement(), "why") == Result(ROW, Verdict.NOT_TESTED, "why")


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([Verdict.PASS], 0),
        ([Verdict.PASS, Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE], 0),
        ([Verdict.WARN, Verdict.INFO, Verdict.EXPECTED_FAILURE], 0),
        ([Verdict.PASS, Verdict.FAIL], 1),
        ([Verdict.STALE_EXPECTATION], 1),
        ([Verdict.FAIL, Verdict.ERROR], 3),
        ([Verdict.NOT_TESTED], 5),
        ([], 5),
    ],
)
def test_the_exit_status_is_that_of_the_gravest_verdict(
    verdicts: list[Verdict], status: int
) -> None:
    unjudged = {Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE}
    results = [Result(ROW, one, judged=0 if one in unjudged else 1) for one in verdicts]
    assert exit_status(results) == status
