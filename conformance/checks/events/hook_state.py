"""The public state of a webhook: no secret, and counters that agree with what they count."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.events import _hooks
from conformance.checks.events._clock import millis
from conformance.checks.events.hook_record import waiting
from conformance.json_text import ABSENT, at, child
from conformance.redact import Redactor
from conformance.signature import trimmed
from conformance.transcript import Delivery, Headers, Stream
from conformance.verdicts import HELD, broken, holds
from conformance.views import BatchBody, Create, Observed

# Shorter secrets would be found by chance.
_SHORTEST = 6
_MOST_SHOWN, _MOST_KEPT = 10, 50
_KEY = re.compile(
    r"batch\.(?:created|completed|failed|cancelled|expired|progress:[0-9]{1,3}|status_changed.*)"
)
_COUNTERS = ("total_attempts", "delivered_events", "pending_retries")
_TIMES = (
    "next_retry_at", "last_attempt_at", "last_attempt_status", "last_response_status",
    "last_delivered_at", "last_failure_at", "last_error_message",
)  # fmt: skip


def _with_headers(text: str | None, headers: Headers) -> str:
    return "\n".join([text or "", *(f"{name}: {value}" for name, value in headers)])


def _said(observed: Observed) -> Iterator[tuple[int, str, str]]:
    """All that the gateway said on any channel: step, pointer, text."""
    for number, exchange in observed.transcript.exchanges:
        if exchange.response is not None:
            body = exchange.response.body
            yield number, "", _with_headers(body.text if body else "", exchange.response.headers)
    for number, stream in observed.transcript.of(Stream):
        for index, frame in enumerate(stream.frames):
            content = frame.content
            if frame.sender == "server":
                text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
                yield number, child("/frames", index), text
    for number, delivery in observed.transcript.of(Delivery):
        yield number, "", _with_headers(delivery.body.text, delivery.headers)


def _secrets(observed: Observed) -> set[str]:
    """The secrets that were sent, or their markers."""
    sent = {trimmed(_hooks.secret_of(create) or "") for create in observed.creates}
    return {secret for secret in sent if len(secret) >= _SHORTEST}


def _stands_in(secret: str, text: str) -> bool:
    """Whether a text has the secret in any spelling, or the marker of it or of a part of it."""
    if secret.startswith("{{") and secret.endswith("}}"):
        return secret in text or f"{secret[:-2]}:" in text
    return Redactor({"webhook:sent": secret}).text(text) != text


@check("HOOK-REG-22")
def secret_is_never_shown(observed: Observed) -> Findings:
    """No webhook secret stands in anything that the gateway says, in any spelling."""
    for secret in _secrets(observed):
        leaks = [
            (number, place) for number, place, text in _said(observed) if _stands_in(secret, text)
        ]
        yield from (broken("the secret", "no secret", place, number) for number, place in leaks)
        if not leaks:
            yield HELD


@check("HOOK-REG-23")
def has_secret_tells_of_signing(create: Create) -> Findings:
    """The member has_secret is true exactly for a webhook with a secret that is not blank."""
    secret = _hooks.secret_of(create)
    if create.accepted and secret is not None:
        seen = at(create.seen.json, "/webhook/has_secret")
        yield holds(
            seen is bool(trimmed(secret)),
            seen=seen,
            expected=bool(trimmed(secret)),
            pointer="/webhook/has_secret",
        )


def _was_not_tried(body: BatchBody) -> bool:
    """Whether nothing can have been delivered: only ends are subscribed to, and there is none."""
    wanted = _hooks.asked(body.creation)
    return wanted is not None and wanted <= _hooks.FINAL and body.status is not None


@check("HOOK-REG-26")
def state_is_empty_before_the_first_attempt(body: BatchBody) -> Findings:
    """Before any attempt all counters are 0, all lists empty and all times null."""
    delivery = body.get("/webhook/delivery")
    if body.is_terminal or not _was_not_tried(body) or not isinstance(delivery, dict):
        return
    wrong = [name for name in _COUNTERS if _hooks.whole(delivery.get(name)) != 0]
    wrong += [name for name in _TIMES if delivery.get(name) is not None]
    lists = (delivery.get("delivered_event_types"), body.get("/webhook/attempts"))
    wrong += ["a list" for one in lists if one != []]
    yield holds(
        not wrong,
        seen=f"{', '.join(wrong)} in {delivery}",
        expected="zeros, empty lists and nulls",
        pointer="/webhook/delivery",
    )


def _attempts(body: BatchBody) -> list[Any]:
    found = body.get("/webhook/attempts")
    return found if isinstance(found, list) else []


@check("HOOK-REG-27")
def last_ten_attempts_are_shown(body: BatchBody) -> Findings:
    """The last ten attempts at most are shown, oldest first; total_attempts counts all."""
    attempts, total = _attempts(body), _hooks.whole(body.get("/webhook/delivery/total_attempts"))
    if not attempts or total is None:
        return
    tried = [millis(at(one, "/tried_at")) for one in attempts]
    known = [one for one in tried if one is not None]
    yield holds(
        len(attempts) == min(total, _MOST_SHOWN) and total <= _MOST_KEPT,
        seen=f"{len(attempts)} of {total}",
        expected=f"{min(total, _MOST_SHOWN)} of at most {_MOST_KEPT}",
        pointer="/webhook/attempts",
    )
    yield holds(
        known == sorted(known), seen=tried, expected="oldest first", pointer="/webhook/attempts"
    )


@check("HOOK-REG-28")
def delivered_keys_are_listed_once_and_sorted(body: BatchBody) -> Findings:
    """The list delivered_event_types has delivery keys, each once, sorted, none missing."""
    keys = body.get("/webhook/delivery/delivered_event_types")
    done = {
        at(one, "/delivery_key") for one in _attempts(body) if at(one, "/status") == "delivered"
    }
    if not isinstance(keys, list) or not (keys or done):
        return
    named = [key for key in keys if isinstance(key, str) and _KEY.fullmatch(key)]
    missing = {key for key in done if isinstance(key, str)} - set(named)
    yield holds(
        named == keys and keys == sorted(set(named)) and not missing,
        seen=keys,
        expected="delivery keys, each once, sorted",
        pointer="/webhook/delivery/delivered_event_types",
    )


@check("HOOK-REG-29")
def counters_count(body: BatchBody) -> Findings:
    """The counters agree with the list of keys and with the attempts that wait."""
    delivery = body.get("/webhook/delivery")
    keys = at(delivery, "/delivered_event_types")
    if isinstance(keys, list):
        seen = at(delivery, "/delivered_events")
        place = "/webhook/delivery/delivered_events"
        yield holds(_hooks.whole(seen) == len(keys), seen=seen, expected=len(keys), pointer=place)
    waits = waiting(body.get("/webhook"))
    pending = at(delivery, "/pending_retries")
    if waits is not None and pending is not ABSENT:
        place = "/webhook/delivery/pending_retries"
        yield holds(
            _hooks.whole(pending) == len(waits), seen=pending, expected=len(waits), pointer=place
        )
