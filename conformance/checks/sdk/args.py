"""Arguments: what the methods take, what they refuse, and what a client is built with."""

from typing import Any

from conformance.checks import Findings, check
from conformance.checks.sdk import _asked, _stream_urls, _values
from conformance.json_text import ABSENT, at
from conformance.sdk_calls import SdkCall, SdkClient, SdkUrl, is_plain_id
from conformance.sdk_views import clients, made_by, sent_by
from conformance.verdicts import Finding, broken, holds
from conformance.views import Observed

_WIRE_NAMES = ("endpoint", "input_file_id", "completion_window")
# The variable in which an SDK looks for its key.
_VARIABLES = {"ai-stats": "AI_STATS_API_KEY", "phaseo": "PHASEO_API_KEY"}
_TAKES_OBJECTS = ("create", "list", "models", "url")


def _as_given(call: SdkCall, given: dict[str, Any]) -> Finding:
    """Whether these members of the argument were sent under their names."""
    sent = _asked.body_of(call)
    lost = _values.first_lost(_values.without_nulls(given), sent)
    number = call.trail.main[0] if call.trail.main else None
    return holds(
        lost is None,
        seen=at(sent, lost or ""),
        expected=at(given, lost or ""),
        pointer=lost or "",
        step=number,
    )


@check("SDK-ARGS-01")
def request_is_sent_under_wire_names(call: SdkCall) -> Findings:
    """Endpoint, input file and completion window are sent under the names that they were given."""
    request = call.arg("request")
    if call.of("create") and call.sent and isinstance(request, dict):
        given = {name: request[name] for name in _WIRE_NAMES if name in request}
        if given:
            yield _as_given(call, given)


@check("SDK-ARGS-02")
def unknown_fields_are_sent(call: SdkCall) -> Findings:
    """All further members of the request are sent, at any depth."""
    request = call.arg("request")
    if not call.of("create") or not isinstance(request, dict):
        return
    given = {name: value for name, value in request.items() if name not in _WIRE_NAMES}
    if given and call.sent:
        yield _as_given(call, given)
    elif given and _asked.is_unwilling(call) and all(name in request for name in _asked.NEEDED):
        yield broken(call.shown, f"a request with {sorted(given)}")


@check("SDK-ARGS-03")
def the_id_alone_is_enough(call: SdkCall) -> Findings:
    """Get and cancel with an id and nothing else are sent, and a good answer is a success."""
    if not call.of("get", "cancel") or not _asked.is_small(call) or len(call.call.arguments) > 1:
        return
    refusal = _asked.unsent(call)
    if refusal is not None:
        yield refusal
    elif call.answer is not None and call.answer.status == 200:
        is_batch = isinstance(call.answer.json, dict)
        yield holds(not is_batch or call.error is None, seen=call.shown, expected="the batch")


@check("SDK-ARGS-04")
def stream_options_are_optional(call: SdkCall) -> Findings:
    """Each of the four combinations of the two options is accepted."""
    url = SdkUrl(call)
    is_usual = url.base is not None and url.base.scheme in {"http", "https"}
    is_plain = is_usual and _stream_urls.is_usual(url) and is_plain_id(url.id)
    if call.of("url") and is_plain and call.client.error is None and _are_usual(url.options):
        yield holds(call.error is None, seen=call.shown, expected="a URL")


def _are_usual(options: dict[str, Any]) -> bool:
    interval = options.get("interval_ms", 0)
    is_count = isinstance(interval, int) and not isinstance(interval, bool) and interval >= 0
    return is_count and isinstance(options.get("close_on_terminal", True), bool)


@check("SDK-ARGS-05")
def blank_id_gives_no_url(call: SdkCall) -> Findings:
    """The helper refuses an empty or blank id as a wrong argument."""
    job_id = SdkUrl(call).id
    if call.of("url") and isinstance(job_id, str) and not job_id.strip():
        yield holds(call.kind == "argument", seen=call.shown, expected="an argument error")


def _is_refused(call: SdkCall) -> Finding:
    """Whether a call failed before anything was sent."""
    lines = [_asked.line_of(exchange) for _, exchange in call.sent]
    return holds(
        call.error is not None and not call.sent,
        seen=", ".join(lines) or call.shown,
        expected="an error, and no request",
        step=call.sent[0][0] if call.sent else None,
    )


