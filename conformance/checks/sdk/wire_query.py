"""Options on the wire: filters of a list in the query, and what was left unset."""

from typing import Any

from conformance.addresses import all_decoded
from conformance.checks import Findings, check
from conformance.checks.sdk import _asked
from conformance.json_text import dump
from conformance.sdk_calls import SdkCall
from conformance.verdicts import broken, holds

# Filters that the contract names.
_NAMED = frozenset({"after", "limit", "status"})
_NOTHINGS = frozenset({"null", "None", "undefined", "nil", "NULL"})


def _filters(call: SdkCall) -> dict[str, Any]:
    params = call.arg("params")
    return params if call.of("list", "models") and isinstance(params, dict) else {}


def _pairs(call: SdkCall) -> list[tuple[str, str]]:
    main = call.trail.main
    return list(_asked.place_of(main[1]).pairs) if main else []


def _unset_in_query(call: SdkCall) -> list[str]:
    """The pairs of the query that stand for nothing."""
    filters = _filters(call)
    return [
        f"{name}={value}"
        for name, value in _pairs(call)
        if (name in filters and filters[name] is None)
        or (name not in filters and value in _NOTHINGS)
    ]


def _unset_in_body(call: SdkCall) -> list[str]:
    """The members of the body that stand for nothing, and that the caller did not give."""
    sent, request = _asked.body_of(call), call.arg("request")
    if not call.of("create") or not isinstance(sent, dict) or not isinstance(request, dict):
        return []
    unset = [None, *_NOTHINGS]
    return [
        f"{name}: {dump(sent[name])}"
        for name in sent
        if name not in request and sent[name] in unset
    ]


@check("SDK-WIRE-15")
def unset_options_are_left_out(call: SdkCall) -> Findings:
    """What the caller left unset is in neither body nor query."""
    if call.of("create", "list", "models") and call.trail.main is not None:
        found = [*_unset_in_query(call), *_unset_in_body(call)]
        yield holds(
            not found, seen=found, expected="unset options left out", step=call.trail.main[0]
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
    )


@check("SDK-WIRE-19")
def several_values_repeat_the_parameter(call: SdkCall) -> Findings:
    """A filter with several values is repeated for each, and text is form-encoded."""
    texts = {name: value for name, value in _filters(call).items() if _is_text(value)}
    if texts and _asked.is_unwilling(call) and _NAMED.issuperset(_filters(call)):
        yield broken(call.shown, _asked.wanted_line(call))
    for name, value in texts.items() if call.trail.main is not None else ():
        wanted = value if isinstance(value, list) else [value]
        found = [one for key, one in _pairs(call) if key == name]
        yield holds(
            found == wanted and _is_encoded(call),
            seen=_asked.line_of(call.trail.main[1]) if call.trail.main else "",
            expected=[f"{name}={one}" for one in wanted],
            step=call.trail.main[0] if call.trail.main else None,
        )


def _is_encoded(call: SdkCall) -> bool:
    """Whether the query is one that every reader takes apart alike."""
    query = _asked.place_of(call.trail.main[1]).query if call.trail.main else ""
    text = query or ""
    return text.isascii() and " " not in text and None not in all_decoded([text])


@check("SDK-WIRE-20")
def booleans_are_in_lower_case(call: SdkCall) -> Findings:
    """A boolean in the query is true or false."""
    for name, value in _filters(call).items() if call.trail.main is not None else ():
        if isinstance(value, bool):
            wanted = "true" if value else "false"
            found = [one for key, one in _pairs(call) if key == name]
            number = call.trail.main[0] if call.trail.main else None
            yield holds(found == [wanted], seen=found, expected=[wanted], step=number)
