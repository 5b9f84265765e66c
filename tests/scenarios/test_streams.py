"""The scenarios of streams: what they make visible on the mock, and what without any control."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from conformance.checks import judge
from conformance.mock.server import MockServer
from conformance.requirements import registry
from conformance.scenarios import all_scenarios
from conformance.targets.mock import MockTarget
from conformance.targets.session import ScenarioStopped, Session
from conformance.transcript import Edge, Transcript

ROWS = [row for row in registry().masters("ai-stats") if row.id.startswith("WS-")]
NAMES = (
    "stream_beside_a_webhook",
    "stream_by_the_id_of_the_provider",
    "stream_handshakes",
    "stream_in_small_steps",
    "stream_intervals",
    "stream_of_a_deleted_batch",
    "stream_of_a_file",
    "stream_of_an_idle_batch",
    "stream_of_another_workspace",
    "stream_refreshed",
    "stream_refusals",
    "stream_talk",
    "stream_to_completion",
    "stream_to_each_end",
    "stream_while_cancelling",
)
Change = Callable[[Session], None]
Driven = Callable[..., list[Transcript]]


@pytest.fixture(scope="module")
def driven(mock_gateway: MockServer) -> Driven:
    """Drive scenarios one after the other, their sessions changed beforehand."""

    def drive(
        names: Sequence[str], change: Change = lambda session: None, faults: Sequence[str] = ()
    ) -> list[Transcript]:
        async def go() -> list[Transcript]:
            target = MockTarget(faults, server=mock_gateway)
            try:
                return [await one(target, name) for name in names]
            finally:
                await target.close()

        async def one(target: MockTarget, name: str) -> Transcript:
            session = await target.open(name)
            change(session)
            try:
                await all_scenarios()[name].drive(session)
            except ScenarioStopped as stopped:
                return session.transcript(str(stopped))
            return session.transcript()

        return asyncio.run(go())

    return drive


@pytest.fixture(scope="module")
def whole(driven: Driven) -> list[Transcript]:
    return driven(NAMES)


def without_control(session: Session) -> None:
    session.control = None


def judged(transcripts: Sequence[Transcript]) -> tuple[set[str], list[str]]:
    """The rows of streams that were judged, and those that fell."""
    found = judge(transcripts, ROWS, "ai-stats")
    assert [one.crash for one in found.values() if one.crash] == []
    seen = {row_id for row_id, one in found.items() if one.judged}
    return seen, [row_id for row_id, one in found.items() if one.broken]


def test_the_names_are_all_scenarios_of_streams_alone() -> None:
    found = [name for name in all_scenarios() if name.startswith("stream_")]
    assert tuple(found) == NAMES


def test_every_requirement_is_seen_and_holds_on_the_mock(whole: list[Transcript]) -> None:
    assert [one.failure for one in whole if one.failure] == []
    assert judged(whole) == ({row.id for row in ROWS}, [])


def test_each_scenario_shows_what_it_aims_at(whole: list[Transcript]) -> None:
    dark = {}
    for one in whole:
        seen, _ = judged([one])
        aims = {aim for aim in all_scenarios()[one.scenario].aims if aim.startswith("WS-")}
        dark[one.scenario] = sorted(aims - seen)
    assert dark == {name: [] for name in NAMES}


@pytest.mark.parametrize(
    "name", ["stream_handshakes", "stream_refusals", "stream_of_a_file", "stream_talk",
             "stream_of_another_workspace", "stream_while_cancelling"],
)  # fmt: skip
def test_a_target_without_control_can_show_it_too(driven: Driven, name: str) -> None:
    made = driven([name], without_control)[0]
    seen, fallen = judged([made])
    aims = {aim for aim in all_scenarios()[name].aims if aim.startswith("WS-")}
    assert (made.failure, sorted(aims - seen), fallen) == (None, [], [])
    assert [step.action for step in made.steps if isinstance(step, Edge)] == []


@pytest.mark.parametrize(
    ("fault", "name", "broken", "least_s"),
    [
        ("stream-updates-only-when-asked", "stream_intervals", "WS-FRAME-06", 9.0),
        ("stream-text-ping-is-not-heard", "stream_talk", "WS-CTRL-01", 3.0),
        ("stream-no-close-on-completed", "stream_to_completion", "WS-CLOSE-01", 1.5),
    ],
)
def test_what_a_broken_stream_never_says_is_missed_without_waiting_for_it(
    driven: Driven, fault: str, name: str, broken: str, least_s: float
) -> None:
    begun: list[tuple[Session, float]] = []
    made = driven([name], lambda session: begun.append((session, session.start)), [fault])[0]
    assert broken in judged([made])[1]
    # What is skipped moves the beginning back.
    assert [start - session.start >= least_s for session, start in begun] == [True]


def test_free_scenarios_make_no_batch(whole: list[Transcript]) -> None:
    free = [one for one in whole if all_scenarios()[one.scenario].cost == "free"]
    paths = {each.request.path for one in free for _, each in one.exchanges}
    assert [path for path in paths if path.endswith("/batches")] == []
