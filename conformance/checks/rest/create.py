"""Creating a batch: what is accepted, what is refused, and what both leave behind."""

from collections.abc import Iterator
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.rest import _circumstances as around
from conformance.json_text import ABSENT, at, same
from conformance.routes import TERMINAL, canonical_status
from conformance.tables import FREE_ROWS, NO_SUCH_MODEL, VALID
from conformance.verdicts import HELD, broken, holds
from conformance.views import Create, ListAnswer, Observed, json_lines

_GATEWAY_ONLY = ("webhook", "session_id", "sessionId")
_KNOWN = frozenset(
    {"input_file_id", "endpoint", "completion_window", "metadata", "model", "debug", "provider"}
    | set(_GATEWAY_ONLY)
)
_TRANSIENT = frozenset({500, 502, 503, 504})


def _status(create: Create) -> str:
    return f"HTTP {create.seen.status} {at(create.seen.json, '/reason') or ''}".rstrip()


@check("REST-CREATE-01")
def valid_create_is_answered_with_a_batch(create: Create) -> Findings:
    """Every accepted create, and every one vouched for, is answered 200 with a batch object."""
    if create.accepted:
        body = create.seen.json
        is_batch = at(body, "/object") == "batch" and bool(create.batch_id)
        yield holds(create.seen.status == 200, seen=_status(create), expected="HTTP 200")
        yield holds(is_batch, seen=body, expected="a batch object with an id")
    elif create.seen.exchange.label == VALID and not around.of_the_caller(create.seen):
        yield broken(_status(create), "HTTP 200")


@check("REST-CREATE-02")
def created_batch_is_polled_and_listed_at_once(observed: Observed) -> Findings:
    """The first GET and the first list after a create both know the new batch."""
    for create in observed.creates:
        if create.batch_id is not None:
            yield from _is_polled(observed, create)
            yield from _is_listed(observed, create)


def _is_polled(observed: Observed, create: Create) -> Findings:
    reads = around.own_reads(observed, create)
    for seen in reads[:1]:
        known = seen.response.ok and at(seen.json, "/id") == create.batch_id
        if known or around.is_denied(seen, reads):
            wanted = f"batch {create.batch_id}"
            yield holds(known, seen=seen.json, expected=wanted, step=seen.number)


def _is_listed(observed: Observed, create: Create) -> Findings:
    whole = [answer for answer in _lists(observed, create, later=True) if _limit(answer)]
    for answer in whole[:1]:
        ids = [at(item, "/id") for item in answer.items]
        known = create.batch_id in ids
        gone = around.is_gone(observed, create.batch_id, answer.seen.number)
        if known or (len(ids) < _limit(answer) and not gone):
            wanted = f"{create.batch_id} among them"
            yield holds(known, seen=ids, expected=wanted, pointer="/data", step=answer.seen.number)


def _limit(answer: ListAnswer) -> int:
    """The limit of a list that asks for nothing else, 0 for any other list."""
    match answer.seen.request.query:
        case (("limit", text),) if text.isascii() and text.isdigit() and int(text) <= 100:
            return int(text)
    return 0


def _lists(observed: Observed, create: Create, *, later: bool) -> list[ListAnswer]:
    """The lists that the same workspace read after a create was answered, or before it."""
    return [
        answer
        for answer in observed.lists
        if answer.operation == "list"
        and around.workspace_of(answer.seen) == around.workspace_of(create.seen) is not None
        and later is (answer.seen.number > create.seen.number)
        and (not later or around.is_after(answer.seen, create.seen))
    ]


@check("REST-CREATE-03")
def create_answer_shows_no_end_but_failed(create: Create) -> Findings:
    """A create answer shows a status that is no end, or `failed`."""
    if create.batch_id is not None:
        status = at(create.seen.json, "/status")
        ended = canonical_status(status) in TERMINAL - {"failed"}
        yield holds(
            isinstance(status, str) and status and not ended,
            seen=status,
            expected="a non-terminal status or failed",
            pointer="/status",
        )


@check("REST-CREATE-05")
def unreadable_input_makes_no_batch(observed: Observed) -> Findings:
    """A create whose input file cannot be read is refused and leaves no batch in the list."""
    for create in observed.creates:
        if _input_cannot_be_read(observed, create):
            yield from _nothing_is_made(observed, create)


def _input_cannot_be_read(observed: Observed, create: Create) -> bool:
    file_id = at(create.sent, "/input_file_id")
    if not isinstance(file_id, str) or around.of_the_caller(create.seen):
        return False
    if around.armed(observed, create.seen.number, "content"):
        return True
    view = observed.files.get(file_id)
    if view is not None and (view.upload or view.metadata or view.contents):
        return False
    return not around.is_disturbed(observed, create.seen) and any(
        seen.operation in {"file", "content"}
        and (seen.route.id, seen.status) == (file_id, 404)
        and seen.number < create.seen.number
        and around.workspace_of(seen) == around.workspace_of(create.seen)
        for seen in observed.seen
    )


