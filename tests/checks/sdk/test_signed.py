from typing import Any

import pytest

from conformance.checks.sdk import _signed
from conformance.sdk_views import calls
from conformance.testing import observed
from conformance.testing_sdk import returned, sdk


def claim(stamp: str = "1783584000", profile: str = "ai-stats", **args: Any) -> Any:
    headers = [["x-ai-stats-timestamp", stamp], ["x-ai-stats-signature", "a" * 64]]
    given = {"secret": "k", "body_base64": "e30=", "headers": headers, "now": 1783584000, **args}
    said = returned("verifyAsyncWebhookSignature", value=False, **given)
    return _signed.claim_of(calls(observed(*sdk(said)))[0], profile)


@pytest.mark.parametrize(
    ("stamp", "form"),
    [
        ("1783584000000", "ms"),
        ("2026-07-09T08:00:00Z", "iso"),
        ("2026-07-09T08:00:00", "other"),
        ("١٧٨٣", "digits"),
        ("²", "other"),
        ("1" * 400, "other"),
    ],
)
def test_a_timestamp_has_a_form(stamp: str, form: str) -> None:
    made = claim(stamp)
    assert (made.time_form(), made.age_s) == (form, None)


def test_oddities_are_named() -> None:
    assert claim().oddities == set()
    names = [["X-AI-Stats-Timestamp", "1783583000"], ["x-ai-stats-signature", "A" * 64]]
    odd = claim(headers=[*names, names[0]], tolerance_seconds=None, secret=" k", body_base64="/w==")
    assert odd.oddities == {"names", "form", "secret", "body", "age", "repeats", "off"}
    assert claim(tolerance_seconds=300).oddities == {"bound"}


@pytest.mark.parametrize(
    "args",
    [
        {"secret": None},
        {"secret": "{{webhook:1}}"},
        {"now": True},
        {"headers": [["x-ai-stats-timestamp"]]},
        {"headers": [["x-ai-stats-timestamp", 7]]},
        {"body_base64": "%"},
        {"body_base64": None},
    ],
)
def test_what_cannot_be_judged_is_no_claim(args: dict[str, Any]) -> None:
    assert claim(**args) is None


def test_headers_of_another_profile_alone_are_no_claim_of_this_one() -> None:
    assert claim(profile="phaseo") is None


def test_headers_of_neither_profile_are_a_claim_without_a_signature() -> None:
    made = claim(headers=[["x-other", "1"]])
    assert (made.timestamp, made.signed_with, made.is_whole) == (None, None, False)


@pytest.mark.parametrize(
    ("tolerance", "odd"), [(None, False), (0, False), (-1, True), ("NaN", True)]
)
def test_a_tolerance_below_zero_or_no_number_is_odd(tolerance: Any, odd: Any) -> None:
    assert claim(tolerance_seconds=tolerance).has_odd_tolerance is odd
