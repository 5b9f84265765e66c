"""Stream URLs: each part of what the helpers make, from what they are given."""

from conformance.addresses import all_decoded
from conformance.checks import Findings, check
from conformance.checks.sdk import _stream_urls
from conformance.json_text import ABSENT
from conformance.redact import markers_in
from conformance.sdk_calls import SdkCall, SdkUrl, is_plain_id
from conformance.sdk_views import calls, clients, urls
from conformance.verdicts import HELD, Finding, holds
from conformance.views import Observed

_OPTIONS = ("interval_ms", "close_on_terminal")


def _has_plain_id(one: SdkUrl) -> bool:
    return _stream_urls.is_usual(one) and is_plain_id(_stream_urls.trimmed(one.id))


def _is_made(one: SdkUrl) -> bool:
    """Whether a URL came of what has a defined one."""
    is_named = _stream_urls.is_usual(one) and not _stream_urls.is_refused(one.id)
    return is_named and one.text is not None


def _seen(one: SdkUrl, expected: object, *, is_good: bool) -> Finding:
    return holds(is_good, seen=one.text, expected=expected)


@check("SDK-URL-01")
def scheme_is_that_of_the_base(one: SdkUrl) -> Findings:
    """The scheme is wss for an https base and ws for an http base."""
    if _is_made(one) and one.base and one.base.scheme in {"http", "https"}:
        wanted = _stream_urls.SCHEMES[one.base.scheme]
        yield _seen(one, f"{wanted}:", is_good=one.url is not None and one.url.scheme == wanted)


@check("SDK-URL-02")
def path_is_base_kind_and_id(one: SdkUrl) -> Findings:
    """The path is that of the base, then async, the kind, the id and ws."""
    if _is_made(one) and one.base and _has_plain_id(one):
        ids = {one.id, _stream_urls.trimmed(one.id)}
        paths = [[*all_decoded(one.base.prefix), "async", one.kind, name, "ws"] for name in ids]
        found = all_decoded(one.url.segments) if one.url else []
        is_good = found in paths and one.url is not None and one.url.fragment is None
        yield _seen(one, "/".join(map(str, ["", *paths[0]])), is_good=is_good)


@check("SDK-URL-03")
def kind_and_id_are_one_segment_each(one: SdkUrl) -> Findings:
    """Kind and id are one percent-encoded segment each."""
    if _is_made(one):
        yield _seen(one, f"one segment for {one.id}", is_good=_stream_urls.is_whole(one))


@check("SDK-URL-04")
def what_is_not_given_is_not_in_the_query(one: SdkUrl) -> Findings:
    """The query has no pair for which no option was given; without options there is none."""
    if _is_made(one) and one.url is not None and _has_plain_id(one):
        extras = [name for name, _ in one.url.pairs if name not in one.options]
        has_mark = one.url.query is not None
        yield _seen(
            one,
            f"options {sorted(one.options)} alone",
            is_good=not extras and (bool(one.options) or not has_mark),
        )


def _option(one: SdkUrl, name: str) -> Findings:
    wanted = _stream_urls.query_of(one.options).get(name)
    if wanted is not None and _is_made(one) and one.url is not None:
        found = [value for key, value in one.url.pairs if key == name]
        yield _seen(one, f"{name}={wanted}", is_good=found == [wanted])


@check("SDK-URL-05")
def flag_is_sent_as_a_word(one: SdkUrl) -> Findings:
    """A given flag is close_on_terminal=true or =false."""
    yield from _option(one, "close_on_terminal")


@check("SDK-URL-06")
def interval_is_sent_unchanged(one: SdkUrl) -> Findings:
    """A given interval is interval_ms in plain digits."""
    yield from _option(one, "interval_ms")


@check("SDK-URL-07")
def host_and_port_are_kept(one: SdkUrl) -> Findings:
    """Host, port and brackets are those of the base."""
    if _is_made(one) and one.base:
        base, url = one.base, one.url
        is_kept = (
            url is not None
            and url.host == base.host
            and url.userinfo is None
            and _stream_urls.port_of(url, base.scheme) == _stream_urls.port_of(base)
        )
        port = _stream_urls.port_of(base)
        yield _seen(one, base.host if port is None else f"{base.host}:{port}", is_good=is_kept)


