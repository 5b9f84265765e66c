"""Ids on the wire: whatever they hold, they stay the one segment that they are."""

import re

from conformance.addresses import all_decoded, is_dots
from conformance.checks import Findings, check
from conformance.checks.sdk import _asked
from conformance.sdk_calls import SdkCall
from conformance.transcript import Exchange
from conformance.verdicts import Finding, broken, holds

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DOTS = (".", "..")


def _is_odd(call: SdkCall) -> bool:
    """Whether an id is given, one that can be sent."""
    is_text = isinstance(call.batch_id, str) and call.batch_id not in {"", *_DOTS}
    return call.of("get", "cancel") and is_text and call.has_plain_base


def _line(call: SdkCall, exchange: Exchange, *, is_good: bool, number: int) -> Finding:
    return holds(
        is_good, seen=_asked.line_of(exchange), expected=_asked.wanted_line(call), step=number
    )


@check("SDK-WIRE-05")
def id_is_one_segment(call: SdkCall) -> Findings:
    """The segment in the place of the id gives the id when it is decoded."""
    if _is_odd(call) and call.trail.main is not None:
        number, exchange = call.trail.main
        found = all_decoded(_asked.place_of(exchange).segments)
        yield _line(call, exchange, is_good=found == call.expected, number=number)


@check("SDK-WIRE-06")
def dots_stay_in_the_collection(call: SdkCall) -> Findings:
    """An id of one or two dots is not sent, or as a segment that nobody folds away."""
    if not call.of("get", "cancel") or call.batch_id not in _DOTS or not call.has_plain_base:
        return
    main = call.trail.main
    segments = _asked.place_of(main[1]).segments if main else ()
    is_long_enough = len(segments) == len(call.expected)
    is_inside = is_long_enough and not any(is_dots(one) or not one for one in segments)
    yield holds(
        main is None or is_inside,
        seen=_asked.line_of(main[1]) if main else "no request",
        expected="no request, or one within the collection",
        step=main[0] if main else None,
    )


@check("SDK-WIRE-07")
def question_marks_cut_nothing(call: SdkCall) -> Findings:
    """An id with a question mark or a hash leaves the end of the path where it is."""
    is_cutting = isinstance(call.batch_id, str) and re.search("[?#]", call.batch_id)
    if is_cutting and _is_odd(call) and call.trail.main is not None:
        number, exchange = call.trail.main
        place = _asked.place_of(exchange)
        last = all_decoded(place.segments)[-1:]
        is_whole = last == call.expected[-1:] and not place.query and not place.fragment
        yield _line(call, exchange, is_good=is_whole, number=number)


def _is_letters(batch_id: str) -> bool:
    """Whether an id has a space or a letter outside ASCII, and no control character."""
    has_some = " " in batch_id.strip() or not batch_id.isascii()
    return has_some and not _CONTROL.search(batch_id)


@check("SDK-WIRE-08")
def spaces_and_letters_are_encoded(call: SdkCall) -> Findings:
    """An id with spaces or letters outside ASCII is sent, and encoded."""
    if not _is_odd(call) or not _is_letters(call.batch_id) or not call.client.origins:
        return
    if call.trail.main is not None:
        number, exchange = call.trail.main
        target = _asked.target_of(exchange)
        is_encoded = target.isascii() and " " not in target
        yield _line(call, exchange, is_good=is_encoded, number=number)
    elif call.error is not None and call.client.key is not None:
        yield broken(call.shown, _asked.wanted_line(call))


def _injected(batch_id: str, exchange: Exchange) -> bool:
    """Whether a line of the id has become a header."""
    lines = [line.partition(":") for line in re.split(r"[\r\n]+", batch_id)[1:]]
    names = {name.strip().lower() for name, found, _ in lines if found}
    return any(name.strip().lower() in names for name, _ in exchange.request.headers)


@check("SDK-WIRE-09")
def control_characters_are_never_raw(call: SdkCall) -> Findings:
    """Control characters of an id are not sent, or encoded; none of it becomes a header."""
    if not _is_odd(call) or not _CONTROL.search(call.batch_id):
        return
    raw = [
        (number, exchange)
        for number, exchange in call.sent
        if _CONTROL.search(exchange.request.url) or _injected(call.batch_id, exchange)
    ]
    yield holds(
        not raw,
        seen=[[raw[0][1].request.url], *map(list, raw[0][1].request.headers)] if raw else "",
        expected="no request, or the characters encoded",
        step=raw[0][0] if raw else None,
    )
