"""What the faults of the agreement of channels do."""

import asyncio

import pytest

from conformance.checks import judge
from conformance.drive import drive
from conformance.json_text import at
from conformance.requirements import registry
from conformance.scenarios import all_scenarios
from conformance.targets.mock import MockTarget
from conformance.transcript import Delivery


@pytest.fixture
def life():
    """The transcript of a whole life on a mock with a fault."""

    def driven(*faults):
        found = []

        async def go():
            chosen = [all_scenarios()["channels_of_a_whole_life"]]
            await drive(chosen, MockTarget(faults), keep=found.append)

        asyncio.run(go())
        return found[0]

    return driven


def told(transcript):
    bodies = [delivery.body.json for _, delivery in transcript.of(Delivery)]
    return [(at(body, "/type"), at(body, "/data/status")) for body in bodies]


def test_the_end_is_told_before_it_is_there_and_a_get_shows_that(life):
    seen = life("completed-event-before-the-end")
    assert ("batch.completed", "in_progress") in told(seen)
    found = judge([seen], [registry()["XCH-21"]], "ai-stats")["XCH-21"]
    assert [(one.seen, one.expected) for one in found.broken] == [('"running"', '"completed"')]


def test_without_the_fault_it_is_told_with_the_end(life):
    assert told(life())[-1] == ("batch.completed", "completed")
