"""Registering a webhook: what is accepted, and how the answer shows it."""

import ipaddress
import re
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from conformance.checks import Findings, check
from conformance.checks.events import _hooks
from conformance.checks.events.hook_sign import is_padded, is_verified
from conformance.checks.rest import _circumstances as around
from conformance.event_views import Deliveries, WebhookCall
from conformance.json_text import ABSENT, at, same
from conformance.verdicts import broken, holds
from conformance.views import Create, Observed

_REFUSED = (
    "invalid_batch_webhook",
    "batch_webhook_endpoint_required",
    "batch_webhook_endpoint_not_found_or_inactive",
)
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*[a-z0-9]")
_LOCAL = ("localhost", "local", "internal", "localdomain", "lan", "home", "arpa", "onion")
_SAFE = "%/:?#[]@!$&'()*+,;=~-._|"


def _parts(url: Any) -> SplitResult | None:
    """The parts of a URL with a host, None for anything else."""
    try:
        parts = urlsplit(url.strip()) if isinstance(url, str) else SplitResult("", "", "", "", "")
        known = parts.port is None or parts.port in range(65536)
    except ValueError:
        return None
    return parts if known and parts.hostname else None


def _is_public(host: str) -> bool:
    """Whether a host is one that everybody must call public."""
    try:
        return ipaddress.IPv4Address(host).is_global
    except ValueError:
        return _NAME.fullmatch(host) is not None and host.rsplit(".", 1)[1] not in _LOCAL


def normalised(url: Any) -> str | None:
    """The URL with scheme and host in lower case, no default port and no dots in its path."""
    parts = _parts(url)
    if parts is None or parts.hostname is None:
        return None
    port = "" if parts.port in {None, _PORTS.get(parts.scheme)} else f":{parts.port}"
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    origin = f"{parts.scheme}://{user}{parts.hostname}{port}"
    rest = parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()
    return quote(urljoin(f"{origin}/", rest), safe=_SAFE)


def _is_plain_subscription(webhook: dict[str, Any]) -> bool:
    """Whether nothing but the URL of a webhook can be held against it."""
    events, secret = webhook.get("events", ABSENT), webhook.get("secret")
    named = isinstance(events, list) and any(
        isinstance(one, str)
        and re.fullmatch(r"(?:job|batch)\.[a-z]+", one)
        and _hooks.phase_of(one)
        for one in events
    )
    return (events is ABSENT or named) and (secret is None or isinstance(secret, str))


def _was_refused(create: Create, requirement: str) -> bool:
    """Whether a create was refused for its webhook: so answered, or it is known to be good else."""
    label = create.seen.exchange.label or ""
    good = label.startswith(f"{requirement}/") and not around.of_the_caller(create.seen)
    return create.seen.status >= 400 and (
        at(create.seen.json, "/reason") in _REFUSED or (good and create.seen.status < 500)
    )


def _is_shown(create: Create, requirement: str) -> Findings:
    """The create was accepted and its URL comes back, up to normalisation."""
    sent, seen = at(create.sent, "/webhook/url"), at(create.seen.json, "/webhook/url")
    if _was_refused(create, requirement):
        yield broken(f"HTTP {create.seen.status}", "a batch")
    elif create.accepted:
        yield holds(
            normalised(seen) == normalised(sent), seen=seen, expected=sent, pointer="/webhook/url"
        )


@check("HOOK-REG-01")
def public_https_url_is_taken_and_shown(create: Create) -> Findings:
    """A webhook with a public https URL is accepted, and the answer shows the URL."""
    webhook = _hooks.sent_webhook(create) or {}
    parts = _parts(webhook.get("url"))
    if parts is None or parts.scheme != "https" or "@" in parts.netloc:
        return
    if _is_public(parts.hostname or "") and _is_plain_subscription(webhook):
        yield from _is_shown(create, "HOOK-REG-01")


@check("HOOK-REG-32")
def url_with_password_is_taken_and_shown(create: Create) -> Findings:
    """A webhook URL with user and password is accepted and comes back with them."""
    webhook = _hooks.sent_webhook(create) or {}
    parts = _parts(webhook.get("url"))
    if parts is None or parts.scheme != "https" or "@" not in parts.netloc:
        return
    if _is_public(parts.hostname or "") and _is_plain_subscription(webhook):
        yield from _is_shown(create, "HOOK-REG-32")