def _nothing_is_made(observed: Observed, create: Create) -> Findings:
    named = at(create.seen.json, "/id")
    yield holds(
        create.seen.status >= 400 and not isinstance(named, str),
        seen=_status(create),
        expected="an error without a batch id",
        step=create.seen.number,
    )
    file_id = at(create.sent, "/input_file_id")
    known = {
        at(item, "/id")
        for answer in _lists(observed, create, later=False)
        for item in answer.items
        if isinstance(at(item, "/id"), str)
    }
    for answer in _lists(observed, create, later=True):
        for index, item in enumerate(answer.items):
            if at(item, "/input_file_id") == file_id and at(item, "/id") not in known:
                yield broken(item, f"no batch of {file_id}", f"/data/{index}", answer.seen.number)


@check("REST-CREATE-06")
def unpriceable_row_makes_no_batch(observed: Observed) -> Findings:
    """A create with a row of a model that nobody offers is refused and leaves no batch."""
    for create in observed.creates:
        caller = around.of_the_caller(create.seen) or around.is_disturbed(observed, create.seen)
        if not caller and any(_is_unpriceable(row) for row in _input_rows(observed, create)):
            yield from _nothing_is_made(observed, create)


def _input_rows(observed: Observed, create: Create) -> list[Any]:
    file_id = at(create.sent, "/input_file_id")
    view = observed.files.get(file_id) if isinstance(file_id, str) else None
    return json_lines(view.uploaded) if view is not None and view.uploaded is not None else []


def _is_unpriceable(row: Any) -> bool:
    model = at(row, "/body/model")
    return isinstance(model, str) and model.startswith(NO_SUCH_MODEL)


@check("REST-CREATE-08")
def free_rows_are_accepted_without_a_hold(create: Create) -> Findings:
    """A batch that is estimated at nothing, or vouched to be free, is accepted, nothing held."""
    billing = at(create.seen.json, "/billing")
    if create.accepted and same(at(billing, "/estimated_nanos"), 0):
        reserved = at(billing, "/reserved_nanos")
        held = at(billing, "/reservation_status") == "held"
        yield holds(
            (reserved in (ABSENT, None) or same(reserved, 0)) and not held,
            seen=billing,
            expected="reserved_nanos 0 and no hold",
            pointer="/billing",
        )
    elif create.seen.exchange.label == FREE_ROWS:
        if create.accepted:
            yield HELD
        elif create.seen.status == 402 or not around.of_the_caller(create.seen):
            yield broken(_status(create), "HTTP 200")


def _names(create: Create, word: str) -> bool:
    """Whether the error goes by this word, in the flat or in the nested form."""
    return word in (at(create.seen.json, "/error"), at(create.seen.json, "/error/type"))


def _fails_as(observed: Observed, create: Create, word: str) -> Findings:
    yield holds(
        create.seen.status >= 500 and _names(create, word),
        seen=f"{_status(create)} {at(create.seen.json, '/error')}",
        expected=f"a 5xx with error {word}",
        step=create.seen.number,
    )
    reserved = around.reserved_around(observed, create.seen)
    if reserved is not None:
        yield holds(
            reserved[0] == reserved[1],
            seen=f"{reserved[1]} nanos held afterwards",
            expected=f"{reserved[0]} nanos as before",
            step=create.seen.number,
        )


@check("REST-CREATE-10")
def unreachable_provider_is_a_gateway_error(observed: Observed) -> Findings:
    """With the provider's connection dropped, create fails as gateway_error and holds nothing."""
    for create in observed.creates:
        edge = around.armed(observed, create.seen.number, "create")
        if edge is not None and edge.detail.get("hangup"):
            yield from _fails_as(observed, create, "gateway_error")


@check("REST-CREATE-11")
def provider_success_without_id_is_an_upstream_error(observed: Observed) -> Findings:
    """With a provider success without an id, create fails as upstream_error and holds nothing."""
    for create in observed.creates:
        edge = around.armed(observed, create.seen.number, "create")
        detail = edge.detail if edge else {}
        answer = detail.get("status")
        succeeded = isinstance(answer, int) and 200 <= answer < 300 and not detail.get("hangup")
        if succeeded and not isinstance(at(detail.get("body"), "/id"), str):
            yield from _fails_as(observed, create, "upstream_error")


