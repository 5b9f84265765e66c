"""The inputs of checks, and what schema rows are held against."""

from typing import Any

import pytest

from conformance.checks import judge
from conformance.inputs import instances, views
from conformance.requirements import registry
from conformance.testing import (
    batch,
    delivery,
    exchange,
    frame,
    message_data,
    observed,
    stream,
    transcript,
)
from conformance.transcript import Frame, Step

DATA = message_data()
STREAM = stream(frame("job.snapshot", DATA), Frame("server", 1, b"{}"))


def held_against(requirement: str, *steps: Step) -> list[tuple[int, str]]:
    row, seen = registry()[requirement], observed(*steps)
    (pointer, *_) = row.pointers("phaseo")
    return [(number, root) for number, root, _ in instances(row, pointer, seen)]


def judged(requirement: str, *steps: Step, profile: str = "ai-stats") -> Any:
    found = judge([transcript(*steps)], [registry()[requirement]], profile)[requirement]
    return found.judged, [(one.step, one.pointer) for one in found.broken]


def test_every_input_word_of_the_registry_has_its_views() -> None:
    words = {row.input for row in registry() if row.is_master}
    assert [list(views(word, observed())) for word in sorted(words - {"transcript"})] == [
        [] for _ in words - {"transcript"}
    ]


def test_views_are_made_once() -> None:
    seen = observed(STREAM)
    assert views("frame", seen) is views("frame", seen)


def test_messages_of_frames_and_of_deliveries_are_held_against_the_schema() -> None:
    assert held_against("WS-FRAME-10", STREAM, delivery(DATA)) == [
        (1, "/frames/0/data"),
        (2, "/data"),
    ]


def test_what_is_said_of_webhooks_is_not_held_against_frames() -> None:
    assert held_against("HOOK-BODY-07", STREAM, delivery(DATA)) == [(2, "/data")]


def test_frames_handshakes_and_deliveries_are_held_against_their_schemas() -> None:
    assert held_against("WS-FRAME-01", STREAM) == [(1, "/frames/0"), (1, "/frames/1")]
    assert held_against("WS-HS-04", STREAM) == [(1, "")]
    assert held_against("HOOK-BODY-01", delivery(DATA)) == [(1, "")]


def test_a_binary_frame_is_no_frame() -> None:
    assert judged("WS-FRAME-01", STREAM) == (2, [(1, "/frames/1")])


@pytest.mark.parametrize(("sent", "broken"), [({}, 1), ({"webhook": {"url": "x"}}, 0)])
def test_only_a_batch_created_without_a_webhook_must_not_show_one(sent: Any, broken: int) -> None:
    create = exchange("POST", "/batches", batch(), sent=sent)
    message = delivery({**DATA, "webhook": {}})
    assert judged("WS-FRAME-29", create, message) == (broken, [(2, "/data")] * broken)


def test_the_state_of_a_managed_endpoint_is_read_from_the_create_that_named_it() -> None:
    managed = {"webhook": {"endpoint_id": "we_1"}}
    state = {"endpoint_id": "we_1", "url": None, "has_secret": False}
    create = exchange("POST", "/batches", batch(webhook=state), sent=managed)
    other = exchange("POST", "/batches", batch(webhook=state), sent={"webhook": {"url": "x"}})
    found = judged("HOOK-REG-36", other, create, profile="phaseo")
    assert found == (1, [(2, "/webhook/has_secret")])
