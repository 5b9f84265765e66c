from typing import Any

import pytest

from conformance.signature import sign
from conformance.testing_sdk import failed, returned
from conformance.transcript import Body, Delivery

NOW = "1783584000"
HEADERS = (("x-ai-stats-timestamp", NOW), ("x-ai-stats-signature", sign("k", NOW, b"{}")))


def computed(value: Any, **args: Any) -> Any:
    given = {"secret": "k", "timestamp": NOW, "body_base64": "e30=", **args}
    return returned("computeAsyncWebhookSignature", value=value, **given)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (computed(sign("k", NOW, b"{}")), (2, 0)),
        (computed(sign("k", NOW, b"{}").upper()), (2, 0)),
        (computed(sign("k", NOW, b"[]")), (2, 1)),
        (computed(None), (2, 1)),
        (computed("", secret="{{webhook:1}}"), (1, 0)),
        (computed("", secret=" padded "), (1, 0)),
        (computed("", body_base64="%"), (1, 0)),
        (failed("computeAsyncWebhookSignature", kind="unsupported"), (1, 1)),
    ],
)
def test_the_computation_is_right(call: Any, expected: Any, count: Any) -> None:
    assert count("VERIFY-01", call) == expected


def delivered(valid: bool | None = True, headers: Any = HEADERS) -> Delivery:  # noqa: FBT001, FBT002
    return Delivery("POST", "/hook", headers, Body(b"{}"), signature_valid=valid)


def checked(says: Any, headers: Any = HEADERS, body: str = "e30=") -> Any:
    args = {"secret": "{{webhook:1}}", "headers": list(map(list, headers)), "body_base64": body}
    return returned("verifyAsyncWebhookSignature", value=says, now=int(NOW), **args)


@pytest.mark.parametrize(
    ("call", "delivery", "expected"),
    [
        (checked(says=True), delivered(), (1, 0)),
        (checked(says=False), delivered(), (1, 1)),
        (checked(says=True), delivered(None), (1, 0)),
        (checked(says=False), delivered(valid=False), (0, 0)),
        (checked(says=False), delivered(headers=()), (0, 0)),
        (checked(says=False, body="W10="), delivered(), (0, 0)),
        (checked(says=False, headers=[("x-ai-stats-signature", "0")]), delivered(), (0, 0)),
    ],
)
def test_deliveries_pass(call: Any, delivery: Delivery, expected: Any, count: Any) -> None:
    assert count("VERIFY-15", call, beside=[delivery]) == expected
