"""Echoing: what a create said comes back on every answer about its batch."""

from typing import Any
from urllib.parse import urlsplit

from conformance.checks import Findings, check
from conformance.checks.rest import _circumstances as around
from conformance.json_text import ABSENT, at, child, same
from conformance.verdicts import broken, holds
from conformance.views import BatchBody, Create, Observed, Pair

_LONGEST_SESSION_ID = 256
# An answer that must carry what it echoes; the others may leave a member out.
_FULL = frozenset({"create", "get"})


def _sent(body: BatchBody, name: str) -> Any:
    """What the create of this batch said, ABSENT when it said nothing or was not seen."""
    return ABSENT if body.creation is None else at(body.creation.sent, child("", name))


@check("REST-ECHO-01")
def input_file_id_comes_back(body: BatchBody) -> Findings:
    """`input_file_id` is the one of the create request."""
    sent, shown = _sent(body, "input_file_id"), body.given("/input_file_id")
    if isinstance(sent, str) and (shown is not ABSENT or body.operation in _FULL):
        # Blanks around the id are no part of it.
        alike = shown in (sent, sent.strip())
        yield holds(alike, seen=shown, expected=sent, pointer="/input_file_id")


def _target(endpoint: str) -> str:
    """The target that a spelling of an endpoint names."""
    text = endpoint.strip()
    if "://" in text:
        try:
            text = urlsplit(text).path
        except ValueError:
            return text
    text = text.split("?")[0].split("#")[0].strip("/")
    return text.removeprefix("v1/")


@check("REST-ECHO-02")
def endpoint_names_the_same_target(body: BatchBody) -> Findings:
    """`endpoint` names the target of the create request, whatever the spelling."""
    sent, shown = _sent(body, "endpoint"), body.given("/endpoint")
    if isinstance(sent, str) and (shown is not ABSENT or body.operation in _FULL):
        alike = isinstance(shown, str) and _target(shown) == _target(sent)
        yield holds(alike, seen=shown, expected=sent, pointer="/endpoint")


@check("REST-ECHO-03")
def completion_window_comes_back(body: BatchBody) -> Findings:
    """`completion_window`, when present, is the one of the create request."""
    sent, shown = _sent(body, "completion_window"), body.given("/completion_window")
    if sent not in (ABSENT, None) and shown is not ABSENT:
        yield holds(same(shown, sent), seen=shown, expected=sent, pointer="/completion_window")


def _metadata_is_contained(body: BatchBody) -> Findings:
    sent = _sent(body, "metadata")
    for key, value in sent.items() if isinstance(sent, dict) else ():
        pointer = child("/metadata", key)
        shown = body.get(pointer)
        yield holds(same(shown, value), seen=shown, expected=value, pointer=pointer)


@check("REST-ECHO-04")
def metadata_comes_back(body: BatchBody) -> Findings:
    """Every pair of the request's metadata is in the create answer and in every GET."""
    if body.operation in _FULL:
        yield from _metadata_is_contained(body)


@check("REST-ECHO-05")
def list_item_carries_metadata(body: BatchBody) -> Findings:
    """Every pair of the request's metadata is in the list item."""
    if body.operation == "list-item":
        yield from _metadata_is_contained(body)


def _is_session_id(value: Any) -> bool:
    return isinstance(value, str) and value != "" and len(value) <= _LONGEST_SESSION_ID


@check("REST-ECHO-06")
def session_id_comes_back(body: BatchBody) -> Findings:
    """`session_id` of the request is on create, GET, list and cancel."""
    sent, shown = _sent(body, "session_id"), body.given("/session_id")
    if _is_session_id(sent) and sent.strip():
        yield holds(same(shown, sent), seen=shown, expected=sent, pointer="/session_id")


@check("REST-ECHO-07")
def session_id_alias_is_echoed(create: Create) -> Findings:
    """`sessionId` without a `session_id` comes back as `session_id`."""
    sent = at(create.sent, "/sessionId")
    if (
        not create.accepted
        or not _is_session_id(sent)
        or at(create.sent, "/session_id") is not ABSENT
    ):
        return
    shown, alias = at(create.seen.json, "/session_id"), at(create.seen.json, "/sessionId")
    yield holds(same(shown, sent), seen=shown, expected=sent, pointer="/session_id")
    yield holds(alias is ABSENT, seen=alias, expected="no such member", pointer="/sessionId")


