"""Handshake: who is let in, and how the others are refused."""

from collections.abc import Iterator
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.events import _own
from conformance.checks.events._closing import is_mute
from conformance.checks.rest import _circumstances as around
from conformance.event_views import Handshake, handshakes, messages, streams
from conformance.json_text import at, same
from conformance.verdicts import Finding, holds
from conformance.views import Observed

# Members of the data of a batch that no error body has of its own.
_OF_THE_JOB = frozenset({
    "lifecycle_status", "progress", "session_id", "native_id", "polling_url", "websocket_url",
    "cancel_url", "webhook", "completion_window", "input_file_id", "output_file_id",
    "error_file_id", "byok_key_id", "reservation_id", "reservation_status", "pricing_lines",
    "next_webhook_retry_at", "last_webhook_progress", "last_webhook_progress_at",
    "last_webhook_dispatched_at", "last_polled_at", "polled_status", "finalized_at",
    "request_counts", "upstream_error", "provider_failure_diagnostics", "failure_sample",
    "routing_diagnostics", "provider_enablement", "provider_candidate_diagnostics", "billing",
    "app_id", "key_source",
})  # fmt: skip
_OF_THE_CONNECTION = ("connection", "content-length", "date", "transfer-encoding")
_OF_THE_CALL = frozenset({"request_id", "generation_id", "workspace_id"})
# Of an error, `failed` and `pending` might be said too.
_STATES = frozenset({
    "validating", "in_progress", "finalizing", "completed", "cancelling", "cancelled", "expired",
})  # fmt: skip


def _said(one: Handshake) -> str:
    return f"HTTP {one.status} {at(one.json, '/reason') or ''}".rstrip()


def _answered(one: Handshake, *statuses: int) -> Finding:
    wanted = " or ".join(map(str, statuses))
    return holds(
        one.status in statuses, seen=_said(one), expected=f"HTTP {wanted}", step=one.number
    )


@check("WS-HS-01")
def owner_is_let_in(one: Handshake) -> Findings:
    """A valid handshake by the owner is answered 101."""
    if _own.is_valid(one):
        yield _answered(one, 101)


def _is_plain_call(one: Handshake) -> bool:
    upgrade = one.seen.request.header("upgrade")
    return upgrade is None and _own.is_plain(one) and _own.own(one)


@check("WS-HS-02")
def plain_get_is_answered_426(one: Handshake) -> Findings:
    """A plain GET of the stream of an own batch is answered 426."""
    if _is_plain_call(one):
        yield _answered(one, 426)


def _has_all_headers(one: Handshake) -> bool:
    """Whether the answer is shown with the headers of the connection, of which Upgrade is one."""
    return any(one.seen.response.header(name) is not None for name in _OF_THE_CONNECTION)


@check("WS-HS-03")
def answer_426_names_the_protocol(one: Handshake) -> Findings:
    """The 426 answer has an Upgrade header that names websocket."""
    named = one.seen.response.header("upgrade")
    if one.status == 426 and (named is not None or _has_all_headers(one)):
        words = [word.strip().lower() for word in (named or "").split(",")]
        yield holds("websocket" in words, seen=f"upgrade: {named}", expected="upgrade: websocket")


@check("WS-HS-05")
def another_protocol_is_no_upgrade(one: Handshake) -> Findings:
    """An upgrade to another protocol is answered 426."""
    upgrade = one.seen.request.header("upgrade") or ""
    if upgrade and "websocket" not in upgrade.lower() and _own.is_plain(one) and _own.own(one):
        yield _answered(one, 426)


def _unknown(observed: Observed) -> Iterator[Handshake]:
    """The refused upgrades for ids that no workspace was seen to have."""
    known = _own.owners(observed)
    for one in handshakes(observed):
        asked = _own.is_upgrade(one) and one.kind == "batch" and one.status == 404
        if asked and one.id not in known and not one.id.startswith("__"):
            yield one


