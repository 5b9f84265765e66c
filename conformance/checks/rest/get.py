"""Reading one batch: the right one, by either path, as far as it has come."""

from collections.abc import Iterator

from conformance.checks import Findings, check
from conformance.checks.rest import _circumstances as around
from conformance.json_text import ABSENT, at, contains, same
from conformance.routes import TERMINAL, canonical_status
from conformance.transcript import Edge
from conformance.verdicts import HELD, broken, holds
from conformance.views import BatchBody, Observed, Seen

_LASTING = (
    "/request_id",
    "/provider",
    "/session_id",
    "/webhook/url",
    "/webhook/events",
    "/webhook/has_secret",
)
_CONSTANT = (
    "/id",
    "/object",
    "/endpoint",
    "/input_file_id",
    "/completion_window",
    "/created_at",
    "/metadata",
    *_LASTING,
)
_ALWAYS_SHOWN = ("/status", "/lifecycle_status", "/polling_url", "/websocket_url", "/pricing_lines")
# Shown by both paths or by neither while the status is the same.
_SHOWN_WITH_STATUS = (
    "/request_counts",
    "/expires_at",
    "/in_progress_at",
    "/finalizing_at",
    "/output_file_id",
    "/error_file_id",
    "/errors",
)
_GATEWAY_MEMBERS = (
    "polling_url",
    "websocket_url",
    "cancel_url",
    "billing",
    "pricing_lines",
    "lifecycle_status",
    "polled_status",
    "last_polled_at",
    "finalized_at",
    "request_id",
    "provider",
    "session_id",
    "webhook",
)


@check("REST-GET-01")
def get_returns_the_batch_of_the_path(observed: Observed) -> Findings:
    """A GET answers with the batch object of its path, and knows what the caller created."""
    for seen in observed.seen:
        if seen.operation == "get" and seen.response.ok and "?" not in seen.request.url:
            named = at(seen.json, "/id")
            wanted = f"a batch object with id {seen.route.id}"
            found = isinstance(seen.json, dict) and named == seen.route.id
            shown = seen.json if named is ABSENT else named
            yield holds(found, seen=shown, expected=wanted, pointer="/id", step=seen.number)
    for create in observed.creates:
        if create.batch_id is not None:
            reads = around.own_reads(observed, create)
            for seen in reads:
                if around.is_denied(seen, reads):
                    yield broken(f"HTTP {seen.status}", "HTTP 200", step=seen.number)


@check("REST-GET-03")
def polling_alone_shows_the_end(observed: Observed) -> Findings:
    """A batch that ended, nobody calling for it but GETs, is shown as ended."""
    for create in observed.creates:
        batch_id = create.batch_id
        if batch_id is None or not _is_only_polled(observed, batch_id):
            continue
        reads = [read for read in around.own_reads(observed, create) if read.response.ok]
        stale = [read for read in reads if not _shows_end(read) and _has_ended(observed, read)]
        if stale:
            seen = at(stale[-1].json, "/status")
            yield broken(seen, "a terminal status", "/status", stale[-1].number)
        elif any(_shows_end(read) for read in reads):
            yield HELD


def _shows_end(seen: Seen) -> bool:
    return canonical_status(at(seen.json, "/status")) in TERMINAL


def _is_only_polled(observed: Observed, batch_id: str) -> bool:
    operations = {seen.operation for seen in observed.seen if seen.route.id == batch_id}
    return "cancel" not in operations and not observed.transcript.edges("scheduled_job_tick")


def _has_ended(observed: Observed, seen: Seen) -> bool:
    """Whether the run had brought the provider's batch to an end and held it there."""
    status, held = None, False
    for number, edge in observed.transcript.of(Edge):
        if number > seen.number or edge.detail.get("batch") not in (None, seen.route.id):
            continue
        if edge.action == "provider_hold":
            held = bool(edge.detail.get("hold"))
        elif edge.action in {"provider_step", "life_scripted"}:
            status = edge.detail.get("status")
    return held and canonical_status(status) in TERMINAL


@check("REST-GET-04")
def what_create_said_lasts(body: BatchBody) -> Findings:
    """Ids, session and webhook settings of the create answer are the same on a later GET."""
    if body.operation == "get" and body.creation is not None:
        for pointer in _LASTING:
            first, now = at(body.creation.seen.json, pointer), body.given(pointer)
            if first not in (ABSENT, None) and now is not ABSENT:
                yield holds(same(first, now), seen=now, expected=first, pointer=pointer)


@check("REST-GET-06")
def refresh_failure_is_passed_on(observed: Observed) -> Findings:
    """A failure that the provider was told to answer a GET with comes through as it is."""
    for seen in observed.seen:
        edge = around.armed(observed, seen.number, "get")
        status = edge.detail.get("status") if edge else None
        if edge is None or edge.detail.get("hangup") or not _is_refreshed(observed, seen):
            continue
        if isinstance(status, int) and status >= 400:
            shown, wanted = f"HTTP {seen.status}", f"HTTP {status}"
            yield holds(seen.status == status, seen=shown, expected=wanted, step=seen.number)
            yield from _is_untouched(seen, edge)


