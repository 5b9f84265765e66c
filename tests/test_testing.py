"""The builders: a valid value of each kind, of which a test changes the one thing it is about."""

from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import ABSENT
from conformance.requirements import registry
from conformance.testing import (
    JSON,
    batch,
    edge,
    exchange,
    observed,
    refused,
    transcript,
    upload,
)
from conformance.transcript import Body, Edge, Part

STATES = ["validating", "in_progress", "finalizing", "completed", "failed", "expired",
          "cancelling", "cancelled"]  # fmt: skip
PROFILE = "ai-stats"
HEADERS = (*JSON, ("access-control-allow-origin", "*"), ("cache-control", "no-store"))


def broken(*steps: Any) -> set[str]:
    rows = [row for row in registry().masters(PROFILE) if not registry().is_pending(row)]
    found = judge([transcript(*steps)], rows, PROFILE)
    return {one for one, judgement in found.items() if judgement.broken or judgement.crash}


@pytest.mark.parametrize("status", STATES)
def test_a_built_batch_breaks_nothing(status: str) -> None:
    assert broken(exchange("GET", "/batches/batch_1", batch(status), headers=HEADERS)) == set()


def test_a_built_refusal_breaks_nothing() -> None:
    answer = exchange("GET", "/batches/nobody", refused(), status=404, headers=HEADERS)
    assert broken(answer) == set()


def test_a_changed_batch_breaks_what_speaks_of_it() -> None:
    assert "REST-SHAPE-03" in broken(exchange("GET", "/batches/b", batch(created_at="now")))


def test_members_are_laid_over_the_built_ones() -> None:
    assert batch(id="x", extra=1)["id"] == "x"
    assert refused(error="e", status_code=1, extra=2) == {
        **refused(error="e"), "status_code": 1, "extra": 2,
    }  # fmt: skip
    assert "in_progress_at" not in batch()
    assert batch("completed")["completed_at"] == 1783588200


@pytest.mark.parametrize("status", [None, 1, [], {}])
def test_a_status_of_a_wrong_type_can_be_built(status: Any) -> None:
    assert batch(status)["status"] == batch(status)["lifecycle_status"] == status


def test_an_exchange_stands_below_v1_and_carries_the_key_by_name() -> None:
    made = exchange("POST", "/x?a=1", {"b": 2}, sent=[1], key="b", status=201, at_ms=5, label="l")
    assert (made.request.path, made.request.query) == ("/v1/x", (("a", "1"),))
    assert (made.request.credential, made.request.json) == ("b", [1])
    assert made.response is not None
    assert (made.response.status, made.response.json) == (201, {"b": 2})
    assert (made.at_ms, made.ended_at_ms, made.label) == (5, 5, "l")


def test_bytes_are_taken_as_they_are_and_absence_is_no_body() -> None:
    made = exchange("GET", "/x", b"\xff", key=None)
    assert (made.request.headers, made.request.body, made.request.json) == ((), None, ABSENT)
    assert made.response is not None
    assert made.response.body == Body(b"\xff")


def test_an_upload_is_a_form_with_purpose_and_file() -> None:
    made = upload(b"{}", {"id": "f"}, status=201, at_ms=2)
    body = made.request.body
    assert body is not None
    assert body.parts == (Part("purpose", b"batch"), Part("file", b"{}", "requests.jsonl"))
    assert observed(made).files["f"].uploaded == b"{}"


def test_steps_become_a_transcript() -> None:
    made = transcript(edge("waited", s=1), scenario="name")
    assert (made.scenario, made.steps) == ("name", (Edge("waited", {"s": 1}),))
