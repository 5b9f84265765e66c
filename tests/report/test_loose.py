"""Findings on loose bodies: placed in their files."""

from typing import Any

from conformance.json_text import dump
from conformance.loose_bodies import Loose, bodies_of, decoded
from conformance.report.loose import LooseEvidence, located, summary
from conformance.requirements import registry
from conformance.testing import batch
from conformance.verdicts import Finding, Result, Verdict

ROW = registry()["BILL-SUM-01"]


def bodies(*values: Any) -> tuple[Loose, ...]:
    text = decoded("t.json", "\n".join(map(dump, values)).encode())
    return bodies_of("t.json", text).bodies


def test_a_finding_is_placed_in_its_file() -> None:
    breach = Finding(False, "1", "2", "/data/0/id", 2, "loose_bodies")  # noqa: FBT003
    result = Result(ROW, Verdict.FAIL, None, 1, (breach,))
    found = located([result], bodies(batch(), {"data": [batch()]}))
    assert found[0].findings == (
        Finding(False, "1", "2", "/data/0/id", None, "t.json:2"),  # noqa: FBT003
    )


def test_what_no_body_shows_is_said_so() -> None:
    found = located([Result(ROW, Verdict.NOT_TESTED, 'needs "create"')], ())
    assert found[0].reason == "no body shows what it speaks of"
    kept = located([Result(ROW, Verdict.PASS, None, 1)], ())
    assert kept == [Result(ROW, Verdict.PASS, None, 1)]


def test_the_files_are_judged_again_as_they_were() -> None:
    breach = Finding(held=False)
    few = LooseEvidence(["a b.json", "-"]).again(breach, "X", None)
    assert few == "conformance judge-body 'a b.json' - --only X"
    many = LooseEvidence([f"{i}.json" for i in range(9)]).again(breach, "X", None)
    assert many.startswith("conformance judge-body 0.json 1.json ")
    assert many.endswith(" 4.json … --only X")
    assert LooseEvidence([]).request(breach) is None


def test_the_summary_counts_bodies_and_requirements() -> None:
    results = [
        Result(ROW, Verdict.PASS, None, 1),
        Result(registry()["BILL-SUM-02"], Verdict.NOT_TESTED),
    ]
    shown = bodies(batch(), batch(), {"data": batch()})
    assert list(summary(shown, results, "ai-stats", 9)) == [
        "2 batch bodies, 1 message: 1 of the 2 requirements that a body alone can break were "
        "judged (ai-stats has 9; the others need a run)"
    ]


def test_the_summary_of_nothing_says_so() -> None:
    assert list(summary([], [], "ai-stats", 9)) == [
        "no batch body: 0 of the 0 requirements that a body alone can break were "
        "judged (ai-stats has 9; the others need a run)"
    ]
