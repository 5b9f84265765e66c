"""More than one request: extras, repeats, redirects, and slashes between base and path."""

from conformance.addresses import address_of, all_decoded
from conformance.checks import Findings, check
from conformance.checks.sdk import _asked
from conformance.json_text import ABSENT
from conformance.sdk_calls import ON_THE_WIRE, SdkCall, is_plain_id
from conformance.sdk_trail import REDIRECTS, leads_on
from conformance.transcript import Exchange
from conformance.verdicts import holds


@check("SDK-WIRE-18")
def base_is_kept_without_its_last_slashes(call: SdkCall) -> Findings:
    """The path begins with that of the base URL, without slashes at the end of it."""
    has_id = call.operation in {"get", "cancel"}
    main = call.trail.main
    base = call.client.base
    is_plain = (
        base is not None and base.query is None and (is_plain_id(call.batch_id) or not has_id)
    )
    if call.of(*ON_THE_WIRE) and is_plain and main is not None:
        found = all_decoded(_asked.place_of(main[1]).segments)
        wanted = call.expected
        yield holds(
            found[: len(call.prefix) + 1] == wanted[: len(call.prefix) + 1],
            seen=_asked.line_of(main[1]),
            expected=_asked.wanted_line(call),
            step=main[0],
        )


@check("SDK-WIRE-21")
def nothing_else_is_sent(call: SdkCall) -> Findings:
    """A batch call sends its own request and no other."""
    if call.of(*ON_THE_WIRE) and call.sent:
        extras = [_asked.line_of(exchange) for _, exchange in call.trail.extras]
        yield holds(
            not extras,
            seen=extras,
            expected="the call's own request alone",
            step=call.trail.extras[0][0] if extras else None,
        )


def _failed(exchange: Exchange) -> bool:
    return exchange.response is None or exchange.response.status >= 400


def _idempotency_key(exchange: Exchange) -> str:
    names = [name for name, _ in exchange.request.headers if "idempotency" in name.lower()]
    return exchange.request.header(names[0]) or "" if names else ""


@check("SDK-WIRE-22")
def failed_create_is_not_repeated(call: SdkCall) -> Findings:
    """A create that failed is sent again under an idempotency key alone."""
    posts = call.trail.attempts
    if call.of("create") and posts and _failed(posts[0][1]):
        keys = {_idempotency_key(exchange) for _, exchange in posts}
        yield holds(
            len(posts) == 1 or (len(keys) == 1 and "" not in keys),
            seen=f"{len(posts)} times, idempotency keys {sorted(keys)}",
            expected="once, or each time under one idempotency key",
            step=posts[-1][0],
        )


def _host(url: str) -> str | None:
    place = address_of(url)
    return place.host if place else None


@check("SDK-WIRE-23")
def key_stays_with_its_host(call: SdkCall) -> Findings:
    """The Authorization header does not follow a redirect to another host."""
    if not call.of(*ON_THE_WIRE):
        return
    followed = {earlier[0]: later for earlier, later in call.trail.followed}
    for number, exchange in call.sent:
        place = exchange.response.header("location") if exchange.response else None
        if not leads_on(exchange) or _host(place or "") in {None, _host(exchange.request.url)}:
            continue
        later = followed.get(number)
        sent = later[1].request.header("authorization") if later else None
        went = later is not None and _host(later[1].request.url) != _host(exchange.request.url)
        yield holds(
            sent is None or not went,
            seen=sent or ABSENT,
            expected="no Authorization",
            step=later[0] if later else number,
        )


@check("SDK-WIRE-24")
def redirected_post_stays_a_post(call: SdkCall) -> Findings:
    """A POST that was answered with a redirect is repeated as POST, or an error."""
    for number, exchange in call.trail.attempts[-1:] if call.of("create", "cancel") else ():
        answer = exchange.response
        if exchange.request.method == "POST" and answer and answer.status in REDIRECTS:
            later = next((two for one, two in call.trail.followed if one[0] == number), None)
            is_post = later is not None and later[1].request.method == "POST"
            yield holds(
                call.error is not None or is_post,
                seen=_asked.line_of(later[1]) if later else call.shown,
                expected="a POST, or an error",
                step=later[0] if later else number,
            )
