"""The report as lines: evidence for what is broken, honest counts for the rest."""

from dataclasses import replace
from typing import Any

from conformance.capabilities import ABOUT_SDK
from conformance.plan import NOT_BUILT
from conformance.report.model import Evidence, curl
from conformance.report.terminal import finding_lines, listing, result_lines, table_lines
from conformance.requirements import Level, Requirement, registry
from conformance.testing import exchange, transcript
from conformance.verdicts import Finding, Result, Verdict


def unkept(
    seen: str, expected: str = "", pointer: str = "", step: int | None = None, scenario: str = ""
) -> Finding:
    return Finding(False, seen, expected, pointer, step, scenario)  # noqa: FBT003


ROW = replace(registry()["REST-SHAPE-03"], id="A", text="It holds.", source=("seed", "derived"))
GET = exchange("GET", "/batches/b", {})
EVIDENCE = Evidence([transcript(GET, scenario="s")])
BREACH = unkept("1", "2", "/a", 1, "s")
FAILED = Result(ROW, Verdict.FAIL, None, 9, (BREACH,))


def row(name: str, **more: Any) -> Requirement:
    return replace(ROW, id=name, **more)


def test_a_breach_shows_both_values_its_place_and_how_to_see_it_again() -> None:
    assert list(finding_lines(FAILED, BREACH, EVIDENCE, "run")) == [
        "  seen      1",
        "  expected  2",
        "  at        s: exchange 1, GET http://gateway.test/v1/batches/b, /a",
        f"  curl      {curl(GET.request)}",
        "  again     conformance judge run/s.json --only A",
    ]


def test_a_breach_of_the_whole_transcript_has_no_exchange() -> None:
    whole = unkept("nothing", "", "", None, "s")
    assert list(finding_lines(FAILED, whole, EVIDENCE, None)) == [
        "  seen      nothing",
        "  at        s: the whole transcript",
        "  again     conformance judge DIR/s.json --only A",
    ]


def test_a_broken_requirement_shows_promise_evidence_and_source() -> None:
    lines = list(result_lines(FAILED, EVIDENCE, "run"))
    assert lines[0] == "FAIL A (MUST) It holds."
    assert lines[1:6] == list(finding_lines(FAILED, BREACH, EVIDENCE, "run"))
    assert lines[6:] == ["  source    seed; derived", "  explain   conformance explain A"]


def test_a_reason_stands_before_the_evidence() -> None:
    crashed = Result(ROW, Verdict.ERROR, "the check broke")
    assert list(result_lines(crashed, EVIDENCE, None))[:2] == [
        "ERROR A (MUST) It holds.",
        "  reason    the check broke",
    ]


def test_five_breaches_are_shown_and_the_rest_is_counted() -> None:
    def shown(count: int) -> tuple[int, list[str]]:
        lines = list(result_lines(replace(FAILED, findings=(BREACH,) * count), EVIDENCE, None))
        seen = sum(line.startswith("  seen") for line in lines)
        return seen, [line for line in lines if "more of" in line]

    assert shown(5) == (5, [])
    assert shown(7) == (5, ["  …and 2 more of 9 judgements"])


def test_the_table_counts_masters_by_area_and_level() -> None:
    results = [
        Result(row("A"), Verdict.PASS, judged=1),
        Result(row("B", level=Level.SHOULD, area="auth"), Verdict.WARN, judged=1),
        Result(row("C"), Verdict.NOT_TESTED, "why"),
        Result(row("D", same_as="A"), Verdict.PASS, judged=1),
        Result(row("E", family="billing"), Verdict.NOT_TESTED, NOT_BUILT),
        Result(row("F", family="billing"), Verdict.NOT_TESTED, NOT_BUILT),
        Result(row("G", family="billing", same_as="E"), Verdict.NOT_TESTED, NOT_BUILT),
        Result(row("H", family="sdk"), Verdict.NOT_TESTED, NOT_BUILT),
    ]
    assert [line.split() for line in table_lines(results)] == [
        ["pass", "fail", "warn", "info", "not", "tested", "not", "applicable", "error"],
        ["rest/auth", ".", ".", "1", ".", ".", ".", "."],
        ["rest/shape", "1", ".", ".", ".", "1", ".", "."],
        [],
        ["MUST", "1", ".", ".", ".", "1", ".", "."],
        ["SHOULD", ".", ".", "1", ".", ".", ".", "."],
        ["not", "tested,", "billing", "2,", "sdk", "1:", "not", "built", "yet"],
    ]


def test_what_is_about_the_other_kind_of_target_is_one_line_and_no_column() -> None:
    results = [
        Result(row("A"), Verdict.PASS, judged=1),
        Result(row("B", family="sdk", area="url"), Verdict.NOT_TESTED, ABOUT_SDK),
        Result(row("C", family="sdk", area="args"), Verdict.NOT_TESTED, ABOUT_SDK),
    ]
    *table, last = table_lines(results)
    assert last == f"not tested, sdk 2: {ABOUT_SDK}"
    assert [line.split()[:1] for line in table] == [["pass"], ["rest/shape"], [], ["MUST"]]


def test_without_pending_families_there_is_no_line_of_them() -> None:
    lines = list(table_lines([FAILED]))
    assert len(lines) == 4
    assert NOT_BUILT not in "".join(lines)


def test_a_listing_has_one_line_for_each_master_of_a_verdict() -> None:
    results = [
        Result(row("A"), Verdict.WARN, None, 1, (BREACH, BREACH)),
        Result(row("B"), Verdict.WARN, "why", 1, (BREACH,)),
        Result(row("C"), Verdict.WARN, None, 1),
        Result(row("D", same_as="A"), Verdict.WARN, None, 1, (BREACH,)),
        Result(row("E"), Verdict.PASS, None, 1),
    ]
    assert list(listing(results, Verdict.WARN)) == [
        "A (MUST) It holds. [seen 1, expected 2]",
        "B (MUST) It holds. [why]",
        "C (MUST) It holds. []",
    ]