@check("SDK-URL-08")
def dots_are_refused(one: SdkUrl) -> Findings:
    """An id of one or two dots gives no URL."""
    is_dotted = isinstance(one.id, str) and _stream_urls.trimmed(one.id) in {".", ".."}
    if is_dotted and _stream_urls.is_usual(one) and one.seen_call.client.error is None:
        shown = one.seen_call.shown
        yield holds(one.seen_call.error is not None, seen=shown, expected="an error")


@check("SDK-URL-09")
def white_space_is_trimmed(one: SdkUrl) -> Findings:
    """White space around the id is not in the URL."""
    if _is_made(one) and one.url is not None and _stream_urls.trimmed(one.id) != one.id:
        found = all_decoded(one.url.segments)[-2:-1]
        wanted = _stream_urls.trimmed(one.id)
        yield _seen(one, f"the id {wanted}", is_good=found == [wanted])


@check("SDK-URL-10")
def helpers_do_no_io(call: SdkCall) -> Findings:
    """A helper sends nothing, and makes the same of the same."""
    if not call.of("url"):
        return
    yield holds(not call.sent, seen=f"{len(call.sent)} requests", expected="none")
    earlier = [
        one
        for one in calls(call.observed)
        if one.number < call.number
        and one.client is call.client
        and (one.call.method, one.call.arguments) == (call.call.method, call.call.arguments)
    ]
    if earlier and earlier[-1].of("url"):
        yield holds(call.value == earlier[-1].value, seen=call.shown, expected=earlier[-1].shown)


@check("SDK-URL-11")
def url_holds_no_secret(one: SdkUrl) -> Findings:
    """No key and no other secret stands in the URL."""
    if one.text is not None:
        secrets = markers_in(one.text)
        yield holds(not secrets, seen=secrets, expected="no secret")


def _twin(one: SdkUrl) -> SdkUrl | None:
    """The call of the generic helper that is to make the same of the same."""
    for call in calls(one.seen_call.observed):
        other = SdkUrl(call)
        is_generic = call.call.method == "getAsyncJobWebSocketUrl" and call.of("url")
        if not is_generic or call.client.base_url != one.seen_call.client.base_url:
            continue
        if (other.kind, other.id, other.options) == ("batch", one.id, one.options):
            return other
    return None


@check("SDK-URL-12")
def both_helpers_agree(one: SdkUrl) -> Findings:
    """The helper for batches makes what the generic one makes of kind batch."""
    is_of_batches = one.seen_call.call.method == "batches.websocketUrl"
    twin = _twin(one) if is_of_batches and one.id is not ABSENT else None
    if twin is not None:
        yield holds(
            _compared(one) == _compared(twin),
            seen=one.seen_call.shown,
            expected=twin.seen_call.shown,
        )


def _compared(one: SdkUrl) -> object:
    """A URL as far as two of them must agree; None for none."""
    if one.url is None:
        return one.text
    port = _stream_urls.port_of(one.url)
    place = (one.url.scheme, one.url.host, port, tuple(all_decoded(one.url.segments)))
    return (*place, tuple(sorted(one.url.pairs)), one.url.fragment)


@check("SDK-URL-13")
def interval_comes_first(one: SdkUrl) -> Findings:
    """Of the two options the interval comes first."""
    names = [name for name, _ in one.url.pairs] if one.url else []
    if set(_OPTIONS) <= set(names):
        is_first = names.index(_OPTIONS[0]) < names.index(_OPTIONS[1])
        yield _seen(one, "interval_ms first", is_good=is_first)


@check("SDK-URL-15")
def secure_base_stays_secure(observed: Observed) -> Findings:
    """A base of wss gives wss, or is refused: by the helper, or when the client is built."""
    for client in clients(observed):
        if client.error is not None and client.base and client.base.scheme == "wss":
            yield HELD
    for one in urls(observed):
        if one.base and one.base.scheme == "wss" and isinstance(one.id, str):
            is_refused = one.seen_call.error is not None
            is_secure = one.url is not None and one.url.scheme == "wss"
            if not _stream_urls.is_refused(one.id) or not is_refused:
                shown = one.seen_call.shown
                yield holds(
                    is_refused or is_secure,
                    seen=shown,
                    expected="wss:, or an error",
                    step=one.number,
                )