@check("WS-HS-11")
def foreign_batch_is_as_one_that_is_not_there(observed: Observed) -> Findings:
    """A batch of another workspace is refused in the words for one that does not exist."""
    unknown = list(_unknown(observed))
    for one in _own.foreign(observed):
        yield _answered(one, 404)
        for other in unknown[:1] if one.status == 404 else ():
            ours, theirs = (around.told(each.json, each.id, _OF_THE_CALL) for each in (one, other))
            yield holds(same(ours, theirs), seen=one.json, expected=other.json, step=one.number)


@check("WS-HS-13")
def batch_is_no_video(one: Handshake) -> Findings:
    """An own batch asked for under kind video is answered 404."""
    if one.kind == "video" and _own.is_upgrade(one) and _own.own(one):
        yield _answered(one, 404)


def _leaks(value: Any) -> Iterator[str]:
    """The members of the job's data anywhere in a body."""
    if isinstance(value, dict):
        yield from (key for key in value if key in _OF_THE_JOB and value[key] is not None)
        status = value.get("status")
        yield from ["status"] if isinstance(status, str) and status in _STATES else []
    members = value.values() if isinstance(value, dict) else value
    for member in members if isinstance(value, dict | list) else ():
        yield from _leaks(member)


@check("WS-HS-15")
def refusal_tells_nothing_of_the_job(one: Handshake) -> Findings:
    """A refused handshake has no member of the job in its body, and opens no stream."""
    keyless = one.seen.request.header("authorization") is None
    if one.opened and not keyless:
        return
    sent = [frame for frame in one.stream.frames if frame.sender == "server"] if one.stream else []
    leaked = sorted(set(_leaks(one.json)))
    yield holds(
        not one.opened and not sent and not leaked,
        seen=f"{_said(one)}, {len(sent)} frames, {', '.join(leaked) or 'no data'}",
        expected="a refusal without data of the job",
    )


@check("WS-HS-16")
def ended_batch_can_be_streamed(one: Handshake) -> Findings:
    """The owner's handshake for a batch that has ended is answered 101, with a frame."""
    body = _own.last_body(one)
    if body is None or not body.is_terminal or not _own.is_valid(one):
        return
    yield _answered(one, 101)
    for stream in streams(one.observed):
        if stream.number == one.number and (stream.frames or is_mute(stream)):
            yield holds(stream.frames, seen="no frame", expected="a snapshot", step=one.number)


@check("WS-HS-17")
def id_is_decoded_once(one: Handshake) -> Findings:
    """An own id with a needless percent escape is answered 101."""
    if one.kind == "batch" and _own.is_upgrade(one) and not _own.is_plain(one) and _own.own(one):
        yield _answered(one, 101)


def _native_ids(observed: Observed) -> set[str]:
    shown = [body.get("/native_batch_id") for body in observed.bodies]
    shown += [message.get("/native_id") for message in messages(observed)]
    known = {value for value in shown if isinstance(value, str)}
    told = {message.id for message in messages(observed)}
    return known - observed.histories.keys() - told


@check("WS-HS-18")
def id_of_the_provider_opens_nothing(observed: Observed) -> Findings:
    """The provider's own id of a batch is answered 404 where the gateway's is another."""
    native = _native_ids(observed)
    working = {seen.request.credential for seen in observed.seen if seen.response.ok}
    for one in handshakes(observed):
        asked = one.id in native and one.kind == "batch" and _own.is_upgrade(one)
        if asked and one.seen.request.credential in working - {None}:
            yield _answered(one, 404)


@check("WS-HS-19")
def kind_has_no_case(one: Handshake) -> Findings:
    """The kind of an own batch in another letter case is answered 101."""
    another = one.kind != "batch" and one.kind.lower() == "batch"
    if another and _own.is_upgrade(one) and _own.own(one):
        yield _answered(one, 101)


@check("WS-HS-21")
def rows_of_files_are_not_streamed(one: Handshake) -> Findings:
    """The row that the gateway keeps of an uploaded file is answered 404."""
    file_id = one.id.removeprefix("__file__:")
    view = one.observed.files.get(file_id) if file_id != one.id else None
    if view is None or view.upload is None or one.kind != "batch" or not _own.is_upgrade(one):
        return
    if _own.workspace_of(view.upload) == _own.workspace_of(one.seen) is not None:
        yield _answered(one, 404)
