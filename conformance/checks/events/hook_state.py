"""The public state of a webhook: no secret, and counters that agree with what they count."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.events import _hooks
from conformance.checks.events._clock import millis
from conformance.checks.events._records import is_whole
from conformance.checks.events._secrets import stands_in, telling_secret
from conformance.checks.events._waits import latest_ms, waiting
from conformance.json_text import at, child
from conformance.signature import trimmed
from conformance.transcript import Delivery, Headers, Stream
from conformance.verdicts import HELD, broken, holds, show
from conformance.views import BatchBody, Create, Observed

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


@check("HOOK-REG-22")
def secret_is_never_shown(observed: Observed) -> Findings:
    """No webhook secret stands in anything that the gateway says, in any spelling."""
    sent = {telling_secret(create) for create in observed.creates}
    for secret in (sent | _hooks.registered_secrets(observed)) - {None}:
        leaks = [
            (number, place)
            for number, place, text in _said(observed)
            if secret is not None and stands_in(secret, text)
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
    attempts, total = _attempts(body), body.get("/webhook/delivery/total_attempts")
    if not attempts or not isinstance(body.get("/webhook/delivery"), dict):
        return
    count = _hooks.whole(total) or 0
    tried = [millis(at(one, "/tried_at")) for one in attempts]
    known = [one for one in tried if one is not None]
    yield holds(
        len(attempts) == min(count, _MOST_SHOWN) and count <= _MOST_KEPT,
        seen=f"{len(attempts)} of {show(total)}",
        expected=f"the last {_MOST_SHOWN} of at most {_MOST_KEPT}",
        pointer="/webhook/attempts",
    )
    yield holds(
        known == sorted(known), seen=tried, expected="oldest first", pointer="/webhook/attempts"
    )


def _keys(body: BatchBody, *statuses: str) -> set[str]:
    """The delivery keys of the attempts shown, of those with these statuses if any are given."""
    found = [
        at(one, "/delivery_key")
        for one in _attempts(body)
        if not statuses or at(one, "/status") in statuses
    ]
    return {key for key in found if isinstance(key, str)}


@check("HOOK-REG-28")
def delivered_keys_are_listed_once_and_sorted(body: BatchBody) -> Findings:
    """The list delivered_event_types has the keys that were delivered, each once, sorted."""
    keys, done = body.get("/webhook/delivery/delivered_event_types"), _keys(body, "delivered")
    if not isinstance(body.get("/webhook/delivery"), dict) or not (keys or done):
        return
    listed = keys if isinstance(keys, list) else []
    named = [key for key in listed if isinstance(key, str) and _KEY.fullmatch(key)]
    failed = _keys(body) - done if is_whole(body.get("/webhook")) else set()
    yield holds(
        named == keys == sorted(set(named)) and done <= set(named) and failed.isdisjoint(named),
        seen=keys,
        expected=f"delivery keys, each once, sorted; delivered were {sorted(done)}",
        pointer="/webhook/delivery/delivered_event_types",
    )


def _counted(observed: Observed, body: BatchBody) -> Iterator[tuple[str, Any, bool, str]]:
    """The counters of a body that can be checked: name, value, whether it is right, what is."""
    delivery = body.get("/webhook/delivery")
    keys = at(delivery, "/delivered_event_types")
    if isinstance(keys, list):
        seen = at(delivery, "/delivered_events")
        yield "delivered_events", seen, _hooks.whole(seen) == len(keys), str(len(keys))
    waits = waiting(body.get("/webhook"), latest_ms(observed, body))
    if waits is not None:
        seen = at(delivery, "/pending_retries")
        known = f"{len(waits.sure)}, perhaps {len(waits.doubtful)} more"
        yield "pending_retries", seen, waits.may_be(_hooks.whole(seen)), known


@check("HOOK-REG-29")
def counters_count(observed: Observed) -> Findings:
    """The counters agree with the list of keys and with the attempts that wait."""
    for body in observed.bodies:
        for name, seen, is_right, expected in _counted(observed, body):
            yield holds(
                is_right,
                seen=seen,
                expected=expected,
                pointer=f"{body.pointer}/webhook/delivery/{name}",
                step=body.seen.number,
            )
