"""Errors: how a failure reaches the caller, and what it says."""

from typing import Any

from conformance.checks import Findings, check
from conformance.checks.sdk import _foreign, _values
from conformance.json_text import ABSENT, NotJson, parse
from conformance.sdk_calls import ON_THE_WIRE, SdkCall, key_in
from conformance.sdk_trail import REDIRECTS
from conformance.sdk_views import calls, clients, hello_of
from conformance.transcript import Response
from conformance.verdicts import holds
from conformance.views import Observed

# How long after its time-out a call may end, in milliseconds.
_GRACE_MS = 1000
_BOUNDED = ("create", "get", "cancel", "list")


def _refusal(call: SdkCall) -> Response | None:
    """The answer of 400 or above that decided a call."""
    answer = call.answer if call.of(*ON_THE_WIRE) and call.kind != "timeout" else None
    return answer if answer is not None and answer.status >= 400 else None


def _failed_refusal(call: SdkCall) -> Response | None:
    """The same, where the call failed as it ought to."""
    return _refusal(call) if call.error is not None else None


def _member(call: SdkCall, name: str) -> Any:
    return (call.error or {}).get(name, ABSENT)


@check("SDK-ERROR-01")
def refusal_is_an_error(call: SdkCall) -> Findings:
    """A status of 400 or above is never a result."""
    refusal = _refusal(call)
    if refusal is not None:
        yield holds(
            call.error is not None, seen=call.shown, expected=f"an error of {refusal.status}"
        )


@check("SDK-ERROR-02")
def error_has_the_status(call: SdkCall) -> Findings:
    """The error shows the status as a number."""
    refusal = _failed_refusal(call)
    if refusal is not None:
        status = _member(call, "status")
        is_it = not isinstance(status, bool) and status == refusal.status
        yield holds(is_it, seen=status, expected=refusal.status)


def _read(value: Any) -> Any:
    """A body that was given as text, as the JSON value that it is."""
    if not isinstance(value, str):
        return value
    try:
        return parse(value)
    except NotJson:
        return value.strip()


def _shows(seen: Any, wanted: Any, *, inner: bool) -> bool:
    """Whether a body is shown: whole, as text among other text, or by its one inner member."""
    if isinstance(wanted, str) and isinstance(seen, str):
        return wanted in seen
    views = [wanted]
    if isinstance(wanted, dict) and "error" in wanted and (inner or len(wanted) == 1):
        views.append(wanted["error"])
    return any(_values.equals(one, seen) for one in views)


@check("SDK-ERROR-03")
def error_has_the_body(call: SdkCall, profile: str) -> Findings:
    """The error shows the body of the answer, parsed or as text."""
    refusal = _failed_refusal(call)
    content = refusal.body.text.strip() if refusal and refusal.body else ""
    if content:
        seen, wanted = _read(_member(call, "body")), _read(content)
        is_shown = _shows(seen, wanted, inner=profile == "openai")
        is_shown = is_shown or content in str(_member(call, "message"))
        yield holds(is_shown, seen=_member(call, "body"), expected=content)


def _lost_connections(observed: Observed) -> set[str]:
    """The types of the errors of calls that got no answer."""
    lost = [one for one in calls(observed) if one.of(*ON_THE_WIRE) and one.kind == "transport"]
    return {str(_member(one, "type")) for one in lost}


@check("SDK-ERROR-04")
def http_errors_have_their_own_class(call: SdkCall) -> Findings:
    """The class of an HTTP error is the SDK's own, and not that of a lost connection."""
    if _failed_refusal(call) is not None:
        name = _member(call, "type")
        language = str(call.hello.get("language", ""))
        is_own = isinstance(name, str) and not _foreign.is_foreign(name, language)
        is_other = str(name) not in _lost_connections(call.observed)
        yield holds(
            is_own and is_other, seen=name, expected="a class of the SDK for HTTP errors alone"
        )


def _values_of(headers: Any, name: str) -> list[Any]:
    pairs = list(headers.items()) if isinstance(headers, dict) else headers
    if not isinstance(pairs, list | tuple):
        return []
    two = [one for one in pairs if isinstance(one, list | tuple) and len(one) == 2]
    return [value for key, value in two if str(key).lower() == name]


@check("SDK-ERROR-05")
def error_has_the_headers(call: SdkCall) -> Findings:
    """The error shows the header Retry-After of the answer."""
    refusal = _failed_refusal(call)
    wanted = refusal.header("retry-after") if refusal else None
    if wanted is not None:
        seen = _values_of(_member(call, "headers"), "retry-after")
        yield holds([str(one).strip() for one in seen] == [wanted], seen=seen, expected=[wanted])


