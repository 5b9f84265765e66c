"""Driving scenarios: at once, alone where asked, and whatever ends them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conformance.capabilities import Capabilities
from conformance.drive import drive, in_turns
from conformance.errors import ReportError
from conformance.redact import Redactor
from conformance.scenarios import Scenario
from conformance.targets.session import ScenarioStopped, Session
from conformance.transcript import Transcript


class FakeTarget:
    """Opens sessions that send nothing."""

    kind = name = "fake"
    url = None

    def __init__(self, *, shared: bool = True) -> None:
        self.shared = shared
        self.capabilities = Capabilities()
        self.left_over: list[str] = []
        self.closed = 0

    async def open(self, scenario: str) -> Session:
        wire: Any = None
        return Session(scenario, "http://g/v1", wire, {}, Redactor({}))

    async def close(self) -> None:
        self.closed += 1


def piece(
    name: str, work: Callable[[Session], Awaitable[None]], *, alone: bool = False
) -> Scenario:
    return Scenario(name, f"{name}!", frozenset(), (), "free", alone, 0, work)


def driven(target: FakeTarget, *pieces: Scenario, **more: Any) -> list[Transcript]:
    kept: list[Transcript] = []
    asyncio.run(drive(pieces, target, keep=kept.append, **more))
    return kept


async def nothing(_: Session) -> None:
    await asyncio.sleep(0)


def test_every_scenario_leaves_its_transcript_and_progress_counts_them() -> None:
    seen: list[tuple[int, int, str]] = []
    target = FakeTarget()
    kept = driven(
        target,
        piece("one", nothing),
        piece("two", nothing),
        progress=lambda done, total, one: seen.append((done, total, one.scenario)),
    )
    assert [(one.scenario, one.title, one.complete) for one in kept] == [
        ("one", "one!", True),
        ("two", "two!", True),
    ]
    assert (seen, target.closed) == ([(1, 2, "one"), (2, 2, "two")], 1)


async def stops(_: Session) -> None:
    raise ScenarioStopped("needed more")


async def crashes(_: Session) -> None:
    raise KeyError("oops")


def test_a_stop_is_the_targets_and_a_crash_is_ours_and_the_others_go_on() -> None:
    kept = driven(FakeTarget(), piece("a", stops), piece("b", crashes), piece("c", nothing))
    found = {one.scenario: (one.complete, one.failure, one.crashed) for one in kept}
    assert found == {
        "a": (False, "needed more", False),
        "b": (False, "b: KeyError: 'oops'", True),
        "c": (True, None, False),
    }


@pytest.mark.parametrize(("shared", "most"), [(True, 1), (False, 3)])
def test_a_scenario_that_wants_to_be_alone_is_where_all_share_a_workspace(
    *, shared: bool, most: int
) -> None:
    inside: set[str] = set()
    beside: dict[str, int] = {}

    async def watched(session: Session) -> None:
        inside.add(session.scenario)
        for _ in range(5):
            beside[session.scenario] = max(beside.get(session.scenario, 0), len(inside))
            await asyncio.sleep(0)
        inside.remove(session.scenario)

    pieces = [piece(name, watched, alone=name == "b") for name in ("a", "b", "c")]
    driven(FakeTarget(shared=shared), *pieces)
    assert beside["b"] == most


def wanting(name: str, *needs: str, alone: bool = True) -> Scenario:
    return Scenario(name, name, frozenset(), needs, "free", alone, 0, nothing)


def test_the_balance_is_read_before_any_batch_of_the_run_is_made() -> None:
    pieces = [
        wanting("a", alone=False), wanting("b", "create"), wanting("c", "wallet", "create"),
        wanting("d", "wallet", alone=False), wanting("e", "examine"), wanting("f", "wallet"),
    ]  # fmt: skip
    shared = [[one.name for one in turn] for turn in in_turns(pieces, shared=True)]
    assert shared == [["e"], ["c"], ["f"], ["b"], ["a", "d"]]
    assert in_turns(pieces, shared=False) == [pieces]


def test_an_interrupt_of_one_that_is_alone_lets_no_other_begin() -> None:
    kept: list[Transcript] = []

    async def waits(_: Session) -> None:
        await asyncio.Event().wait()

    async def interrupted() -> None:
        pieces = [piece("one", waits, alone=True), piece("two", waits, alone=True)]
        running = asyncio.create_task(drive(pieces, FakeTarget(), keep=kept.append))
        for _ in range(5):
            await asyncio.sleep(0)
        running.cancel()
        await running

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())
    assert [(one.scenario, one.failure) for one in kept] == [("one", "interrupted")]


def test_no_more_than_the_wanted_number_run_at_once() -> None:
    inside: list[str] = []
    most: list[int] = []

    async def watched(session: Session) -> None:
        inside.append(session.scenario)
        most.append(len(inside))
        await asyncio.sleep(0)
        inside.remove(session.scenario)

    driven(FakeTarget(), *(piece(f"s{n}", watched) for n in range(6)), concurrency=2)
    assert max(most) == 2


def test_an_interrupt_keeps_what_was_seen_and_closes_the_target() -> None:
    target = FakeTarget()
    kept: list[Transcript] = []

    async def waits(_: Session) -> None:
        await asyncio.Event().wait()

    async def interrupted() -> None:
        pieces = [piece("one", waits), piece("two", waits), piece("three", waits)]
        running = asyncio.create_task(drive(pieces, target, keep=kept.append, concurrency=2))
        for _ in range(5):
            await asyncio.sleep(0)
        running.cancel()
        await running

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())
    found = {one.scenario: one.failure for one in kept}
    assert found == {"one": "interrupted", "two": "interrupted"}
    assert target.closed == 1


def test_a_record_that_cannot_be_kept_ends_the_run_with_that_one_error() -> None:
    target = FakeTarget()

    def keep(_: Transcript) -> None:
        raise ReportError("/proc: cannot be written")

    with pytest.raises(ReportError, match=r"^/proc: cannot be written$"):
        asyncio.run(drive([piece("a", nothing), piece("b", nothing)], target, keep=keep))
    assert target.closed == 1
