"""Signatures of deliveries, recomputed over the bytes that arrived."""

from conformance.checks import Findings, check
from conformance.checks.events import _hooks, _records
from conformance.event_views import Deliveries, WebhookCall, calls
from conformance.signature import TOLERANCE_S, digest, is_signed, trimmed
from conformance.verdicts import holds
from conformance.views import Observed


def secret_as_sent(call: WebhookCall) -> str | None:
    """The secret itself, where the transcript holds it and the bytes that it signed."""
    secret = _hooks.secret_of(call.creation)
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
    secret = _hooks.secret_of(call.creation) or ""
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
    if _tells_keys_apart(_hooks.secret_of(call.creation) or ""):
        verified = is_verified(call, profile, padded=True)
        if verified is not None:
            yield holds(verified, seen="another key", expected="the secret in UTF-8, as given")


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


@check("HOOK-SIGN-07")
def every_attempt_is_signed_anew(view: Deliveries, profile: str) -> Findings:
    """A retry has a fresh timestamp and a signature of its own, which verifies."""
    for first, second in _records.consecutive(view):
        old, new = _seconds(first, profile), _seconds(second, profile)
        passed = _records.between(first, second)
        if old is None or new is None or passed is None:
            continue
        signatures = {one.event_header("signature", profile) for one in (first, second)}
        moved = new > old and len(signatures) == 2
        aged = passed.least_ms < 2_000 or moved
        yield holds(
            aged and _is_fresh(second, new) and is_verified(second, profile) is not False,
            seen=f"timestamp {new} after {old}",
            expected="a timestamp of this attempt, signed",
            step=second.number,
        )
