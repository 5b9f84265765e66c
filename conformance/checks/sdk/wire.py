"""Wire: the one request of a call, its headers, and the key in it."""

from collections.abc import Iterator

from conformance.checks import Findings, check
from conformance.checks.sdk import _asked, _members, _names, _values
from conformance.json_text import ABSENT, at
from conformance.sdk_calls import ON_THE_WIRE, SdkCall, key_in
from conformance.sdk_trail import Sent
from conformance.sdk_views import calls, hello_of
from conformance.transcript import Request
from conformance.verdicts import holds
from conformance.views import Observed

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_ADMIT_JSON = frozenset({"application/json", "application/*", "*/*"})


def _content(request: Request) -> bytes:
    return request.body.content if request.body else b""


def _one_request(call: SdkCall, *, with_query: bool = False) -> Findings:
    refusal = _asked.unsent(call)
    if refusal is not None:
        yield refusal
    elif call.sent:
        yield _asked.asked_well(call, with_query=with_query)
        yield _asked.sent_once(call)


@check("SDK-WIRE-01")
def create_is_one_post(call: SdkCall) -> Findings:
    """Create is one POST to {base}/batches with a JSON object."""
    if not call.of("create") or not _asked.is_small(call):
        return
    yield from _one_request(call)
    if call.trail.main is not None:
        sent = _asked.body_of(call)
        yield holds(
            isinstance(sent, dict), seen=sent, expected="a JSON object", step=call.trail.main[0]
        )


@check("SDK-WIRE-02")
def get_is_one_get(call: SdkCall) -> Findings:
    """Get is one GET of {base}/batches/{id} without a body."""
    if not call.of("get") or not _asked.is_small(call):
        return
    yield from _one_request(call)
    if call.trail.main is not None:
        number, exchange = call.trail.main
        sent = _content(exchange.request)
        yield holds(not sent, seen=sent.decode("utf-8", "replace"), expected="no body", step=number)


@check("SDK-WIRE-03")
def cancel_is_one_post(call: SdkCall) -> Findings:
    """Cancel is one POST to {base}/batches/{id}/cancel, its body empty or an empty object."""
    if not call.of("cancel") or not _asked.is_small(call):
        return
    yield from _one_request(call)
    if call.trail.main is not None:
        number, exchange = call.trail.main
        sent = _content(exchange.request)
        is_empty = not sent.strip() or exchange.request.json == {}
        yield holds(
            is_empty, seen=sent.decode("utf-8", "replace"), expected="nothing, or {}", step=number
        )


@check("SDK-WIRE-04")
def list_is_one_get(call: SdkCall) -> Findings:
    """List is one GET of {base}/batches, its filters in the query."""
    if not call.of("list") or not _asked.is_small(call):
        return
    yield from _one_request(call, with_query=True)
    if call.trail.main is not None:
        number, exchange = call.trail.main
        params = call.arg("params")
        given = params if isinstance(params, dict) else {}
        wanted = {name for name, value in given.items() if value is not None and value != []}
        # How several values are written is the affair of another requirement.
        seen = {name.partition("[")[0] for name, _ in _asked.place_of(exchange).pairs}
        yield holds(
            wanted <= seen, seen=_asked.line_of(exchange), expected=sorted(wanted), step=number
        )


def _requests(call: SdkCall) -> Iterator[Sent]:
    """What a call sent of its own accord: not where a redirect led it."""
    if call.of(*ON_THE_WIRE):
        yield from call.trail.plain


@check("SDK-WIRE-10")
def every_call_carries_its_key_once(call: SdkCall) -> Findings:
    """Every request has the one header `Authorization: Bearer <key>`."""
    keys = [call.client.key] if call.client.key is not None else call.client.keys_around
    for number, exchange in _requests(call) if keys else ():
        sent = _asked.all_values(exchange.request, "authorization")
        scheme, _, key = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
        yield holds(
            scheme.lower() == "bearer" and key.strip() in keys,
            seen=sent,
            expected=[f"Bearer {keys[0]}"],
            step=number,
        )


