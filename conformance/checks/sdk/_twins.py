"""Direct calls and their resource twins: which belong together, and how they differ."""

import re
from collections.abc import Iterator

from conformance.checks import Findings
from conformance.checks.sdk import _asked, _values
from conformance.json_text import same
from conformance.sdk_calls import ON_THE_WIRE, SdkCall
from conformance.sdk_views import calls
from conformance.transcript import Exchange
from conformance.verdicts import holds
from conformance.views import Observed

# Headers that may differ from request to request.
_PASSING = re.compile(
    r"host|content-length|connection|keep-alive|date|baggage|b3|.*(?:retry|trace|span|correlation|"
    r"idempotency|request-?id).*",
    re.IGNORECASE,
)


def pairs(observed: Observed) -> Iterator[tuple[SdkCall, SdkCall]]:
    """Each direct call with the next one of its twin that has the same client and arguments."""
    made = [one for one in calls(observed) if one.of(*ON_THE_WIRE)]
    used: set[int] = set()
    for direct in made:
        if direct.call.method.startswith("batches."):
            continue
        for twin in made:
            if twin.number not in used and _are_twins(direct, twin):
                used.add(twin.number)
                yield direct, twin
                break


def _are_twins(direct: SdkCall, twin: SdkCall) -> bool:
    return (
        twin.call.method.startswith("batches.")
        and twin.operation == direct.operation
        and twin.client is direct.client
        and same(direct.call.arguments, twin.call.arguments)
    )


def differences(direct: SdkCall, twin: SdkCall) -> Findings:
    """Whether both sent the same, and where they were answered alike came to the same."""
    one, other = direct.trail.main, twin.trail.main
    if _is_spent(direct, twin):
        return
    if one is None or other is None:
        yield holds(
            one is other, seen=_sent(twin), expected=f"as {_sent(direct)}", step=twin.number
        )
    else:
        seen, expected = _request(other[1]), _request(one[1])
        yield holds(seen == expected, seen=seen, expected=expected, step=other[0])
    if _are_answered_alike(direct, twin):
        yield holds(
            _outcome(twin) == _outcome(direct) and _values.equals(direct.value, twin.value),
            seen=twin.shown,
            expected=direct.shown,
            step=twin.number,
        )


def _is_spent(direct: SdkCall, twin: SdkCall) -> bool:
    """Whether the client had failed and then sent nothing, so that its state is to blame."""
    is_silent = not twin.sent and twin.kind in {"transport", "timeout", "other"}
    return bool(direct.sent) and direct.error is not None and is_silent


def _sent(call: SdkCall) -> str:
    return _asked.line_of(call.trail.main[1]) if call.trail.main else "no request"


def _request(exchange: Exchange) -> dict[str, object]:
    request = exchange.request
    lasting = sorted(
        f"{name.lower()}: {value}"
        for name, value in request.headers
        if not _PASSING.fullmatch(name)
    )
    body = request.body.text if request.body else ""
    return {"line": _asked.line_of(exchange), "headers": lasting, "body": body}


def _answers(call: SdkCall) -> list[tuple[int | None, bytes | None]]:
    found: list[tuple[int | None, bytes | None]] = []
    for _, exchange in call.sent:
        answer = exchange.response
        body = answer.body.content if answer and answer.body else None
        found.append((answer.status if answer else None, body))
    return found


def _are_answered_alike(direct: SdkCall, twin: SdkCall) -> bool:
    return _answers(direct) == _answers(twin)


def _outcome(call: SdkCall) -> tuple[str, object]:
    return call.kind, (call.error or {}).get("status")
