"""The scenarios about webhooks: what each makes visible, with all control and with none."""

import asyncio
from collections.abc import Callable

import pytest

from conformance.checks import judge
from conformance.json_text import at
from conformance.mock.server import MockServer
from conformance.requirements import registry
from conformance.scenarios import all_scenarios
from conformance.scenarios.webhooks import heard
from conformance.targets.mock import MockTarget
from conformance.targets.session import Session
from conformance.transcript import Delivery, Edge, Transcript, Wallet

NAMES = [name for name in all_scenarios() if name.startswith("webhook")]
ROWS = [row for row in registry().masters() if row.id.startswith(("HOOK-", "BILL-WSHOOK-"))]
Drive = Callable[..., Transcript]


def without_control(session: Session) -> None:
    session.control = None


def judged(transcript: Transcript) -> tuple[set[str], list[str]]:
    """The rows that it made judged, and those that fell."""
    found = judge([transcript], ROWS, "ai-stats")
    assert [one.crash for one in found.values() if one.crash] == []
    seen = {row_id for row_id, one in found.items() if one.judged}
    return seen, [row_id for row_id, one in found.items() if one.broken]


def aims_of(name: str) -> set[str]:
    conditional = {row.id for row in ROWS if row.conditional}
    return set(all_scenarios()[name].aims - conditional)


def told(transcript: Transcript) -> list[str]:
    """Key and attempt of each delivery, and what it was answered."""
    return [
        f"{at(one.body.json, '/delivery/key')} {at(one.body.json, '/delivery/attempt')} "
        f"{one.answered.get('status', 'dropped')}"
        for _, one in transcript.of(Delivery)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_on_the_mock_all_that_it_aims_at_is_judged_and_holds(driven: Drive, name: str) -> None:
    transcript = driven(name)
    seen, fell = judged(transcript)
    assert (transcript.failure, fell) == (None, [])
    assert aims_of(name) - seen == set()


@pytest.mark.parametrize(
    "name", ["webhook_of_a_whole_life", "webhook_of_a_cancel", "webhooks_registered"]
)
def test_without_control_it_shows_the_same(driven: Drive, name: str) -> None:
    transcript = driven(name, without_control)
    seen, fell = judged(transcript)
    assert (transcript.failure, fell) == (None, [])
    assert aims_of(name) - seen == set()
    acted = {one.action for one in transcript.steps if isinstance(one, Edge)}
    assert acted == {"webhook_receiver_plan"}


def test_all_rows_are_brought_about_by_some_scenario() -> None:
    aimed = {one for scenario in all_scenarios().values() for one in scenario.aims}
    wanted = {row.id for row in ROWS if not row.conditional}
    assert wanted - aimed == set()


def test_progress_is_told_once_for_each_step(driven: Drive) -> None:
    assert told(driven("webhook_of_progress")) == [
        "batch.created 1 200",
        *(f"batch.progress:{bucket} 1 200" for bucket in (5, 10, 50, 95)),
        "batch.completed 1 200",
    ]


def test_three_events_are_tried_four_times_in_every_way(driven: Drive) -> None:
    first = ["batch.created 1 500", "batch.progress:50 1 dropped", "batch.completed 1 404"]
    keys = ("batch.created", "batch.completed", "batch.progress:50")
    answers = (302, "dropped", 503, 410, 401, 503, 429, 500, 400)
    later = [f"{keys[i % 3]} {i // 3 + 2} {answer}" for i, answer in enumerate(answers)]
    assert told(driven("webhook_that_always_fails")) == first + later


def test_retries_get_through_while_others_go_on(driven: Drive) -> None:
    assert told(driven("webhook_whose_retries_get_through")) == [
        "batch.created 1 503",
        "batch.created 2 201",
        "batch.progress:50 1 503",
        "batch.completed 1 204",
        "batch.progress:50 2 299",
    ]


def test_a_refused_webhook_costs_nothing(driven: Drive) -> None:
    steps = driven("webhook_refused_at_no_cost").steps
    readings = {(one.balance_nanos, one.reserved_nanos) for one in steps if isinstance(one, Wallet)}
    assert readings == {(100_000_000_000, 0)}


def test_an_event_that_does_not_come_is_not_waited_for_for_ever(mock_gateway: MockServer) -> None:
    async def go() -> Session:
        target = MockTarget(server=mock_gateway)
        session = await target.open("webhook_of_a_whole_life")
        hook = await session.receiver()
        await session.batch(webhook=hook.webhook(events=["created"]))
        async with asyncio.timeout(2):
            await heard(session, hook, "completed")
        await target.close()
        return session

    assert told(asyncio.run(go()).transcript()) == ["batch.created 1 200"]
