"""Whatever arrives at a receiver, and whatever a state holds, no check of webhooks breaks on it."""

import gzip
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import dump
from conformance.requirements import registry
from conformance.testing import batch, delivery, edge, exchange, message_data, transcript
from conformance.testing_webhooks import attempt, created, read, signed, webhook_state
from conformance.transcript import Body

ROWS = [row for row in registry() if row.id.startswith(("HOOK-", "XCH-")) and row.is_master]
ODD: list[Any] = [None, True, -1, 10**30, "", "é", [], [None], {}, {"": {}}]
SENT = delivery(message_data("completed"))
FAILED = attempt(1, "scheduled_retry")


def crashes(*steps: Any, profile: str = "ai-stats") -> list[str | None]:
    told = replace(transcript(*steps), started_at="2026-07-09T09:00:00Z")
    found = judge([told], ROWS, profile)
    return [judgement.crash for judgement in found.values() if judgement.crash]


def bodies() -> list[Any]:
    known = SENT.body.json
    members = [{**known, name: odd} for name, odd in product(known, ODD)]
    told = [{**known, "delivery": {**known["delivery"], "key": odd}} for odd in ODD]
    counted = [{**known, "delivery": {**known["delivery"], "attempt": odd}} for odd in ODD]
    data = [{**known, "data": {**known["data"], "webhook": odd}} for odd in ODD]
    ids = [{**known, "data": {**known["data"], "id": odd}} for odd in ODD]
    return [*ODD, *members, *told, *counted, *data, *ids]


@pytest.mark.parametrize("profile", ["ai-stats", "phaseo"])
def test_no_body_breaks_a_check(profile: str) -> None:
    arrived = [replace(SENT, body=Body(dump(body).encode())) for body in bodies()]
    arrived += [replace(SENT, body=Body(raw)) for raw in (b"", b"{", b"\xff\xfe", b"[" * 500)]
    hook = created({"url": "https://hooks.example.com/hook", "secret": "whsec_1"})
    assert crashes(hook, *arrived, read("completed", FAILED), profile=profile) == []


def test_no_header_breaks_a_check() -> None:
    names = [name for name, _ in signed(SENT, "whsec_1").headers]
    odd = ("", "é²", "\udc80", "9" * 5000)
    bare = [replace(SENT, headers=((name, value),)) for name, value in product(names, odd)]
    hook = created({"url": "https://hooks.example.com/hook", "secret": "whsec_é"})
    assert crashes(hook, *bare, replace(SENT, headers=())) == []


def test_bytes_that_are_no_json_break_no_check() -> None:
    known = SENT.body.content
    raw = [
        gzip.compress(known),
        known.decode().encode("utf-16"),
        b"\xef\xbb\xbf" + known,
        known.replace(b"openai", b"\xff"),
        known.replace(b"openai", b"\\ud800\\u0000"),
        known.replace(b"{", b'{"id":1,', 1),
        known.replace(b'"attempt":1', b'"attempt":NaN'),
        known.replace(b'"attempt":1', b'"attempt":' + b"9" * 5000),
        known.replace(b"2026-07-09T", b"0001-01-01T"),
        known.replace(b"2026-07-09T", b"9999-12-31T"),
        known[: len(known) // 2],
        known + b" " * 1_000_000,
    ]
    hook = created({"url": "https://hooks.example.com/hook", "secret": "whsec_1"})
    assert crashes(hook, *[replace(SENT, body=Body(one)) for one in raw]) == []


def test_a_flood_of_deliveries_is_judged_in_time() -> None:
    hook = created({"url": "https://hooks.example.com/hook"})
    flood = [delivery(message_data(), key=f"batch.progress:{one}") for one in range(400)]
    assert crashes(hook, *flood, *flood, read("completed", FAILED)) == []


@pytest.mark.parametrize("odd", ODD)
def test_no_create_breaks_a_check(odd: Any) -> None:
    for name in ("url", "secret", "events", "endpoint_id"):
        webhook = {"url": "https://hooks.example.com/hook", name: odd}
        assert crashes(created(webhook), SENT, read("completed", FAILED)) == []
    assert crashes(created(odd), created({"url": odd}, odd), SENT) == []


@pytest.mark.parametrize("odd", ODD)
def test_no_state_breaks_a_check(odd: Any) -> None:
    hook = created({"url": "https://hooks.example.com/hook"})
    state = webhook_state(FAILED)
    states = [{**state, name: odd} for name in state]
    states += [
        {**state, "delivery": {**state["delivery"], name: odd}} for name in state["delivery"]
    ]
    states += [{**state, "attempts": [{**FAILED, name: odd}]} for name in FAILED]
    reads = [exchange("GET", "/batches/batch_1", batch("completed", webhook=one)) for one in states]
    assert crashes(hook, replace(SENT, answered={"status": 503}), *reads) == []


@pytest.mark.parametrize("odd", ODD)
def test_no_edge_breaks_a_check(odd: Any) -> None:
    hook = created({"url": "https://hooks.example.com/hook"})
    edges = [
        edge("clock_advanced", by_ms=odd, gateway_now=odd),
        edge("webhook_receiver_plan", path=odd, answers=odd),
        edge("webhook_receiver_plan", path="/hook", answers=[odd, {"location": odd}]),
        edge("webhook_receiver_closed", path=odd),
        edge("webhook_retry_waits", seconds=odd),
        edge("provider_next_error", match=odd),
        edge("stored_batch_deleted", batch=odd),
        edge("scheduled_job_tick"),
    ]
    turned = replace(SENT, answered={"status": 302})
    assert crashes(*edges, hook, turned, *edges, read("completed", FAILED)) == []
