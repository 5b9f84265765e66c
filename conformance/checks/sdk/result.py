"""Results: what an answer holds is what the caller gets."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.sdk import _members, _values
from conformance.json_text import ABSENT, NotJson, at, child, parse, same
from conformance.sdk_calls import ON_THE_WIRE, SdkCall
from conformance.sdk_views import calls
from conformance.verdicts import Finding, broken, holds
from conformance.views import Observed, made_once

Node = tuple[str, Any]

_MARK = b"\xef\xbb\xbf"
_OF_ONE_BATCH = ("create", "get", "cancel")


def _content(call: SdkCall) -> bytes:
    body = call.answer.body if call.answer else None
    return body.content if body else b""


def _is_success(call: SdkCall, *operations: str) -> bool:
    """Whether a call was answered with 2xx, wholly and in time."""
    found = call.of(*(operations or ON_THE_WIRE)) and call.kind != "timeout"
    return found and call.answer is not None and call.answer.ok


def _object(call: SdkCall) -> dict[str, Any] | None:
    """The object that a call was answered with, None when it was answered otherwise."""
    body = call.answer.json if call.answer and _is_success(call) else None
    return body if isinstance(body, dict) else None


def _returned(call: SdkCall) -> dict[str, Any] | None:
    """The object that a call was answered with and that it returned, None when it failed."""
    return _object(call) if call.error is None else None


@made_once
def _nodes_by_number(observed: Observed) -> Iterable[dict[int, list[Node]]]:
    """What the answers hold, by the numbers of the calls that returned them; made once for all."""
    answers = [(call.number, _returned(call)) for call in calls(observed)]
    return [{number: list(_values.nodes(body)) for number, body in answers if body}]


def _nodes(call: SdkCall) -> list[Node]:
    """What the answer of a call holds, with pointers; nothing when it failed."""
    (by_number,) = _nodes_by_number(call.observed)
    return by_number.get(call.number, [])


def _lost(call: SdkCall, wanted: Any, place: str | None) -> Finding:
    """What the result has in the place where something was lost; HELD where nothing was."""
    pointer = place or ""
    seen, expected = at(call.value, pointer), at(wanted, pointer)
    return holds(place is None, seen=seen, expected=expected, pointer=pointer)


def _kept(call: SdkCall, wanted: Any) -> Finding:
    """Whether the result has all of this."""
    return _lost(call, wanted, _values.first_lost(wanted, call.value))


@check("SDK-RESULT-01")
def every_member_reaches_the_caller(call: SdkCall) -> Findings:
    """The result has every member of the answer, nulls left aside."""
    body = _object(call)
    if body is None or call.answer is None:
        return
    if call.error is None:
        yield _kept(call, _values.without_nulls(body))
    elif call.answer.status == 200:
        yield broken(call.shown, "the result")


@check("SDK-RESULT-02")
def unknown_members_are_kept(call: SdkCall) -> Findings:
    """The result has the members that no contract names, at any depth."""
    body = _returned(call)
    found = list(_members.unknown(_values.without_nulls(body))) if body else []
    if found:
        lost = [one for one, node in found if not _values.agrees(node, at(call.value, one))]
        yield _lost(call, body, lost[0] if lost else None)


def _added(call: SdkCall) -> Iterator[str]:
    """The pointers of members that the result has and the answer has not."""
    for pointer, node in _nodes(call):
        other = at(call.value, pointer) if isinstance(node, dict) else None
        if isinstance(node, dict) and isinstance(other, dict):
            yield from (child(pointer, name) for name in other if name not in node)


@check("SDK-RESULT-03")
def null_and_absent_stay_apart(call: SdkCall) -> Findings:
    """A null of the answer is null in the result, and what it has not the result has not."""
    body = _returned(call)
    if body is not None and isinstance(call.value, dict):
        nulls = [pointer for pointer, node in _nodes(call) if node is None]
        wrong = [one for one in nulls if at(call.value, one) is not None]
        wrong += _added(call)
        yield _lost(call, body, wrong[0] if wrong else None)


@check("SDK-RESULT-04")
def sent_members_can_be_told(call: SdkCall) -> Findings:
    """Either the result or its raw view has the members of the answer and no others."""
    body = _returned(call)
    if body is not None:
        raw = call.call.outcome.get("raw", ABSENT)
        views = [one for one in (call.value, raw) if _values.equals(body, one)]
        yield holds(views, seen=call.value if raw is ABSENT else raw, expected=body)


def _each(
    call: SdkCall, is_meant: Callable[[Any], bool], is_kept: Callable[[Any, Any], bool]
) -> Findings:
    """One finding for all the nodes of an answer that are meant: whether each is kept."""
    found = [(one, node) for one, node in _nodes(call) if is_meant(node)]
    if found:
        lost = [one for one, node in found if not is_kept(node, at(call.value, one))]
        yield _lost(call, _returned(call), lost[0] if lost else None)


def _is_empty(node: Any) -> bool:
    return node is False or (not isinstance(node, bool) and node in (0, "", [], {}))


@check("SDK-RESULT-05")
def empty_values_come_back(call: SdkCall) -> Findings:
    """Zero, false and all that is empty is itself in the result."""
    yield from _each(call, _is_empty, same)


def _is_large(node: Any) -> bool:
    return _values.is_number(node) and isinstance(node, int) and abs(node) > _values.LARGEST_EXACT


@check("SDK-RESULT-06")
def large_integers_are_exact(call: SdkCall) -> Findings:
    """Integers beyond 2^53 are exact, as integers or as text."""
    yield from _each(
        call, _is_large, lambda node, got: got is ABSENT or same(node, got) or got == str(node)
    )


@check("SDK-RESULT-07")
def decimals_keep_their_double(call: SdkCall) -> Findings:
    """Decimal numbers have the double value that they had."""
    yield from _each(
        call,
        lambda node: isinstance(node, Decimal),
        lambda node, got: got is ABSENT or _values.same_double(node, got),
    )


@check("SDK-RESULT-08")
def every_2xx_is_a_success(call: SdkCall) -> Findings:
    """An answer of 2xx with an object gives a result."""
    if _object(call) is not None:
        yield holds(call.error is None, seen=call.shown, expected="a result")


@check("SDK-RESULT-09")
def nothing_gives_null(call: SdkCall) -> Findings:
    """An answer of 2xx without a body gives null."""
    if _is_success(call) and not _content(call):
        yield holds(call.error is None and call.value is None, seen=call.shown, expected=None)


def _is_text(content: bytes) -> bool:
    """Whether bytes are text in UTF-8 without a byte order mark, and not blank."""
    try:
        return bool(content.decode("utf-8").strip()) and not content.startswith(_MARK)
    except UnicodeDecodeError:
        return False


@check("SDK-RESULT-10")
def what_is_no_json_is_an_error(call: SdkCall) -> Findings:
    """An answer of 2xx whose text is not JSON is an error."""
    if _is_success(call) and _is_text(_content(call)) and not _members.is_json(_content(call)):
        yield holds(call.error is not None, seen=call.shown, expected="an error")


@check("SDK-RESULT-11")
def what_is_no_object_is_an_error(call: SdkCall) -> Findings:
    """An answer of 2xx whose JSON is no object is no batch, but an error."""
    if _is_success(call, *_OF_ONE_BATCH) and call.answer is not None:
        body = call.answer.json
        if body is not ABSENT and not isinstance(body, dict):
            yield holds(call.error is not None, seen=call.shown, expected="an error")


def _is_foreign_text(node: Any) -> bool:
    return isinstance(node, str) and not node.isascii()


@check("SDK-RESULT-13")
def text_is_utf8(call: SdkCall) -> Findings:
    """Text outside ASCII is what it was, whatever charset the answer names."""
    yield from _each(call, _is_foreign_text, lambda node, got: got is ABSENT or node == got)


@check("SDK-RESULT-15")
def byte_order_mark_is_tolerated(call: SdkCall) -> Findings:
    """JSON behind a byte order mark is read as the JSON that it is."""
    content = _content(call)
    if not _is_success(call) or not content.startswith(_MARK):
        return
    try:
        body = parse(content.removeprefix(_MARK).decode("utf-8"))
    except (NotJson, UnicodeDecodeError):
        return
    yield holds(_values.agrees(body, call.value), seen=call.shown, expected=body)
