"""What a `webhook` member of a create asks for, and the public state that is shown of it."""

from bisect import insort
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.mock.urls import BadUrl, is_private_host, may_be_plain_http, parse_url

PHASES = ("created", "progress", "completed", "failed", "cancelled", "expired")
DEFAULT_EVENTS = ("job.completed", "job.failed", "job.cancelled", "job.expired")
SHOWN_ATTEMPTS = 10
KEPT_ATTEMPTS = 50


class BadWebhook(ValueError):
    """The webhook cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a webhook can be told of a batch; only progress has a bucket."""

    phase: str
    bucket: int | None = None


@dataclass(slots=True)
class ManagedEndpoint:
    """A receiver that a workspace has registered once for all its batches."""

    id: str
    url: str
    secret: str | None = field(default=None, repr=False)
    is_active: bool = True


@dataclass(slots=True)
class WebhookState:
    """A stored webhook with what was tried so far; events go by their delivery keys.

    `base` is the API base of links, `raised` has every event that there ever was, `under_way` those
    that are being tried now, `tries` how often each was. The URL of an endpoint with an
    `endpoint_id` is not shown.
    """

    url: str
    events: tuple[str, ...]
    secret: str | None = field(default=None, repr=False)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    delivered: set[str] = field(default_factory=set)
    pending: dict[str, str] = field(default_factory=dict)
    base: str = ""
    raised: dict[str, Event] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    tries: Counter[str] = field(default_factory=Counter)
    endpoint_id: str | None = None

    def enter(self, attempt: dict[str, Any]) -> None:
        """Keep an attempt in its place in time, and what it means for its event."""
        insort(self.attempts, attempt, key=lambda one: str(one["tried_at"]))
        del self.attempts[:-KEPT_ATTEMPTS]
        key, retry_at = attempt["delivery_key"], attempt["next_retry_at"]
        self.pending.pop(key, None)
        if attempt["status"] == "delivered":
            self.delivered.add(key)
        elif retry_at is not None:
            self.pending[key] = retry_at

    def public(self) -> dict[str, Any]:
        """The state as batch objects show it: never the secret."""
        is_managed = self.endpoint_id is not None
        return {
            **({"endpoint_id": self.endpoint_id} if is_managed else {}),
            "url": None if is_managed else self.url,
            "events": list(self.events),
            "has_secret": is_managed or self.secret is not None,
            "delivery": self._delivery(),
            "attempts": [dict(attempt) for attempt in self.attempts[-SHOWN_ATTEMPTS:]],
        }

    def _delivery(self) -> dict[str, Any]:
        last = self.attempts[-1] if self.attempts else {}
        failures = [one for one in self.attempts if one["status"] != "delivered"]
        deliveries = [one for one in self.attempts if one["status"] == "delivered"]
        return {
            "total_attempts": len(self.attempts),
            "delivered_events": len(self.delivered),
            "delivered_event_types": sorted(self.delivered),
            "pending_retries": len(self.pending),
            "next_retry_at": min(self.pending.values(), default=None),
            "last_attempt_at": last.get("tried_at"),
            "last_attempt_status": last.get("status"),
            "last_response_status": last.get("response_status"),
            "last_delivered_at": deliveries[-1]["delivered_at"] if deliveries else None,
            "last_failure_at": failures[-1]["tried_at"] if failures else None,
            "last_error_message": failures[-1]["error_message"] if failures else None,
        }


def webhook_url(written: Any) -> str:
    """The normal form of a URL that deliveries may go to; raises BadWebhook."""
    if not isinstance(written, str) or not written.strip():
        raise BadWebhook("webhook.url is missing")
    try:
        url = parse_url(written)
    except BadUrl as error:
        raise BadWebhook(f"webhook.url: {error}") from error
    if url.scheme == "http" and not may_be_plain_http(url.host):
        raise BadWebhook("webhook.url must use https")
    if url.scheme == "https" and is_private_host(url.host):
        raise BadWebhook("webhook.url must not point at a private host")
    return url.text


def webhook_event(name: Any, phases: Sequence[str] = PHASES) -> str | None:
    """The event in its normal form, None when it is of none of the phases."""
    if not isinstance(name, str):
        return None
    word = name.strip().lower()
    kind, dot, phase = word.partition(".")
    if not dot:
        kind, phase = "job", word
    phase = "cancelled" if phase == "canceled" else phase
    return f"{kind}.{phase}" if kind in ("job", "batch") and phase in phases else None


def webhook_events(
    written: Any, phases: Sequence[str] = PHASES, default: tuple[str, ...] = DEFAULT_EVENTS
) -> tuple[str, ...]:
    """The subscription: each event once, in order; raises BadWebhook when nothing is left."""
    if written is None or written == []:
        return default
    if not isinstance(written, list):
        raise BadWebhook("webhook.events must be a list")
    named = [webhook_event(name, phases) for name in written]
    events = dict.fromkeys(event for event in named if event)
    if not events:
        raise BadWebhook("webhook.events names no event of a batch")
    return tuple(events)


def webhook_secret(written: Any) -> str | None:
    """The signing secret without surrounding blanks; a blank one counts as none."""
    return (written.strip() or None) if isinstance(written, str) else None


def webhook_state(written: Any) -> WebhookState | None:
    """The webhook of a create body, None for none; raises BadWebhook."""
    if written is None:
        return None
    if not isinstance(written, dict):
        raise BadWebhook("webhook must be an object")
    return WebhookState(
        webhook_url(written.get("url")),
        webhook_events(written.get("events")),
        webhook_secret(written.get("secret")),
    )