@check("HOOK-REG-10")
def null_is_no_webhook(create: Create) -> Findings:
    """A create with webhook null is accepted, and its batch has no webhook."""
    if at(create.sent, "/webhook") is not None:
        return
    seen = at(create.seen.json, "/webhook")
    if _was_refused(create, "HOOK-REG-10"):
        yield broken(f"HTTP {create.seen.status}", "a batch")
    elif create.accepted:
        yield holds(
            seen is ABSENT or seen is None, seen=seen, expected="no webhook", pointer="/webhook"
        )


@check("HOOK-REG-12")
def refused_webhook_has_no_effect(observed: Observed) -> Findings:
    """A create that is refused for its webhook makes no batch and holds no money."""
    for create in observed.creates:
        held = around.reserved_around(observed, create.seen)
        if held is None or not _was_refused(create, "HOOK-REG-12"):
            continue
        named = at(create.seen.json, "/id")
        yield holds(
            held[0] == held[1] and not isinstance(named, str),
            seen=f"held {held[0]} before, {held[1]} after",
            expected="no batch and no hold",
            step=create.seen.number,
        )


@check("HOOK-REG-13")
def ends_are_subscribed_to_by_default(create: Create) -> Findings:
    """Without events the subscription is the four ends, in their order."""
    webhook = _hooks.sent_webhook(create)
    if webhook is not None and "events" not in webhook and create.accepted:
        seen, wanted = at(create.seen.json, "/webhook/events"), list(_hooks.DEFAULTS)
        yield holds(seen == wanted, seen=seen, expected=wanted, pointer="/webhook/events")


def _named_twice(view: Deliveries) -> set[str]:
    """The phases that the subscription names as job.X and as batch.X."""
    events = at(view.creation.sent, "/webhook/events") if view.creation else None
    names = events if isinstance(events, list) else []
    kinds: dict[str, set[str]] = {}
    for word in (one.strip().lower() for one in names if isinstance(one, str)):
        phase = _hooks.phase_of(word)
        if phase is not None:
            kinds.setdefault(phase, set()).add(word.partition(".")[0] if "." in word else "job")
    return {phase for phase, found in kinds.items() if len(found) > 1}


@check("HOOK-REG-20")
def both_names_make_one_delivery(view: Deliveries) -> Findings:
    """An event that is subscribed to by both of its names is delivered once."""
    for phase in sorted(_named_twice(view)):
        sent: dict[int | None, list[WebhookCall]] = {}
        for call in _hooks.firsts(view, phase):
            sent.setdefault(_hooks.bucket_of(call.key), []).append(call)
        for begun in sent.values():
            yield holds(
                len(begun) == 1,
                seen=f"{len(begun)} first attempts of {begun[-1].key}",
                expected="one",
                step=begun[-1].number,
            )


@check("HOOK-REG-24")
def blanks_around_the_secret_do_not_count(call: WebhookCall, profile: str) -> Findings:
    """A delivery whose secret was sent with blanks around it is signed without them."""
    if is_padded(call):
        verified = is_verified(call, profile)
        if verified is not None:
            yield holds(verified, seen="no key that fits", expected="the trimmed secret")


def _shows_alike(one: Create, other: Create) -> bool:
    names = ("endpoint_id", "url", "events", "has_secret")
    return all(
        same(at(one.seen.json, f"/webhook/{name}"), at(other.seen.json, f"/webhook/{name}"))
        for name in names
    )


@check("HOOK-REG-35")
def endpoint_id_may_stand_at_the_top(observed: Observed) -> Findings:
    """webhook_endpoint_id at the top level gives the state that webhook.endpoint_id gives."""
    nested = {
        at(create.sent, "/webhook/endpoint_id"): create
        for create in observed.creates
        if create.accepted and isinstance(at(create.sent, "/webhook/endpoint_id"), str)
    }
    for create in observed.creates:
        endpoint = at(create.sent, "/webhook_endpoint_id")
        twin = nested.get(endpoint) if isinstance(endpoint, str) else None
        if twin is not None and (create.accepted or create.seen.status == 400):
            yield holds(
                create.accepted and _shows_alike(create, twin),
                seen=at(create.seen.json, "/webhook"),
                expected=at(twin.seen.json, "/webhook"),
                pointer="/webhook",
                step=create.seen.number,
            )
