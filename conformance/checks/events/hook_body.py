"""Bodies of deliveries: what they say of the event, the attempt and the batch."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from conformance.checks import Findings, check
from conformance.checks.events import _hooks, _records
from conformance.event_views import Deliveries, WebhookCall, calls, creation_of
from conformance.json_text import ABSENT, at
from conformance.verdicts import Finding, holds
from conformance.views import Create, Observed

_TYPE = re.compile(r"batch\.(?:created|progress|completed|failed|cancelled|expired)")
_TYPE_B = re.compile(
    r"batch\.(?:created|progress|completed|failed|cancelled|expired|status_changed)"
)
_UNCLEAN = re.compile(r"[^A-Za-z0-9_-]+")
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ORDER = ["id", "type", "created_at", "delivery", "data"]
_LINKS = ("polling_url", "websocket_url", "cancel_url")
# How far the clocks of gateway and suite may be apart.
_APART_MS = 300_000


def _events_by_id(observed: Observed) -> Mapping[str | None, set[tuple[str, str]]]:
    """The events, each by its batch and delivery key, that have an id."""
    found: dict[str | None, set[tuple[str, str]]] = {}
    for call in calls(observed):
        if call.batch_id is not None and call.key is not None:
            found.setdefault(call.event_id, set()).add((call.batch_id, call.key))
    return found


@check("HOOK-BODY-02")
def event_id_is_the_same_on_every_attempt(view: Deliveries) -> Findings:
    """All attempts of an event have one id; other events and other batches have others."""
    events = _events_by_id(view.observed)
    for key, attempts in view.by_key.items():
        for call in attempts if key is not None else ():
            first = attempts[0].event_id
            alone = events.get(first) == {(view.batch_id, key)}
            yield holds(
                call.event_id is not None
                and call.event_id == first
                and (alone or not _hooks.tells_events_apart(call)),
                seen=call.get("/id"),
                expected=f"one id for {key} alone, first {first}",
                pointer="/id",
                step=call.number,
            )


@check("HOOK-BODY-03")
def event_id_is_made_of_batch_and_key(call: WebhookCall) -> Findings:
    """The id is evt_batch_, the batch and the delivery key, cleaned and cut."""
    if call.batch_id is not None and call.key is not None and call.event_id is not None:
        text = _UNCLEAN.sub("_", f"evt_batch_{call.batch_id}_{call.key}")
        wanted = text[: _hooks.LONGEST_ID]
        yield holds(call.event_id == wanted, seen=call.event_id, expected=wanted, pointer="/id")


@check("HOOK-BODY-04")
def type_is_that_of_a_batch_event(call: WebhookCall, profile: str) -> Findings:
    """The type is batch.<phase>, whatever name the subscription used."""
    if _hooks.is_of_batch(call):
        known = (_TYPE_B if profile == "phaseo" else _TYPE).fullmatch(call.event_type or "")
        yield holds(known, seen=call.get("/type"), expected="batch.<phase>", pointer="/type")


def _before(call: WebhookCall) -> WebhookCall | None:
    """The attempt of the same event that arrived before."""
    earlier = (
        one
        for one in reversed(calls(call.observed))
        if (one.batch_id, one.key) == (call.batch_id, call.key) and one.number < call.number
    )
    return next(earlier, None) if call.key is not None else None


def _moves_on(call: WebhookCall, made_s: int) -> bool:
    """Whether created_at has moved since the attempt before no less than the clock has."""
    before = _before(call)
    earlier_s = _hooks.whole(before.get("/created_at")) if before else None
    passed = _records.between(before, call) if before else None
    if earlier_s is None or passed is None:
        return True
    return (made_s - earlier_s) * 1000 >= passed.least_ms - _records.DRIFT_MS


@check("HOOK-BODY-05")
def created_at_is_the_time_of_the_attempt(call: WebhookCall) -> Findings:
    """created_at is an integer, in Unix seconds the time at which this attempt was made."""
    if not _hooks.is_of_batch(call):
        return
    made_s = _hooks.whole(call.get("/created_at"))
    shown = _records.clock_at(call)
    near = made_s is not None and (
        shown is None or shown[0] - _APART_MS <= made_s * 1000 <= shown[1] + _APART_MS
    )
    yield holds(
        near and made_s is not None and _moves_on(call, made_s),
        seen=call.get("/created_at"),
        expected=f"about {shown[1] // 1000}" if shown else "Unix seconds of this attempt",
        pointer="/created_at",
    )


def _aimed_at(call: WebhookCall) -> list[Create]:
    """The accepted creates whose webhook is at the path of the delivery."""
    found = []
    for create in call.observed.creates:
        path = _hooks.path_of(_hooks.address_of(create, call.observed))
        if create.batch_id and path is not None and path == call.delivery.path.partition("?")[0]:
            found.append(create)
    return found


def _is_about(call: WebhookCall, create: Create) -> bool:
    """Whether all else in a delivery says that it is about this batch."""
    request = at(create.seen.json, "/request_id")
    named = request is not ABSENT and call.get("/data/request_id") == request
    return named or (create.batch_id or "?") in (call.event_id or "")


@check("HOOK-BODY-08")
def data_names_the_batch(observed: Observed) -> Findings:
    """data.id is the gateway's id of the batch, data.kind is batch."""
    for call in filter(_hooks.is_of_batch, calls(observed)):
        creates = [one for one in _aimed_at(call) if _is_about(call, one)]
        own = creation_of(observed, call.batch_id)
        if own is None and not creates:
            continue
        ids: list[str | None] = [one.batch_id for one in creates] or [call.batch_id]
        seen, kind = call.get("/data/id"), call.get("/data/kind")
        yield holds(seen in ids, seen=seen, expected=ids[0], pointer="/data/id", step=call.number)
        yield holds(
            kind == "batch", seen=kind, expected="batch", pointer="/data/kind", step=call.number
        )


