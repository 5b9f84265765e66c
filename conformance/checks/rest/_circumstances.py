"""What surrounds an exchange: whose it is, what was armed before it, what else was read."""

from collections.abc import Iterator, Mapping, Set
from typing import Any

from conformance import tables
from conformance.transcript import Edge, Exchange, Wallet
from conformance.views import Create, Observed, Seen

# Words of the mock, and of recordings in which the match is part of the provider's path.
_MATCHES: Mapping[str, frozenset[str]] = {
    "create": frozenset({"create", "/v1/batches"}),
    "get": frozenset({"get", "/v1/batches/"}),
    "content": frozenset({"content", "/content"}),
}
# Words for the error itself; what other members say may differ with each call.
_WORDS = ("error", "reason", "message", "description", "code", "type", "status_code", "error_type")
# Said of the caller, his credit or his pace, not of the batch that he asks for.
_OF_THE_CALLER = frozenset({401, 402, 403, 408, 425, 429})


def workspace_of(seen: Seen) -> str | None:
    """The name of the workspace that calls: both keys of one workspace mean the same."""
    name = seen.request.credential
    return "a" if name == "same" else name


def of_the_caller(seen: Seen) -> bool:
    """Whether the answer speaks of credentials, credit or pace."""
    return seen.status in _OF_THE_CALLER


def step_before(observed: Observed, number: int) -> Any:
    """The step right before step `number`, None at the beginning."""
    return observed.transcript.steps[number - 2] if number > 1 else None


def armed(observed: Observed, number: int, operation: str) -> Edge | None:
    """The scripted provider failure that exchange `number` ran into, None without one."""
    step = step_before(observed, number)
    if isinstance(step, Edge) and step.action == "provider_next_error":
        match = step.detail.get("match")
        return step if isinstance(match, str) and match in _MATCHES[operation] else None
    return None


def is_gone(observed: Observed, batch_id: str | None, before: int) -> bool:
    """Whether the store had lost the batch before exchange `before`."""
    deleted = observed.transcript.edges("stored_batch_deleted")
    return any(n < before and edge.detail.get("batch") == batch_id for n, edge in deleted)


def is_disturbed(observed: Observed, seen: Seen) -> bool:
    """Whether somebody outside the API made it likely that the call fails."""
    gone = is_gone(observed, seen.route.id, seen.number)
    return gone or bool(tables.special_states(seen, observed))


def is_after(seen: Seen, earlier: Seen) -> bool:
    """Whether the call was made when the earlier answer had come."""
    return seen.number > earlier.number and seen.exchange.at_ms >= earlier.exchange.ended_at_ms


def own_reads(observed: Observed, create: Create) -> list[Seen]:
    """The undisturbed plain GETs of a batch by the workspace that created it, answered so far."""
    return [
        seen
        for seen in observed.answers("get", create.batch_id)
        if "?" not in seen.request.url
        and workspace_of(seen) == workspace_of(create.seen) is not None
        and is_after(seen, create.seen)
        and not is_disturbed(observed, seen)
    ]


def is_denied(seen: Seen, reads: list[Seen]) -> bool:
    """Whether a GET says that there is no such batch to read, or all of several GETs fail."""
    if 400 <= seen.status < 500 or seen.status == 501:
        return not of_the_caller(seen)
    # One failure may be the provider's; a batch that nobody ever could read is the gateway's.
    return seen.status >= 500 and len(reads) > 1 and not any(read.response.ok for read in reads)


def provider_bodies(observed: Observed) -> Iterator[tuple[int, dict[str, Any]]]:
    """The create bodies that the provider was seen to get, with the number of the look."""
    for number, edge in observed.transcript.edges("provider_saw"):
        for body in _create_bodies(edge.detail):
            if isinstance(body, dict):
                yield number, body


def _create_bodies(detail: Mapping[str, Any]) -> list[Any]:
    requests = detail.get("requests")
    if not isinstance(requests, list):
        return [detail.get("body")]
    return [
        request.get("body")
        for request in requests
        if isinstance(request, dict)
        and request.get("method") == "POST"
        and str(request.get("path")).endswith("/batches")
    ]


def provider_cancels(observed: Observed, after: int) -> list[str] | None:
    """The paths of cancels that reached the provider, None when nobody looked after `after`."""
    looks = [edge for n, edge in observed.transcript.edges("provider_saw") if n > after]
    requests = [look.detail.get("requests") for look in looks]
    lists = [found for found in requests if isinstance(found, list)]
    if not lists:
        return None
    paths = [str(item.get("path")) for found in lists for item in found if isinstance(item, dict)]
    return [path for path in paths if path.endswith("/cancel")]


def reserved_around(observed: Observed, seen: Seen) -> tuple[int, int] | None:
    """What was held before and after a call, None unless nothing else can have changed it."""
    before = _reading(observed, seen, range(seen.number - 1, 0, -1))
    after = _reading(observed, seen, range(seen.number + 1, len(observed.transcript.steps) + 1))
    return None if before is None or after is None else (before, after)


def _reading(observed: Observed, seen: Seen, numbers: range) -> int | None:
    operations = {other.number: other.operation for other in observed.seen}
    for number in numbers:
        step = observed.transcript.steps[number - 1]
        if isinstance(step, Wallet):
            name = "a" if step.workspace == "same" else step.workspace
            if name == workspace_of(seen):
                return step.reserved_nanos
        elif _may_move_money(step, operations.get(number)):
            return None
    return None


def _may_move_money(step: Any, operation: str | None) -> bool:
    if isinstance(step, Exchange):
        return operation is None or operation in {"create", "get", "cancel"}
    return isinstance(step, Edge) and step.action == "scheduled_job_tick"


def told(value: Any, asked: str, per_call: Set[str]) -> Any:
    """What an error body says of an id: its words, and the names of its other members.

    Members of `per_call` are left out: they differ with each call.
    """
    if isinstance(value, str):
        return value.replace(asked, "{id}") if asked else value
    if not isinstance(value, dict):
        return value
    words = {name: told(value[name], asked, per_call) for name in _WORDS if name in value}
    return {"members": sorted(value.keys() - per_call), **words}