@check("SDK-ARGS-06")
def empty_id_is_refused(call: SdkCall) -> Findings:
    """Get and cancel of an empty id fail before anything is sent."""
    if call.of("get", "cancel") and call.batch_id == "":
        yield _is_refused(call)


@check("SDK-ARGS-07")
def absent_id_is_refused(call: SdkCall) -> Findings:
    """Get and cancel without an id fail before anything is sent."""
    if call.of("get", "cancel") and (call.batch_id is ABSENT or call.batch_id is None):
        yield _is_refused(call)


@check("SDK-ARGS-08")
def argument_is_left_alone(call: SdkCall) -> Findings:
    """What the caller passed is the same after the call, where that can be seen."""
    after = call.call.outcome.get("argument_after", ABSENT)
    can_be_seen = after is not ABSENT or call.hello.get("in_process") is True
    is_object = any(isinstance(one, dict | list) for one in call.call.arguments.values())
    if call.of(*_TAKES_OBJECTS) and is_object and can_be_seen:
        yield holds(after is ABSENT, seen=after, expected=call.call.arguments)


@check("SDK-ARGS-09")
def incomplete_create_is_sent(call: SdkCall) -> Findings:
    """A create without a required field is sent as it is."""
    request = call.arg("request")
    is_whole = not isinstance(request, dict) or all(name in request for name in _asked.NEEDED)
    if not call.of("create") or is_whole or not call.is_ordinary:
        return
    if call.sent:
        sent = _asked.body_of(call)
        yield holds(_values.equals(request, sent), seen=sent, expected=request)
    elif call.error is not None:
        yield broken(call.shown, f"a request with {_asked.shortly(request)}")


def _is_known(call: SdkCall) -> bool:
    """Whether the client of a call has shown that it knows where to send."""
    return bool(sent_by(call.client, call.observed))


@check("SDK-ARGS-10")
def client_takes_base_url_and_key(call: SdkCall) -> Findings:
    """Requests arrive at the base URL, with the key that the client was built with."""
    wanted = call.client.key
    if not call.of("create", "get", "cancel", "list") or wanted is None or not call.client.origins:
        return
    if call.trail.main is not None:
        sent = call.trail.main[1].request.header("authorization") or ABSENT
        yield holds(
            isinstance(sent, str) and wanted in sent,
            seen=sent,
            expected=wanted,
            step=call.trail.main[0],
        )
    elif call.is_ordinary and call.kind in {"http", "transport", "timeout"} and not _is_known(call):
        yield broken(call.shown, f"a request at {call.client.base_url}")


def _first_with(client: SdkClient, observed: Observed) -> tuple[int | None, Any]:
    """The number of a client's first request, and its credentials."""
    sent = sent_by(client, observed)
    if not sent:
        return None, ABSENT
    return sent[0][0], sent[0][1].request.header("authorization") or ABSENT


@check("SDK-ARGS-11")
def key_is_read_from_the_environment(observed: Observed, profile: str) -> Findings:
    """A client that is given no key uses the one in the profile's variable."""
    variable = _VARIABLES.get(profile, "")
    for client in clients(observed):
        wanted = (client.variables or {}).get(variable)
        if client.key is not None or not isinstance(wanted, str):
            continue
        number, sent = _first_with(client, observed)
        if client.error is not None:
            yield broken(
                client.error.get("message", ""), f"the key in {variable}", "", client.number
            )
        elif made_by(client, observed):
            is_used = isinstance(sent, str) and wanted in sent
            yield holds(is_used, seen=sent, expected=wanted, step=number or client.number)


@check("SDK-ARGS-12")
def nothing_is_sent_without_a_key(observed: Observed) -> Findings:
    """Without any key the client is not built, or its call fails before anything is sent."""
    for client in clients(observed):
        if client.key is not None or client.variables is None or client.keys_around:
            continue
        made = made_by(client, observed)
        number, _ = _first_with(client, observed)
        if client.error is not None or made:
            refused = client.error is not None or (number is None and made[0].error is not None)
            yield holds(
                refused,
                seen="a request" if number is not None else "a result",
                expected="an error, and no request",
                step=number or client.number,
            )
