"""Signatures of deliveries, recomputed over the bytes that arrived."""

from conformance.checks import Findings, check
from conformance.checks.events import _hooks, _records
from conformance.event_views import Deliveries, WebhookCall, calls
from conformance.signature import TOLERANCE_S, digest, is_signed, trimmed
from conformance.verdicts import holds
from conformance.views import Observed


def secret_as_sent(call: WebhookCall) -> str | None:
    """The secret itself, where the transcript holds it and the bytes that it signed."""
    secret = _hooks.secret_behind(call)
    usable = secret is not None and _hooks.is_literal(secret) and _hooks.is_untouched(call)
    return secret if usable else None


def is_verified(call: WebhookCall, profile: str, *, padded: bool = False) -> bool | None:
    """Whether the signature is right, by the secret or as found at capture; None when unknown.

    With `padded` the key may also be the secret with the white space around it.
    """
    timestamp = call.event_header("timestamp", profile)
    signature = call.event_header("signature", profile)
    if timestamp is None or signature is None:
        return None
    secret, body = secret_as_sent(call), call.delivery.body.content
    if secret is None:
        valid = call.delivery.signature_valid
        return None if padded and is_padded(call) and valid is False else valid
    as_given = digest(secret.encode("utf-8", "replace"), timestamp, body)
    uncut = padded and signature.strip().lower() == as_given
    return uncut or is_signed(secret, timestamp, body, signature)


def is_padded(call: WebhookCall) -> bool:
    """Whether the secret was sent with white space around it."""
    secret = _hooks.secret_behind(call) or ""
    return secret != trimmed(secret) != ""


@check("HOOK-SIGN-01")
def signature_is_that_of_the_bytes(observed: Observed, profile: str) -> Findings:
    """The signature is the HMAC-SHA256 of timestamp, full stop and body under the secret."""
    for call in calls(observed):
        verified = is_verified(call, profile, padded=True)
        if verified is not None:
            seen = call.event_header("signature", profile)
            yield holds(
                verified, seen=seen, expected="the HMAC-SHA256 of the delivery", step=call.number
            )


def _tells_keys_apart(secret: str) -> bool:
    """Whether a key that was cut, decoded or encoded otherwise would be another one.

    A marker stands for a secret of the suite's own, which is made so that it does.
    """
    return trimmed(secret).startswith(("whsec_", "{{webhook:")) or not secret.isascii()


@check("HOOK-SIGN-02")
def key_is_the_secret_as_given(call: WebhookCall, profile: str) -> Findings:
    """The key is the whole secret in UTF-8, with its prefix, and nothing of it is decoded."""
    if _tells_keys_apart(_hooks.secret_behind(call) or ""):
        verified = is_verified(call, profile, padded=True)
        if verified is not None:
            yield holds(verified, seen="no key that fits", expected="the secret in UTF-8, as given")


def _seconds(call: WebhookCall, profile: str) -> int | None:
    text = (call.event_header("timestamp", profile) or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def _is_fresh(call: WebhookCall, stamp_s: int) -> bool:
    """Whether the timestamp lets the delivery pass a receiver's age check."""
    shown = _records.clock_at(call)
    if shown is None:
        return True
    least_ms, most_ms = shown
    slack_ms = TOLERANCE_S * 1000
    return least_ms - slack_ms <= stamp_s * 1000 <= most_ms + slack_ms


def _is_anew(first: WebhookCall, second: WebhookCall, profile: str) -> bool:
    """Whether a retry has another signature, and a timestamp that has moved with the clock."""
    old_s, new_s = _seconds(first, profile), _seconds(second, profile)
    passed = _records.between(first, second)
    if old_s is None or new_s is None or passed is None or passed.least_ms < _records.SKEW_MS:
        return True
    signatures = {one.event_header("signature", profile) for one in (first, second)}
    moved_ms = (new_s - old_s) * 1000
    in_step = moved_ms > 0 and moved_ms >= passed.least_ms - _records.DRIFT_MS
    return in_step and len(signatures) == 2


@check("HOOK-SIGN-07")
def every_attempt_is_signed_anew(view: Deliveries, profile: str) -> Findings:
    """Each attempt has a fresh timestamp, and a retry a signature of its own, which verifies."""
    before = {second.number: first for first, second in _records.consecutive(view)}
    for call in view.calls:
        stamp_s, first = _seconds(call, profile), before.get(call.number)
        if stamp_s is None:
            continue
        anew = first is None or (
            _is_anew(first, call, profile) and is_verified(call, profile) is not False
        )
        yield holds(
            anew and _is_fresh(call, stamp_s),
            seen=f"timestamp {stamp_s}",
            expected="a timestamp of this attempt, signed",
            step=call.number,
        )
