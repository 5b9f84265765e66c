"""What checks of requests share: the request a call ought to make, and how it is said."""

from typing import Any
from urllib.parse import quote

from conformance.addresses import Address, address_of
from conformance.sdk_calls import SdkCall
from conformance.transcript import Exchange, Request
from conformance.verdicts import Finding, broken, holds, show

# The fields that the gateway asks for in a create.
NEEDED = ("input_file_id", "endpoint")
# What requests and filters of every batch API hold.
_COMMON = frozenset({*NEEDED, "completion_window", "metadata", "limit", "after"})
# Kinds of errors by which an SDK shows that it did not want to send.
_UNWILLING = frozenset({"argument", "parse", "other"})


def place_of(exchange: Exchange) -> Address:
    """The address of a request, as it was sent."""
    return address_of(exchange.request.url) or Address("", None, "", None, "", None, None)


def target_of(exchange: Exchange) -> str:
    """Path and query of a request, as they were sent."""
    origin, _, rest = exchange.request.url.partition("://")
    return "/" + rest.partition("/")[2] if rest else origin


def line_of(exchange: Exchange) -> str:
    """The request line without its version."""
    return f"{exchange.request.method} {target_of(exchange)}"


def wanted_line(call: SdkCall) -> str:
    """The request line that a call ought to lead to."""
    return f"{call.method} /{'/'.join(quote(str(one), safe='') for one in call.expected)}"


def all_values(request: Request, name: str) -> list[str]:
    """Every value of a header."""
    return [value for key, value in request.headers if key.lower() == name]


def is_small(call: SdkCall) -> bool:
    """Whether a call is an ordinary one, so that its request is known to the letter."""
    request = call.arg("request")
    is_whole = call.operation != "create" or (
        isinstance(request, dict) and all(name in request for name in NEEDED)
    )
    return call.is_ordinary and call.has_plain_base and is_whole


def is_unwilling(call: SdkCall) -> bool:
    """Whether an SDK refused to send an ordinary call."""
    return call.is_ordinary and not call.sent and call.kind in _UNWILLING


def _is_common(call: SdkCall) -> bool:
    """Whether the arguments hold nothing that a typed SDK might not have heard of."""
    given = call.arg("request" if call.operation == "create" else "params")
    return not isinstance(given, dict) or _COMMON.issuperset(given)


def unsent(call: SdkCall) -> Finding | None:
    """The finding of a call with the most ordinary arguments that an SDK refused to send."""
    if is_small(call) and is_unwilling(call) and _is_common(call):
        return broken(call.shown, wanted_line(call))
    return None


def sent_once(call: SdkCall) -> Finding:
    """Whether a request that was answered well was not sent again."""
    needless = [
        number
        for (_, earlier), (number, _) in zip(
            call.trail.attempts, call.trail.attempts[1:], strict=False
        )
        if earlier.response is not None and earlier.response.ok
    ]
    return holds(
        not needless,
        seen=f"sent {len(call.trail.attempts)} times",
        expected="one request",
        step=needless[0] if needless else None,
    )


def asked_well(call: SdkCall, *, with_query: bool = False) -> Finding:
    """Whether the request of an ordinary call has its method and path."""
    main = call.trail.main
    if main is None:
        return broken("no request", wanted_line(call))
    number, exchange = main
    place = place_of(exchange)
    is_good = call.is_meant(exchange) and (with_query or place.query is None)
    return holds(is_good, seen=line_of(exchange), expected=wanted_line(call), step=number)


def body_of(call: SdkCall) -> Any:
    """The JSON value that a call sent; ABSENT when it is none."""
    main = call.trail.main
    return main[1].request.json if main else None


def shortly(value: Any) -> str:
    """A value as part of a sentence."""
    return show(value)[:120]