def _is_refreshed(observed: Observed, seen: Seen) -> bool:
    """Whether a call is a GET of a batch of the caller's that had not ended before."""
    ended = observed.status_before(seen.number, seen.route.id) in TERMINAL
    return seen.operation == "get" and not ended and _was_read_plainly(observed, seen)


def _is_untouched(seen: Seen, edge: Edge) -> Findings:
    sent = edge.detail.get("body")
    if sent is not None:
        kept = contains(seen.json, sent)
        yield holds(kept, seen=seen.json, expected=sent, step=seen.number)
    added = [name for name in _GATEWAY_MEMBERS if at(seen.json, f"/{name}") is not ABSENT]
    yield holds(not added, seen=added, expected="no members of the gateway", step=seen.number)


@check("REST-GET-07")
def failed_settlement_leaves_the_read_alone(observed: Observed) -> Findings:
    """With the output file out of reach, the GET that sees the end is still a success."""
    for number, edge in observed.transcript.edges("provider_next_error"):
        if edge.detail.get("match") in ("content", "/content"):
            yield from _reads_to_the_end(observed, number)


def _reads_to_the_end(observed: Observed, armed: int) -> Findings:
    for seen in observed.seen:
        if seen.number < armed or not _is_refreshed(observed, seen):
            if seen.number > armed and seen.operation in {"content", "create"}:
                return
            continue
        if any(armed < n < seen.number and e.action in _HINDERS for n, e in _edges(observed)):
            return
        if _shows_end(seen) or seen.status >= 400:
            yield holds(
                seen.response.ok, seen=f"HTTP {seen.status}", expected="HTTP 200", step=seen.number
            )
            return


_HINDERS = frozenset(
    {
        "provider_next_error",
        "database_next_call_fails",
        "batch_switch",
        "provider_key_removed",
        "stored_provider_changed",
        "stored_batch_deleted",
    }
)


def _edges(observed: Observed) -> Iterator[tuple[int, Edge]]:
    return observed.transcript.of(Edge)


@check("REST-GET-08")
def both_paths_read_alike(observed: Observed) -> Findings:
    """The same batch read through /batch and /batches has the same lasting members."""
    for one, other in _across_paths(observed):
        number = other.number
        if not (one.response.ok and other.response.ok):
            shown = f"HTTP {other.status} from {other.route.prefix}"
            wanted = f"HTTP {one.status} as from {one.route.prefix}"
            yield holds(one.status == other.status, seen=shown, expected=wanted, step=number)
            continue
        for pointer in _CONSTANT:
            first, second = at(one.json, pointer), at(other.json, pointer)
            alike = same(first, second) or {type(first), type(second)} <= _NOTHING
            yield holds(alike, seen=second, expected=first, pointer=pointer, step=number)
        same_status = same(at(one.json, "/status"), at(other.json, "/status"))
        for pointer in (*_ALWAYS_SHOWN, *(_SHOWN_WITH_STATUS if same_status else ())):
            first, second = at(one.json, pointer), at(other.json, pointer)
            alike = (type(first) in _NOTHING) is (type(second) in _NOTHING)
            yield holds(alike, seen=second, expected=first, pointer=pointer, step=number)


_NOTHING = {type(None), type(ABSENT)}


def _across_paths(observed: Observed) -> Iterator[tuple[Seen, Seen]]:
    """Each GET with the last one of the same batch and workspace by the other path."""
    gets = [
        seen
        for seen in observed.seen
        if seen.operation == "get"
        and "?" not in seen.request.url
        and around.workspace_of(seen) is not None
        and not around.of_the_caller(seen)
        and seen.status not in {500, 502, 503, 504}
        and not around.is_disturbed(observed, seen)
    ]
    for index, later in enumerate(gets):
        for earlier in reversed(gets[:index]):
            if (
                earlier.route.id == later.route.id
                and earlier.route.prefix != later.route.prefix
                and around.workspace_of(earlier) == around.workspace_of(later)
                and around.is_after(later, earlier)
            ):
                yield earlier, later
                break


@check("REST-GET-10")
def query_does_not_change_the_batch(observed: Observed) -> Findings:
    """A GET with a query string reads the batch that its path names."""
    for seen in observed.seen:
        if seen.operation != "get" or "?" not in seen.request.url:
            continue
        if not _was_read_plainly(observed, seen) or around.is_disturbed(observed, seen):
            continue
        named = at(seen.json, "/id")
        if seen.response.ok or around.is_denied(seen, [seen]):
            shown = named if seen.response.ok else f"HTTP {seen.status}"
            found = seen.response.ok and named == seen.route.id
            yield holds(found, seen=shown, expected=seen.route.id, pointer="/id", step=seen.number)


def _was_read_plainly(observed: Observed, seen: Seen) -> bool:
    """Whether the workspace got the batch before, by a plain GET or as its maker."""
    return any(
        body.operation in {"create", "get"}
        and "?" not in body.seen.request.url
        and around.workspace_of(body.seen) == around.workspace_of(seen) is not None
        and around.is_after(seen, body.seen)
        for body in observed.histories.get(seen.route.id or "", ())
    )
