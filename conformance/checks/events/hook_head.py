"""Headers of deliveries: what they repeat of the body, and what they never carry."""

from typing import Any
from urllib.parse import urlsplit

from conformance.checks import Findings, check
from conformance.checks.events import _hooks
from conformance.checks.events._secrets import stands_in, telling_secret
from conformance.event_views import Deliveries, WebhookCall, calls
from conformance.event_views.redirects import PREFIXES
from conformance.redact import markers_in
from conformance.signature import trimmed
from conformance.verdicts import holds
from conformance.views import Observed

_EVENT = ("event-id", "event-type", "delivery-key", "attempt", "max-attempts")
_CREDENTIALS = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "set-cookie"}
)


def _repeats(call: WebhookCall, profile: str, word: str, value: Any) -> Findings:
    """The header is there and says what the body says, where the body says anything."""
    wanted = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(wanted, str) and _hooks.is_of_batch(call):
        seen = call.event_header(word, profile)
        yield holds(
            seen is not None and seen.strip() == wanted.strip(),
            seen=f"{word}: {seen}",
            expected=f"{word}: {wanted}",
        )


@check("HOOK-HEAD-02")
def event_id_is_repeated(call: WebhookCall, profile: str) -> Findings:
    """The event-id header is the body's id."""
    return _repeats(call, profile, "event-id", call.event_id)


@check("HOOK-HEAD-03")
def event_type_is_repeated(call: WebhookCall, profile: str) -> Findings:
    """The event-type header is the body's type."""
    return _repeats(call, profile, "event-type", call.event_type)


@check("HOOK-HEAD-04")
def delivery_key_is_repeated(call: WebhookCall, profile: str) -> Findings:
    """The delivery-key header is the body's delivery.key."""
    return _repeats(call, profile, "delivery-key", call.key)


@check("HOOK-HEAD-05")
def attempt_is_repeated(call: WebhookCall, profile: str) -> Findings:
    """The attempt header is the body's delivery.attempt in decimal, counted from 1."""
    yield from _repeats(call, profile, "attempt", call.attempt)
    if call.attempt is not None and _hooks.is_of_batch(call):
        seen = call.attempt
        yield holds(seen >= 1, seen=seen, expected="1 or more", pointer="/delivery/attempt")


@check("HOOK-HEAD-06")
def max_attempts_is_repeated(call: WebhookCall, profile: str) -> Findings:
    """The max-attempts header is the body's delivery.max_attempts in decimal."""
    most = _hooks.whole(call.get("/delivery/max_attempts"))
    return _repeats(call, profile, "max-attempts", most)


def _is_secured(call: WebhookCall) -> bool | None:
    """Whether the webhook has a secret, as sent or as its state says; None when unknown."""
    secret = _hooks.secret_of(call.creation)
    if secret is not None:
        return bool(trimmed(secret))
    told = call.get("/data/webhook/has_secret")
    return told if isinstance(told, bool) else None


@check("HOOK-HEAD-07")
def signed_exactly_with_a_secret(observed: Observed, profile: str) -> Findings:
    """Timestamp and signature are both there where the webhook has a secret, else both not."""
    for call in filter(_hooks.is_of_batch, calls(observed)):
        given = [call.event_header(word, profile) for word in ("timestamp", "signature")]
        there = [one is not None for one in given]
        secured = _is_secured(call)
        wanted = there[0] if secured is None else secured
        yield holds(
            there == [wanted, wanted],
            seen=f"timestamp {given[0]}, signature {given[1]}",
            expected="both" if wanted else "neither",
            step=call.number,
        )


@check("HOOK-HEAD-08")
def unsigned_delivery_has_its_event_headers(call: WebhookCall, profile: str) -> Findings:
    """A delivery without a signature has the five event headers."""
    if call.event_header("signature", profile) is None and _hooks.is_of_batch(call):
        missing = [word for word in _EVENT if call.event_header(word, profile) is None]
        seen = f"no {', '.join(missing)}"
        yield holds(not missing, seen=seen, expected="the five event headers")


@check("HOOK-HEAD-09")
def header_names_have_the_prefix(call: WebhookCall, profile: str) -> Findings:
    """Event headers have the prefix of the profile, and none that of the other."""
    if not _hooks.is_of_batch(call):
        return
    own = PREFIXES.get(profile, PREFIXES["ai-stats"])
    others = tuple(prefix for prefix in PREFIXES.values() if prefix != own)
    names = [name.lower() for name, _ in call.delivery.headers]
    strange = [name for name in names if name.startswith(others)]
    yield holds(
        not strange and any(name.startswith(own) for name in names),
        seen=", ".join(strange) or "no such header",
        expected=f"headers that begin with {own}",
    )


def _has_userinfo(call: WebhookCall) -> bool:
    """Whether the subscriber put a credential of his own into the URL."""
    webhook = _hooks.sent_webhook(call.creation) or {}
    url = webhook.get("url")
    try:
        return isinstance(url, str) and "@" in urlsplit(url).netloc
    except ValueError:
        return False


@check("HOOK-HEAD-10")
def no_header_carries_a_credential(call: WebhookCall) -> Findings:
    """No header is a credential or a cookie, and none has the secret or a key in it."""
    if not _hooks.is_of_batch(call):
        return
    secret = telling_secret(call.creation)
    barred = _CREDENTIALS - ({"authorization"} if _has_userinfo(call) else frozenset())
    leaks = [
        name
        for name, value in call.delivery.headers
        if name.lower() in barred
        or markers_in(value)
        or (secret is not None and stands_in(secret, f"{name}: {value}"))
    ]
    yield holds(not leaks, seen=", ".join(leaks), expected="no credential in any header")


@check("HOOK-HEAD-13")
def nothing_is_sent_unsigned(view: Deliveries, profile: str) -> Findings:
    """Every delivery of a managed endpoint is signed: without a secret none is made."""
    for call in filter(_hooks.is_of_batch, view.calls):
        seen = call.event_header("signature", profile)
        yield holds(
            seen, seen="a delivery without signature", expected="no delivery", step=call.number
        )
