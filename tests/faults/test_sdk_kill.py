"""Break every row of SDKs by a faulty adapter: it falls, by its check, and nothing beside it."""

import asyncio
from collections.abc import Callable, Collection

import pytest

from conformance.adapters.faults import SdkFault, sdk_faults
from conformance.checks import judge
from conformance.drive import drive
from conformance.mock.server import MockServer
from conformance.requirements import registry
from conformance.scenarios import all_scenarios
from conformance.targets.adapter import adapter_host
from conformance.targets.mock import MockTarget
from conformance.targets.sdk_target import AdapterTarget
from conformance.transcript import Transcript
from conformance.verdicts import Judgement

PROFILES = ("ai-stats", "phaseo", "openai")
ROWS = {row.id: row for row in registry() if row.family == "sdk" and row.is_master}
FAULTS = sdk_faults()
RIGHT = "conformance.adapters.reference:ReferenceAdapter"
# What a right SDK for Python gives no occasion for.
OF_SCRIPTS = ["SDK-SURFACE-02"]

Play = Callable[[str, Collection[str]], list[Transcript]]


@pytest.fixture(scope="module")
def play(server: MockServer) -> Play:
    """Drive the scenarios that aim at one of the rows with the SDK of an adapter."""

    def run(adapter: str, ids: Collection[str]) -> list[Transcript]:
        found: list[Transcript] = []
        chosen = [one for one in all_scenarios().values() if not one.aims.isdisjoint(ids)]
        target = AdapterTarget(adapter_host(adapter), MockTarget(server=server))
        asyncio.run(drive(chosen, target, keep=found.append))
        return found

    return run


def judged(played: list[Transcript], profile: str) -> dict[str, Judgement]:
    rows = [row for row in ROWS.values() if profile in row.profiles]
    judgements = judge(played, rows, profile)
    assert [one.crash for one in judgements.values() if one.crash] == []
    return judgements


def profiles_of(fault: SdkFault) -> set[str]:
    """For each row of a fault the first of our profiles that has it."""
    return {next(one for one in PROFILES if one in ROWS[name].profiles) for name in fault.breaks}


@pytest.fixture(scope="module")
def right(play: Play) -> list[Transcript]:
    return play(RIGHT, ROWS)


@pytest.mark.parametrize(
    ("profile", "unseen"), [("ai-stats", OF_SCRIPTS), ("phaseo", OF_SCRIPTS), ("openai", [])]
)
def test_a_right_sdk_passes_everything(
    profile: str, unseen: list[str], right: list[Transcript]
) -> None:
    judgements = judged(right, profile)
    assert {name: one.broken for name, one in judgements.items() if one.broken} == {}
    assert [name for name, one in judgements.items() if not one.judged] == unseen
    assert [one.failure for one in right if one.failure] == []


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_a_fault_breaks_its_rows_and_no_others(fault: SdkFault, play: Play) -> None:
    played = play(fault.target, fault.breaks)
    fell = {
        name
        for profile in profiles_of(fault)
        for name, one in judged(played, profile).items()
        if one.broken
    }
    assert fell == {*fault.breaks, *fault.also}
    assert [one.failure for one in played if one.crashed] == []


def test_every_row_names_a_fault_that_breaks_it() -> None:
    named = {name: row.fault.name for name, row in ROWS.items() if row.fault}
    breaking = {one: fault.name for fault in FAULTS.values() for one in fault.breaks}
    assert named == breaking
    assert ROWS.keys() == named.keys()
