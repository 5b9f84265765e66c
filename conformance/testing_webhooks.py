"""Builders of what surrounds a webhook: its create, its public state, signed deliveries. Pure."""

from dataclasses import replace
from typing import Any

from conformance.json_text import ABSENT
from conformance.signature import sign
from conformance.testing import batch, exchange
from conformance.transcript import Delivery, Exchange


def signed(
    sent: Delivery, secret: str, timestamp: str = "1783587600", *, valid: bool | None = None
) -> Delivery:
    """The delivery with timestamp and signature headers; `valid` is what capture found of it."""
    made = {
        "x-ai-stats-timestamp": timestamp,
        "x-ai-stats-signature": sign(secret, timestamp, sent.body.content),
    }
    return replace(sent, headers=(*sent.headers, *made.items()), signature_valid=valid)


# When the attempts of an event are made that always fails, by the contract's waits.
_TRIED = ("09:00:00", "09:01:00", "09:06:00", "09:21:00")


def attempt(
    number: int = 1, status: str = "delivered", key: str = "batch.completed", **members: Any
) -> dict[str, Any]:
    """An entry of `attempts`, conforming as long as its arguments are."""
    delivered, waits = status == "delivered", status == "scheduled_retry"
    tried, due = (f"2026-07-09T{at}.000Z" for at in (_TRIED[number - 1], _TRIED[number % 4]))
    return {
        "id": f"{key}:{number}:{tried}",
        "delivery_key": key,
        "event_type": key.partition(":")[0],
        "status": status,
        "attempt_number": number,
        "max_attempts": 4,
        "tried_at": tried,
        "delivered_at": tried if delivered else None,
        "next_retry_at": due if waits else None,
        "response_status": 200 if delivered else 503,
        "error_message": None if delivered else "HTTP 503",
        "response_body_preview": None,
        **members,
    }


def webhook_state(*attempts: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A public webhook state whose counters follow from its attempts, oldest first."""
    last = {one["delivery_key"]: one for one in attempts}
    waiting = [one["next_retry_at"] for one in last.values() if one["next_retry_at"]]
    keys = sorted({one["delivery_key"] for one in attempts if one["delivered_at"]})
    failures = [one for one in attempts if one["error_message"]]
    newest = attempts[-1] if attempts else {}
    delivery = {
        "total_attempts": len(attempts),
        "delivered_events": len(keys),
        "delivered_event_types": keys,
        "pending_retries": len(waiting),
        "next_retry_at": min(waiting, default=None),
        "last_attempt_at": newest.get("tried_at"),
        "last_attempt_status": newest.get("status"),
        "last_response_status": newest.get("response_status"),
        "last_delivered_at": max((one["delivered_at"] or "" for one in attempts), default="")
        or None,
        "last_failure_at": failures[-1]["tried_at"] if failures else None,
        "last_error_message": failures[-1]["error_message"] if failures else None,
    }
    return {
        "url": "https://hooks.example.com/hook",
        "events": ["job.completed", "job.failed", "job.cancelled", "job.expired"],
        "has_secret": False,
        "delivery": delivery,
        "attempts": list(attempts[-10:]),
        **members,
    }


def created(webhook: Any, answer: Any = ABSENT, *, status: int = 200, at_ms: int = 0) -> Exchange:
    """A create with this webhook; by default it is accepted and nothing was delivered yet."""
    sent = {"input_file_id": "file_1", "endpoint": "/v1/responses", "webhook": webhook}
    if answer is ABSENT:
        answer = batch(webhook=webhook_state())
    return exchange("POST", "/batches", answer, sent=sent, status=status, at_ms=at_ms)


def read(status: str, *attempts: dict[str, Any], at_ms: int = 0, **members: Any) -> Exchange:
    """A GET of a batch with a webhook in a state, with these attempts on record."""
    state = webhook_state(*attempts)
    times = {
        "next_webhook_retry_at": state["delivery"]["next_retry_at"],
        "last_webhook_dispatched_at": state["delivery"]["last_attempt_at"],
    }
    known = {name: value for name, value in times.items() if value is not None}
    answer = batch(status, webhook=state, **known)
    return exchange("GET", "/batches/batch_1", {**answer, **members}, at_ms=at_ms)