@check("REST-CREATE-12")
def unstored_batch_is_taken_back(observed: Observed) -> Findings:
    """With a store that fails, create says so, holds nothing and cancels at the provider."""
    for create in observed.creates:
        edge = around.step_before(observed, create.seen.number)
        if not _store_failed(edge):
            continue
        yield from _fails_as(observed, create, "async_job_persistence_failed")
        paths = around.provider_cancels(observed, create.seen.number)
        if paths is not None:
            named = at(create.seen.json, "/error/native_batch_id")
            wanted = f"/{named}/cancel" if isinstance(named, str) else "/cancel"
            yield holds(
                any(path.endswith(wanted) for path in paths),
                seen=paths,
                expected=f"a provider call that ends in {wanted}",
                step=create.seen.number,
            )


def _store_failed(edge: Any) -> bool:
    detail = getattr(edge, "detail", {})
    if getattr(edge, "action", None) != "database_next_call_fails":
        return False
    return detail.get("operation") == "create" or "table" in detail


def _comparable(observed: Observed, create: Create) -> bool:
    """Whether the answer speaks of the request alone."""
    seen = create.seen
    return (
        isinstance(create.sent, dict)
        and around.workspace_of(seen) is not None
        and not around.of_the_caller(seen)
        and seen.status not in _TRANSIENT
        and not around.is_disturbed(observed, seen)
    )


def _twins(observed: Observed) -> Iterator[tuple[Create, Create]]:
    """Each create with the last one before it that asked for the same in the same workspace."""
    creates = [create for create in observed.creates if _comparable(observed, create)]
    for index, later in enumerate(creates):
        for earlier in reversed(creates[:index]):
            owner = around.workspace_of(earlier.seen)
            if owner == around.workspace_of(later.seen) and same(earlier.sent, later.sent):
                yield earlier, later
                break


@check("REST-CREATE-13")
def same_create_twice_makes_two_batches(observed: Observed) -> Findings:
    """Two accepted creates of one body, without an idempotency key, name two batches."""
    for earlier, later in _twins(observed):
        with_key = any(one.seen.request.header("idempotency-key") for one in (earlier, later))
        if with_key or earlier.batch_id is None:
            continue
        if later.batch_id is not None or later.seen.status == 409:
            yield holds(
                later.batch_id not in (None, earlier.batch_id),
                seen=later.batch_id or _status(later),
                expected=f"another batch than {earlier.batch_id}",
                pointer="/id",
                step=later.seen.number,
            )


@check("REST-CREATE-14")
def gateway_fields_stay_at_the_gateway(observed: Observed) -> Findings:
    """No create body that the provider got carries a field that is the gateway's own."""
    for number, body in around.provider_bodies(observed):
        asked = _creates_of(observed, body, number)
        if any(at(create.sent, f"/{name}") for create in asked for name in _GATEWAY_ONLY):
            leaked = [name for name in _GATEWAY_ONLY if name in body]
            yield holds(not leaked, seen=leaked, expected="none of them", step=number)


def _creates_of(observed: Observed, body: dict[str, Any], before: int) -> list[Create]:
    """The creates that can have led to a body at the provider."""
    file_id = body.get("input_file_id")
    return [
        create
        for create in observed.creates
        if create.seen.number < before and same(at(create.sent, "/input_file_id"), file_id)
    ]


@check("REST-CREATE-15")
def unknown_fields_reach_the_provider(observed: Observed) -> Findings:
    """Every unknown field of a create is in the body that the provider got, unchanged."""
    for number, body in around.provider_bodies(observed):
        match _creates_of(observed, body, number):
            case [create] if isinstance(create.sent, dict):
                for name in sorted(create.sent.keys() - _KNOWN):
                    sent = create.sent[name]
                    got = body.get(name, ABSENT)
                    yield holds(
                        same(got, sent), seen=got, expected=sent, pointer=f"/{name}", step=number
                    )


@check("REST-CREATE-16")
def both_paths_create_alike(observed: Observed) -> Findings:
    """The same create through /batch and /batches has the same status and the same members."""
    for one, other in _twins(observed):
        if one.seen.route.prefix == other.seen.route.prefix:
            continue
        number = other.seen.number
        yield holds(
            one.seen.status == other.seen.status,
            seen=_status(other),
            expected=_status(one),
            step=number,
        )
        if one.accepted and other.accepted and _state(one) == _state(other):
            first, second = _members(one), _members(other)
            yield holds(first == second, seen=second, expected=first, step=number)


def _state(create: Create) -> Any:
    return at(create.seen.json, "/status")


def _members(create: Create) -> list[str]:
    """The names of the members with a value: null and absent mean the same."""
    body = create.seen.json
    members = body.items() if isinstance(body, dict) else ()
    return sorted(name for name, value in members if value is not None)