@check("SDK-ERROR-06")
def no_parsing_error_hides_a_refusal(call: SdkCall) -> Findings:
    """A refusal that is empty or not JSON is an HTTP error with its status too."""
    refusal = _failed_refusal(call)
    if refusal is not None and refusal.json is ABSENT:
        is_http = call.kind == "http" and _member(call, "status") == refusal.status
        yield holds(is_http, seen=call.shown, expected=f"an HTTP error of {refusal.status}")


@check("SDK-ERROR-07")
def message_names_the_status(call: SdkCall) -> Findings:
    """The message of an HTTP error has the number of the status in it."""
    refusal = _failed_refusal(call)
    if refusal is not None:
        message = _member(call, "message")
        yield holds(str(refusal.status) in str(message), seen=message, expected=str(refusal.status))


@check("SDK-ERROR-08")
def errors_keep_the_key(call: SdkCall) -> Findings:
    """Type, message and printable form of an error do not hold the key."""
    if call.of(*ON_THE_WIRE, "url") and call.error is not None:
        texts = [str(_member(call, name)) for name in ("type", "message", "repr")]
        leaks = [text for text in texts if key_in(text)]
        yield holds(not leaks, seen=leaks[:1], expected="no key")


def _is_unanswered(call: SdkCall) -> bool:
    """Whether nobody listened, or the connection ended without an answer."""
    if not call.sent:
        return call.client.is_alone
    final = call.trail.final
    return final is not None and final[1].response is None


@check("SDK-ERROR-09")
def lost_connection_is_an_error(call: SdkCall) -> Findings:
    """A call that got no answer is an error without a status."""
    if call.of(*ON_THE_WIRE) and _is_unanswered(call) and call.client.error is None:
        status = _member(call, "status")
        is_good = call.error is not None and status in (ABSENT, None)
        yield holds(is_good, seen=call.shown, expected="an error without a status")


@check("SDK-ERROR-10")
def timeout_bounds_a_call(call: SdkCall) -> Findings:
    """A call ends with an error when the time-out of its client has passed."""
    timeout_s = call.client.timeout_s
    if timeout_s is None or call.operation not in _BOUNDED or call.is_unsupported:
        return
    timeout_ms = timeout_s * 1000
    is_bounded = call.error is not None and call.took_ms <= timeout_ms + _GRACE_MS
    has_waited = call.took_ms >= (timeout_ms * 0.9 if is_bounded else timeout_ms + _GRACE_MS / 2)
    if has_waited:
        seen = f"{f'a {call.kind} error' if call.kind else 'a result'} after {call.took_ms} ms"
        yield holds(is_bounded, seen=seen, expected=f"an error after about {timeout_ms:g} ms")


@check("SDK-ERROR-11")
def there_is_a_timeout_by_default(observed: Observed) -> Findings:
    """The time-out that the adapter declares as the default is a number."""
    hello = hello_of(observed.transcript)
    opened = [one for one in clients(observed) if one.timeout_s is None and one.error is None]
    if "timeout_default" in hello and opened:
        default = hello["timeout_default"]
        is_finite = _values.is_number(default) and default < float("inf")
        yield holds(is_finite, seen=default, expected="a number of seconds")


@check("SDK-ERROR-12")
def client_outlives_a_failure(call: SdkCall) -> Findings:
    """A call that follows a failed one of its client works."""
    if not call.of(*ON_THE_WIRE) or not call.is_ordinary:
        return
    earlier = [
        one
        for one in calls(call.observed)
        if one.client.name == call.client.name and one.call.ended_at_ms < call.call.at_ms
    ]
    has_failed = earlier and earlier[-1].error is not None and earlier[-1].of(*ON_THE_WIRE)
    answer = call.answer
    is_good = answer is not None and answer.status == 200 and isinstance(answer.json, dict)
    if has_failed and (is_good or (not call.sent and call.kind not in {"argument", ""})):
        yield holds(is_good and call.error is None, seen=call.shown, expected="a result")


@check("SDK-ERROR-13")
def unfollowed_redirect_is_an_error(call: SdkCall) -> Findings:
    """A call that ends at a redirect is an error with its status."""
    answer = call.answer if call.of(*ON_THE_WIRE) else None
    if answer is not None and answer.status in REDIRECTS:
        yield holds(
            call.error is not None and _member(call, "status") == answer.status,
            seen=call.shown,
            expected=f"an error of {answer.status}",
        )
