from decimal import Decimal
from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import batch, exchange, transcript
from conformance.transcript import Step


def found(requirement: str, *steps: Step) -> tuple[int, list[str]]:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def got(**members: Any) -> Step:
    return exchange("GET", "/batches/batch_1", batch(**members))


def counts(total: Any, completed: Any, failed: Any) -> Any:
    return {"total": total, "completed": completed, "failed": failed}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (counts(3, 2, 1), (1, [])),
        (counts(0, 0, 0), (1, [])),
        (counts(Decimal("2.0"), 2, 0), (1, [])),
        (counts(2, 2, 1), (1, ["/request_counts"])),
        (counts(2, -1, 0), (1, ["/request_counts"])),
        ({"total": 2, "completed": True, "failed": 0}, (1, ["/request_counts"])),
        (counts(Decimal("2.5"), 1, 1), (1, ["/request_counts"])),
        (counts(Decimal("1e400"), 1, 1), (1, ["/request_counts"])),
        (counts("2", 1, 1), (1, ["/request_counts"])),
        ({"total": 1}, (1, ["/request_counts"])),
        (None, (0, [])),
        ([], (0, [])),
    ],
)
def test_counts_add_up(value: Any, expected: Any) -> None:
    assert found("REST-SHAPE-06", got(request_counts=value)) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://gateway.test/v1/batches/batch_1", (1, [])),
        ("HTTP://Gateway.Test/v1/batch/batch_1", (1, [])),
        ("http://gateway.test/v1/batches/batch_1?x=1", (1, ["/polling_url"])),
        ("http://gateway.test/v1/batches/batch_1?", (1, ["/polling_url"])),
        ("http://gateway.test/v1/batches/batch_1#x", (1, ["/polling_url"])),
        ("http://gateway.test/v1/batches/batch_2", (1, ["/polling_url"])),
        ("https://gateway.test/v1/batches/batch_1", (1, ["/polling_url"])),
        ("http://other.test/v1/batches/batch_1", (1, ["/polling_url"])),
        ("http://[", (1, ["/polling_url"])),
        (7, (1, ["/polling_url"])),
        (None, (0, [])),
    ],
)
def test_polling_url_is_below_the_called_base(url: Any, expected: Any) -> None:
    assert found("REST-SHAPE-17", got(polling_url=url)) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ws://gateway.test/v1/async/batch/batch_1/ws", (1, [])),
        ("wss://stream.test/v1/async/batch/batch_1/ws?close_on_terminal=true", (1, [])),
        ("http://gateway.test/v1/async/batch/batch_1/ws", (1, ["/websocket_url"])),
        ("ws://gateway.test/async/batch/batch_1/ws", (1, ["/websocket_url"])),
        ("ws:///v1/async/batch/batch_1/ws", (1, ["/websocket_url"])),
        ("ws://gateway.test/v1/async/batch/batch_2/ws", (1, ["/websocket_url"])),
        (["ws"], (1, ["/websocket_url"])),
        (None, (0, [])),
    ],
)
def test_websocket_url_leads_to_the_stream(url: Any, expected: Any) -> None:
    assert found("REST-SHAPE-18", got(websocket_url=url)) == expected


def test_urls_are_below_the_base_that_was_called_also_in_a_list_and_with_odd_ids() -> None:
    odd = {
        "id": "a b",
        "polling_url": "http://gateway.test/v1/batches/a%20b",
        "websocket_url": "ws://gateway.test/v1/async/batch/a%20b/ws",
    }
    step = exchange("GET", "/batches?limit=5", {"data": [batch(**odd)]})
    assert found("REST-SHAPE-17", step) == (1, [])
    assert found("REST-SHAPE-18", step) == (1, [])


@pytest.mark.parametrize(
    ("native", "broken"),
    [("batch_1", ["/native_batch_id"]), ("batch_2", []), (None, []), (7, [])],
)
def test_native_id_is_another(native: Any, broken: list[str]) -> None:
    assert found("REST-SHAPE-20", got(native_batch_id=native)) == (1, broken)
    assert found("REST-SHAPE-20", got()) == (1, [])


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-07-09T09:00:00.412Z", (1, [])),
        ("2026-07-09T11:00:00.500+02:00", (1, [])),
        ("2026-07-09T09:00:00.411Z", (1, ["/last_polled_at"])),
        ("2026-07-09T08:59:00", (1, ["/last_polled_at"])),
        ("yesterday", (0, [])),
        (1783587600, (0, [])),
        (None, (0, [])),
    ],
)
def test_last_poll_never_goes_back(now: Any, expected: Any) -> None:
    first = got(last_polled_at="2026-07-09T09:00:00.412Z")
    assert found("REST-SHAPE-22", first, got(last_polled_at=now)) == expected


def media(value: str) -> tuple[tuple[str, str], ...]:
    return (("Content-Type", value),)


@pytest.mark.parametrize(
    ("answer", "headers", "broken"),
    [
        (batch(), media("application/json"), 0),
        (batch(), media("Application/JSON; charset=utf-8"), 0),
        (batch(), media("text/plain"), 1),
        (batch(), (), 1),
        ([batch()], media("application/json"), 1),
        (b'{"id": "batch_1"} {}', media("application/json"), 1),
        (b"", media("application/jsonl"), 2),
    ],
)
def test_bodies_are_json_objects(answer: Any, headers: Any, broken: int) -> None:
    reads = [("GET", "/batch/b"), ("GET", "/batches")]
    for method, path in (*reads, ("POST", "/batches"), ("POST", "/batches/b/cancel")):
        judged, pointers = found("REST-SHAPE-26", exchange(method, path, answer, headers=headers))
        assert (judged, len(pointers)) == (2, broken)


def test_answers_that_show_no_batches_may_be_of_any_kind() -> None:
    steps = (
        exchange("GET", "/files/f/content", b"rows", headers=()),
        exchange("GET", "/batches/b", b"gone", status=404, headers=()),
    )
    assert found("REST-SHAPE-26", *steps) == (0, [])