@check("SDK-WIRE-11")
def key_is_nowhere_else(call: SdkCall) -> Findings:
    """The key stands in no target, no body and no other header."""
    for number, exchange in call.sent if call.of(*ON_THE_WIRE) else ():
        request = exchange.request
        places = [request.method, request.url, request.body.text if request.body else ""]
        for name, value in request.headers:
            places += [name] if name.lower() == "authorization" else [name, f"{name}: {value}"]
        leaks = [place for place in places if key_in(place)]
        yield holds(not leaks, seen=leaks[:1], expected="no key", step=number)


@check("SDK-WIRE-12")
def bodies_are_json(call: SdkCall) -> Findings:
    """A request with a body says that it is JSON, and is."""
    for number, exchange in _requests(call):
        if _content(exchange.request):
            said = exchange.request.header("content-type") or ""
            is_said = said.partition(";")[0].strip().lower() == "application/json"
            yield holds(is_said, seen=said or ABSENT, expected="application/json", step=number)
            body = exchange.request.body
            yield holds(
                _members.is_json(_content(exchange.request)),
                seen=body.text if body else "",
                expected="JSON",
                step=number,
            )


@check("SDK-WIRE-13")
def no_body_is_no_form(call: SdkCall) -> Findings:
    """A request without a body does not say that it is a form."""
    for number, exchange in _requests(call):
        if not _content(exchange.request):
            said = (exchange.request.header("content-type") or "").lower()
            yield holds(
                not said.startswith(_FORMS), seen=said, expected="no type of a form", step=number
            )


def _admits_json(accept: str) -> bool:
    for wish in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in wish.split(";"))
        is_refused = any(part.replace(" ", "").rstrip("0.") == "q=" for part in parameters)
        if kind in _ADMIT_JSON and not is_refused:
            return True
    return False


@check("SDK-WIRE-14")
def json_is_accepted(call: SdkCall) -> Findings:
    """Every call says that it accepts JSON."""
    main = call.trail.main if call.of(*ON_THE_WIRE) else None
    if main is not None:
        said = ", ".join(_asked.all_values(main[1].request, "accept"))
        yield holds(
            _admits_json(said), seen=said or ABSENT, expected="application/json", step=main[0]
        )


@check("SDK-WIRE-16")
def nulls_of_the_caller_are_sent(call: SdkCall) -> Findings:
    """A null in the request of a create is sent as null."""
    request = call.arg("request")
    if not call.of("create") or call.trail.main is None or not isinstance(request, dict):
        return
    nulls = [pointer for pointer, node in _values.nodes(request) if node is None]
    if nulls:
        sent = _asked.body_of(call)
        lost = [one for one in nulls if at(sent, one) is not None]
        yield holds(
            not lost,
            seen=at(sent, lost[0]) if lost else None,
            expected=None,
            pointer=lost[0] if lost else "",
            step=call.trail.main[0],
        )


@check("SDK-WIRE-17")
def body_equals_the_argument(call: SdkCall) -> Findings:
    """The body of a create is its argument as JSON, nulls left aside."""
    request = call.arg("request")
    if call.of("create") and call.trail.main is not None and isinstance(request, dict):
        sent = _values.without_nulls(_asked.body_of(call))
        wanted = _values.without_nulls(request)
        yield holds(
            _values.equals(wanted, sent), seen=sent, expected=wanted, step=call.trail.main[0]
        )


def _introductions(observed: Observed) -> Iterator[tuple[int, dict[str, str]]]:
    """What requests say of their sender, each set of headers once, with its first request."""
    seen: list[dict[str, str]] = []
    for call in calls(observed):
        main = call.trail.main if call.of(*ON_THE_WIRE) else None
        said = _names.client_headers(main[1].request) if main else {}
        if main is not None and said not in seen:
            seen.append(said)
            yield main[0], said


@check("SDK-WIRE-25")
def request_names_the_sdk(observed: Observed) -> Findings:
    """A request names its SDK, and no other version than the one installed."""
    hello = hello_of(observed.transcript)
    name, version = str(hello.get("sdk") or ""), str(hello.get("version") or "")
    brands = _names.brands(name)
    for number, said in _introductions(observed) if name else ():
        yield holds(_names.are_named(brands, said), seen=said, expected=name, step=number)
        for seen in _names.versions(brands, said) if version else ():
            is_it = _names.is_version(seen, version)
            yield holds(is_it, seen=seen, expected=version, step=number)