@check("HOOK-BODY-10")
def final_event_shows_its_status(call: WebhookCall, profile: str) -> Findings:
    """The first attempt of a final event has that status in data."""
    phase = _hooks.type_phase(call)
    message = call.message
    if phase not in _hooks.FINAL or call.attempt != 1 or message is None:
        return
    wanted = {phase, "expired"} if (profile, phase) == ("phaseo", "failed") else {phase}
    yield holds(
        message.status in wanted,
        seen=message.get("/status"),
        expected=" or ".join(sorted(wanted)),
        pointer="/data/status",
    )


@check("HOOK-BODY-21")
def state_counts_the_attempts_before(call: WebhookCall) -> Findings:
    """While only one event was sent, attempt n of it shows n-1 attempts."""
    total = _hooks.whole(call.get("/data/webhook/delivery/total_attempts"))
    until = [
        one
        for one in calls(call.observed)
        if one.batch_id == call.batch_id and one.number <= call.number
    ]
    alone = {one.key for one in until} == {call.key} and call.creation is not None
    if alone and total is not None and call.attempt == len(until):
        yield holds(
            total == call.attempt - 1,
            seen=total,
            expected=call.attempt - 1,
            pointer="/data/webhook/delivery/total_attempts",
        )


def _host(url: Any) -> str | None:
    try:
        return urlsplit(url).netloc.lower() or None if isinstance(url, str) else None
    except ValueError:
        return None


def _public_hosts(observed: Observed, batch_id: str | None) -> set[str]:
    """The hosts of the links in REST bodies of a batch; else those that were called."""
    bodies = observed.histories.get(batch_id or "", [])
    linked = {_host(body.get(f"/{name}")) for body in bodies for name in _LINKS}
    return {host for host in linked if host} or {
        host for body in bodies for host in [_host(body.seen.request.url)] if host
    }


def _linked(call: WebhookCall, hosts: set[str]) -> Iterator[Finding]:
    for name in _LINKS:
        host = _host(call.get(f"/data/{name}"))
        if host is not None:
            yield holds(
                host in hosts,
                seen=call.get(f"/data/{name}"),
                expected=" or ".join(sorted(hosts)),
                pointer=f"/data/{name}",
                step=call.number,
            )


@check("HOOK-BODY-23")
def links_have_the_public_host(observed: Observed) -> Findings:
    """The links in data are at the host that the links of REST bodies have."""
    for call in filter(_hooks.is_of_batch, calls(observed)):
        hosts = _public_hosts(observed, call.batch_id)
        if hosts:
            yield from _linked(call, hosts)


@check("HOOK-BODY-24")
def body_is_compact_and_in_order(call: WebhookCall) -> Findings:
    """The body is UTF-8 JSON without white space, its keys in the known order."""
    if not _hooks.is_of_batch(call) or not call.delivery.body.exact:
        return
    bare = _STRINGS.sub(b'""', call.delivery.body.content)
    keys = [key for key in call.value if key in _ORDER]
    yield holds(
        not re.search(rb"\s", bare) and keys == [key for key in _ORDER if key in keys],
        seen=f"keys {', '.join(keys)}",
        expected="no white space, keys in order",
    )
