"""The scenarios of the agreement of channels show every promise of it, and how it breaks."""

import asyncio
from collections.abc import Callable

import pytest

from conformance.checks import judge
from conformance.drive import drive
from conformance.edits import apply_to
from conformance.requirements import Level, Requirement, registry
from conformance.scenarios import all_scenarios
from conformance.targets.mock import MockTarget
from conformance.transcript import Delivery, Stream, Transcript

Driven = Callable[..., list[Transcript]]

ROWS = {row.id: row for row in registry().masters("ai-stats") if row.id.startswith("XCH-")}
PATCHED = [row for row in ROWS.values() if row.fault and row.fault.patch]
LIVE = ("XCH-08", "XCH-22", "XCH-32")
SCENARIOS = {
    name: one for name, one in all_scenarios().items() if one.drive.__module__.endswith(".channels")
}


@pytest.fixture(scope="module")
def driven() -> Driven:
    """Drives the scenarios, or those that aim at a requirement, on a mock with faults."""

    def run(*faults: str, aim: str | None = None) -> list[Transcript]:
        found: list[Transcript] = []
        chosen = [one for one in SCENARIOS.values() if aim is None or aim in one.aims]

        async def go() -> None:
            await drive(chosen, MockTarget(faults), keep=found.append)

        asyncio.run(go())
        return found

    return run


@pytest.fixture(scope="module")
def unbroken(driven: Driven) -> list[Transcript]:
    return driven()


def broken(transcripts: list[Transcript]) -> list[str]:
    judgements = judge(transcripts, ROWS.values(), "ai-stats")
    assert [found.crash for found in judgements.values() if found.crash] == []
    return [one for one, found in judgements.items() if found.broken]


def test_every_promise_is_judged_and_held(unbroken: list[Transcript]) -> None:
    judgements = judge(unbroken, ROWS.values(), "ai-stats")
    assert [one for one, found in judgements.items() if not found.judged] == []
    assert broken(unbroken) == []
    assert [(one.scenario, one.failure) for one in unbroken if one.failure] == []


def test_every_promise_is_aimed_at_by_what_shows_it(unbroken: list[Transcript]) -> None:
    for transcript in unbroken:
        aims = SCENARIOS[transcript.scenario].aims
        judgements = judge([transcript], [ROWS[one] for one in sorted(aims)], "ai-stats")
        assert [one for one, found in judgements.items() if not found.judged] == []
    assert ROWS.keys() == {aim for one in SCENARIOS.values() for aim in one.aims}


def test_a_whole_life_is_on_all_channels_of_one_transcript(unbroken: list[Transcript]) -> None:
    life = next(one for one in unbroken if one.scenario == "channels_of_a_whole_life")
    closes = [stream.close and stream.close.by for _, stream in life.of(Stream)]
    answers = [delivery.answered for _, delivery in life.of(Delivery)]
    assert (closes, answers) == (["server"] * 3, [{"status": 200}] * 3)


@pytest.mark.parametrize("row", PATCHED, ids=lambda row: row.fault.name)
def test_an_edit_of_what_was_seen_breaks_its_promise(
    row: Requirement, unbroken: list[Transcript]
) -> None:
    assert row.id in broken([apply_to(row, one) for one in unbroken])


@pytest.mark.parametrize("requirement", LIVE)
def test_the_mock_shows_the_edits(requirement: str, driven: Driven) -> None:
    fault = ROWS[requirement].fault
    assert fault is not None
    assert requirement in broken(driven(fault.name, aim=requirement))


def test_everything_but_a_may_has_a_fault() -> None:
    binding = [row for row in ROWS.values() if row.level is not Level.MAY]
    without = [row.id for row in binding if row not in PATCHED]
    assert without == ["XCH-21"]  # a fault of behaviour: mock/faults/xch.py
