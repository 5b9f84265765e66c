"""Whose batch a handshake asks for."""

import pytest

from conformance.checks.events import _own
from conformance.event_views import Handshake, handshakes
from conformance.testing import batch, edge, exchange, observed, stream
from conformance.transcript import Step

OWN = exchange("POST", "/batches", batch(), sent={}, at_ms=5)


def last(*steps: Step) -> Handshake:
    return handshakes(observed(*steps))[-1]


@pytest.mark.parametrize(("key", "expected"), [("a", True), ("same", True), ("b", False)])
def test_both_keys_of_a_workspace_own_its_batches(key: str, expected: object) -> None:
    assert _own.own(last(OWN, stream(key=key, at_ms=6))) is expected
    assert _own.own(last(OWN, stream(key=key, at_ms=4))) is False


def test_a_lost_batch_is_gone_from_then_on() -> None:
    seen = observed(OWN, edge("stored_batch_deleted", batch="batch_1"))
    assert _own.is_gone(seen, "batch_1", 0)
    assert not _own.is_gone(seen, "batch_1", -1)
    assert not _own.is_gone(seen, "batch_2", 0)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", True),
        ("?interval_ms=1500&close_on_terminal=false", True),
        ("?interval_ms=-5", False),
        ("?interval_ms=%D9%A1", False),
        ("?close_on_terminal=no", False),
        ("?x=1", False),
    ],
)
def test_a_valid_handshake_has_documented_options_alone(query: str, expected: object) -> None:
    one = last(OWN, stream(path=f"/async/batch/batch_1/ws{query}", at_ms=6))
    assert _own.is_valid(one) is expected


def test_the_last_body_is_the_last_that_had_arrived() -> None:
    later = exchange("GET", "/batches/batch_1", batch("completed"), at_ms=9)
    assert _own.last_body(last(OWN, later, stream(at_ms=4))) is None
    body = _own.last_body(last(OWN, later, stream(at_ms=8)))
    assert body is not None
    assert body.status == "validating"
