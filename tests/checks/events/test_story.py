"""What each channel showed of a batch, and when."""

from dataclasses import replace

from conformance.checks.events._story import one_of, polls, stories
from conformance.event_views import messages
from conformance.testing import (
    batch,
    delivery,
    edge,
    exchange,
    frame,
    message_data,
    observed,
    stream,
)
from conformance.verdicts import HELD

READ = replace(exchange("GET", "/batch/batch_1", batch("canceled"), at_ms=3), ended_at_ms=20)
LISTED = exchange("GET", "/batches", {"data": [batch("completed")]}, at_ms=4)
TOLD = stream(frame("job.snapshot", message_data("in_progress"), 5))
SENT = delivery(message_data("completed"), at_ms=6)
OTHER = exchange("GET", "/batches/batch_2", batch(id="batch_2"))
NAMELESS = exchange("GET", "/batches/batch_1", batch(id=5))


def test_a_story_has_all_channels_in_order_of_time() -> None:
    story = stories(observed(READ, LISTED, TOLD, SENT, OTHER, NAMELESS))
    assert list(story) == ["batch_1", "batch_2"]
    assert [(one.channel, one.begin_ms, one.end_ms) for one in story["batch_1"]] == [
        ("list", 4, 4), ("stream", 5, 5), ("webhook", 6, 6), ("poll", 3, 20),
    ]  # fmt: skip


def test_a_reading_knows_its_place_and_its_words() -> None:
    listed, told, sent, read = stories(observed(READ, LISTED, TOLD, SENT))["batch_1"]
    assert [(one.number, one.pointer) for one in (listed, told, sent, read)] == [
        (2, "/data/0"), (3, "/frames/0/data"), (4, "/data"), (1, ""),
    ]  # fmt: skip
    assert [one.operation for one in (listed, told, sent, read)] == [
        "list-item", "stream", "webhook", "get",
    ]  # fmt: skip
    assert (read.prefix, listed.prefix, told.prefix) == ("/batch", "/batches", None)
    assert (read.status, read.lifecycle, told.lifecycle) == ("cancelled", "cancelled", "running")
    assert [one.is_final for one in (listed, told, sent, read)] == [True, False, True, True]


def test_what_overlaps_or_shares_a_millisecond_does_not_precede() -> None:
    listed, told, _, read = stories(observed(READ, LISTED, TOLD, SENT))["batch_1"]
    assert listed.precedes(told)
    assert not told.precedes(listed)
    assert not read.precedes(told)
    assert not told.precedes(read)
    assert not told.precedes(told)


def test_null_and_absent_are_alike_where_that_is_asked_for() -> None:
    told = stories(observed(TOLD))["batch_1"][0]
    assert (told.given("/session_id"), told.given("/nothing")) == (None, None)
    assert (told.text("/object"), told.text("/progress")) == ("batch", None)
    assert told.polled_ms == 1783587600000


def test_a_batch_that_an_operator_changed_has_no_story() -> None:
    changed = edge("stored_provider_changed", batch="batch_1", provider="x")
    seen = observed(READ, changed, TOLD, OTHER)
    assert list(stories(seen)) == ["batch_2"]
    assert polls(messages(seen)[0]) == []


def test_polls_of_a_message_are_those_of_its_batch_by_get_and_list() -> None:
    message = messages(observed(READ, LISTED, TOLD, SENT, OTHER))[0]
    assert [one.operation for one in polls(message)] == ["list-item", "get"]


def test_one_of_compares_as_json() -> None:
    wrong = one_of(None, ["1", 1], "/x", 7)
    assert one_of(1, ["1", 1], "/x") == HELD
    assert (wrong.held, wrong.seen, wrong.expected) == (False, "null", "1")
    assert (wrong.pointer, wrong.step) == ("/x", 7)
    assert not one_of([True], [[1]], "/x").held
