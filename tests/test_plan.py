"""The plan: what runs, what is left out, and the verdict of what nobody could judge."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from conformance.capabilities import Capabilities
from conformance.plan import NOT_BUILT, Circumstances, Plan, make_plan, result_of, results
from conformance.requirements import Registry, Requirement, registry
from conformance.transcript import Transcript
from conformance.verdicts import Finding, Judgement, Result, Verdict

BASE = replace(registry()["REST-SHAPE-03"], needs=("wallet",), text="It holds always.")
OFFERED = Capabilities({"create": "--spend create"})
BREACH = Judgement(1, (Finding(held=False),))


@dataclass(frozen=True)
class Piece:
    name: str
    aims: tuple[str, ...]
    needs: tuple[str, ...] = ()
    cost: str = "free"


def row(name: str, **more: Any) -> Requirement:
    return replace(BASE, id=name, **more)


def around(*transcripts: Transcript, **more: Any) -> Circumstances:
    return Circumstances(OFFERED, (Piece("s", ("A",)),), transcripts, **more)


def test_a_scenario_runs_when_wanted_allowed_and_affordable() -> None:
    pieces = [
        Piece("runs", ("A", "B"), ("create",), "create"),
        Piece("lacks", ("A",), ("wallet", "create", "clock")),
        Piece("costs", ("B",), (), "settle"),
        Piece("aims_elsewhere", ("C",)),
    ]
    left_out = {
        "lacks": 'needs "wallet", "clock"',
        "costs": "costs more than --spend create allows",
    }
    assert make_plan(pieces, {"A", "B"}, OFFERED, "create") == Plan(("runs",), left_out)


def test_what_was_judged_has_the_verdict_of_its_findings() -> None:
    assert result_of(row("A"), Judgement(2), around()) == Result(row("A"), Verdict.PASS, judged=2)
    crashed = result_of(row("A"), Judgement(crash="broke"), around(unreachable="down"))
    assert crashed == Result(row("A"), Verdict.ERROR, "broke")


@pytest.mark.parametrize(
    ("circumstances", "conditional", "verdict", "reason"),
    [
        (around(unreachable="it is down"), False, Verdict.NOT_TESTED, "it is down"),
        (around(), False, Verdict.NOT_TESTED,
         'needs "wallet"; to test it: give --credits-url and AI_STATS_API_KEY_CREDITS'),
        (around(Transcript("s", failure="KeyError", crashed=True), Transcript("s", failure="x")),
         False, Verdict.ERROR, "a scenario broke: KeyError"),
        (around(Transcript("s", failure="no batch")), True, Verdict.NOT_TESTED,
         "s stopped: no batch"),
        (around(Transcript("s")), True, Verdict.NOT_APPLICABLE,
         "the target does not show what it speaks of, which the contract leaves open"),
        (around(Transcript("other", failure="x", crashed=True)), True,
         Verdict.NOT_TESTED,
         'needs "wallet"; to test it: give --credits-url and AI_STATS_API_KEY_CREDITS'),
    ],
)  # fmt: skip
def test_what_nobody_could_judge_says_why(
    circumstances: Circumstances, *, conditional: bool, verdict: Verdict, reason: str
) -> None:
    one = row("A", conditional=conditional)
    assert result_of(one, Judgement(), circumstances) == Result(one, verdict, reason)


def test_what_a_batch_of_earlier_times_does_not_show_proves_nothing() -> None:
    finder = Piece("finder", ("A",), ("examine",))
    found = Circumstances(OFFERED, (finder,), (Transcript("finder"),))
    both = Circumstances(
        OFFERED, (finder, Piece("s", ("A",))), (Transcript("finder"), Transcript("s"))
    )
    one = row("A", conditional=True)
    assert result_of(one, Judgement(), found).verdict is Verdict.NOT_TESTED
    assert result_of(one, Judgement(), both).verdict is Verdict.NOT_APPLICABLE


def test_a_run_has_a_result_for_every_row_of_its_profile() -> None:
    rows = [
        row("A"),
        row("REPEATS", same_as="A"),
        row("EXCLUDED", excluded="nobody can see it"),
        row("PENDING", family="billing"),
        row("PENDING-TOO", family="billing", same_as="PENDING"),
        row("OTHER-PROFILE", profiles=("openai",)),
        row("OF-ANOTHER-PROFILE", same_as="OTHER-PROFILE"),
        row("NOT-WANTED"),
    ]
    made = Registry({one.id: one for one in rows}, "sha256:0", frozenset({"billing"}))
    found = results(made, "ai-stats", {"A": BREACH}, around())
    assert [(one.requirement.id, one.verdict, one.reason, one.judged) for one in found] == [
        ("A", Verdict.FAIL, None, 1),
        ("REPEATS", Verdict.FAIL, None, 1),
        ("EXCLUDED", Verdict.NOT_APPLICABLE, "nobody can see it", 0),
        ("PENDING", Verdict.NOT_TESTED, NOT_BUILT, 0),
        ("PENDING-TOO", Verdict.NOT_TESTED, NOT_BUILT, 0),
    ]
    assert found[1].findings == BREACH.broken


def test_where_an_sdk_is_called_only_its_scenarios_run() -> None:
    pieces = [Piece("calls", ("A",), ("sdk",)), Piece("asks", ("A",))]
    left_out = {"asks": "it calls a gateway, and this target is an SDK"}
    offered = Capabilities({"sdk": "--adapter"})
    assert make_plan(pieces, {"A"}, offered, "settle") == Plan(("calls",), left_out)