@check("REST-ECHO-10")
def session_id_is_kept_exactly(observed: Observed) -> Findings:
    """A session_id of up to 256 characters is accepted and comes back unchanged."""
    for create in observed.creates:
        sent = at(create.sent, "/session_id")
        if not _is_session_id(sent):
            continue
        if create.accepted:
            shown, step = at(create.seen.json, "/session_id"), create.seen.number
            yield holds(
                same(shown, sent), seen=shown, expected=sent, pointer="/session_id", step=step
            )
        elif create.seen.status in {400, 422} and _is_good_without_session_id(observed, create):
            yield broken(f"HTTP {create.seen.status}", "HTTP 200", step=create.seen.number)


def _is_good_without_session_id(observed: Observed, create: Create) -> bool:
    """Whether the same request with another session_id, or none, was accepted."""
    return any(
        other.accepted
        and around.workspace_of(other.seen) == around.workspace_of(create.seen)
        and same(_without_session_id(other), _without_session_id(create))
        for other in observed.creates
    )


def _without_session_id(create: Create) -> Any:
    members = create.sent.items() if isinstance(create.sent, dict) else ()
    return {name: value for name, value in members if name != "session_id"}


@check("REST-ECHO-17")
def no_webhook_is_invented(body: BatchBody) -> Findings:
    """A batch made without a webhook shows none."""
    sent = body.creation.sent if body.creation else ABSENT
    asked = ("webhook", "webhook_endpoint_id")
    if isinstance(sent, dict) and all(sent.get(name) is None for name in asked):
        shown = body.given("/webhook")
        yield holds(shown is ABSENT, seen=shown, expected="no such member", pointer="/webhook")


@check("REST-ECHO-18")
def provider_stays_the_same(observed: Observed) -> Findings:
    """`provider` is a non-empty string, the same on every answer of a batch."""
    changed = [
        edge.detail.get("batch") for _, edge in observed.transcript.edges("stored_provider_changed")
    ]
    for body in observed.bodies:
        if body.id not in changed:
            shown, step, pointer = (
                body.get("/provider"),
                body.seen.number,
                f"{body.pointer}/provider",
            )
            named = isinstance(shown, str) and shown != ""
            yield holds(named, seen=shown, expected="a provider", pointer=pointer, step=step)
    for pair in observed.pairs:
        if pair.later.id not in changed:
            yield from _stays(pair, "provider")


def _stays(pair: Pair, name: str) -> Findings:
    first, now = pair.earlier.get(f"/{name}"), pair.later.get(f"/{name}")
    pointer = f"{pair.later.pointer}/{name}"
    yield holds(
        same(first, now), seen=now, expected=first, pointer=pointer, step=pair.later.seen.number
    )


@check("REST-ECHO-19")
def request_id_stays_the_same(observed: Observed) -> Findings:
    """`request_id` is a string, the same on every answer of a batch."""
    for body in observed.bodies:
        shown, step, pointer = (
            body.get("/request_id"),
            body.seen.number,
            f"{body.pointer}/request_id",
        )
        yield holds(isinstance(shown, str), seen=shown, expected="text", pointer=pointer, step=step)
    for pair in observed.pairs:
        yield from _stays(pair, "request_id")


@check("REST-ECHO-20")
def request_id_is_new_for_each_create(observed: Observed) -> Findings:
    """No two creates that made different batches have the same `request_id`."""
    batch_of: dict[str, str] = {}
    for create in observed.creates:
        named = at(create.seen.json, "/request_id")
        if create.batch_id is None or not isinstance(named, str):
            continue
        fresh = batch_of.setdefault(named, create.batch_id) == create.batch_id
        if len(batch_of) > 1 or not fresh:
            yield holds(
                fresh,
                seen=named,
                expected="an id that no other batch has",
                pointer="/request_id",
                step=create.seen.number,
            )
