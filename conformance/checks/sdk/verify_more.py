"""The helpers for webhook signatures at large: whether there are any, and real deliveries."""

import base64
from collections.abc import Iterator
from typing import Any

from conformance import signature
from conformance.checks import Findings, check
from conformance.checks.sdk import _signed, surface
from conformance.redact import markers_in
from conformance.sdk_calls import SdkCall
from conformance.sdk_views import calls
from conformance.transcript import Delivery
from conformance.verdicts import holds
from conformance.views import Observed

_METHODS = ("verifyAsyncWebhookSignature", "computeAsyncWebhookSignature")


@check("SDK-VERIFY-01")
def there_are_helpers_for_signatures(observed: Observed) -> Findings:
    """The SDK checks signatures, and computes them rightly."""
    yield from surface.offered(observed, _METHODS)
    for call in calls(observed):
        wanted = _computed(call)
        if wanted is not None:
            is_it = isinstance(call.value, str) and call.value.lower() == wanted
            yield holds(is_it, seen=call.shown, expected=wanted, step=call.number)


def _computed(call: SdkCall) -> str | None:
    """What a call of the computation ought to give; None where that is not known."""
    secret, timestamp = call.arg("secret"), call.arg("timestamp")
    body = _signed.content_of(call.arg("body_base64"))
    if not call.of("compute") or not isinstance(secret, str) or not isinstance(timestamp, str):
        return None
    is_odd = body is None or markers_in(secret) or secret != signature.trimmed(secret)
    return None if is_odd or not secret else signature.sign(secret, timestamp, body or b"")


def _signature_of(headers: Any) -> str | None:
    """The signature among the headers, of either profile."""
    names = [f"{prefix}signature" for prefix in _signed.PREFIXES.values()]
    pairs = headers if isinstance(headers, list | tuple) else ()
    two = [one for one in pairs if isinstance(one, list | tuple) and len(one) == 2]
    return next((value for name, value in two if str(name).lower() in names), None)


def _checks_of(delivery: Delivery, observed: Observed) -> Iterator[SdkCall]:
    """The calls to which a delivery was handed as it came."""
    body = base64.b64encode(delivery.body.content).decode()
    wanted = _signature_of(delivery.headers)
    for call in calls(observed):
        is_it = call.arg("body_base64") == body and _signature_of(call.arg("headers")) == wanted
        if call.of("verify") and is_it:
            yield call


@check("SDK-VERIFY-15")
def deliveries_of_the_gateway_pass(observed: Observed) -> Findings:
    """Every signed delivery that came passes the check of the SDK."""
    for _, delivery in observed.transcript.of(Delivery):
        is_signed = _signature_of(delivery.headers) is not None
        if is_signed and delivery.signature_valid is not False:
            for call in _checks_of(delivery, observed):
                yield holds(call.value is True, seen=call.shown, expected=True, step=call.number)
