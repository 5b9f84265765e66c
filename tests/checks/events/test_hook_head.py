import base64
from dataclasses import replace
from typing import Any

import pytest

from conformance.testing import delivery, message_data
from conformance.testing_webhooks import created, signed, webhook_state
from conformance.transcript import Body, Delivery

URL = "https://hooks.example.com/hook"
SENT = delivery(message_data("completed"))


def with_header(name: str, value: str | None) -> Delivery:
    kept = tuple(pair for pair in SENT.headers if pair[0] != name)
    return replace(SENT, headers=kept if value is None else (*kept, (name, value)))


@pytest.mark.parametrize(
    ("number", "word", "wrong"),
    [
        ("02", "event-id", "evt_2"),
        ("03", "event-type", "job.completed"),
        ("04", "delivery-key", "batch.failed"),
        ("05", "attempt", "01"),
        ("06", "max-attempts", "5"),
    ],
)
def test_a_header_repeats_the_body(number: str, word: str, wrong: str, found: Any) -> None:
    name = f"x-ai-stats-{word}"
    judged, broken = found(f"HOOK-HEAD-{number}", SENT)
    assert (judged > 0, broken) == (True, [])
    for value in (wrong, None):
        assert found(f"HOOK-HEAD-{number}", with_header(name, value))[1] == [""]
    upper = replace(SENT, headers=tuple((key.upper(), value) for key, value in SENT.headers))
    assert found(f"HOOK-HEAD-{number}", upper)[1] == []


def test_attempts_are_counted_from_one(found: Any) -> None:
    zero = delivery(message_data("completed"), attempt=0)
    assert found("HOOK-HEAD-05", zero) == (2, ["/delivery/attempt"])


def test_a_header_is_not_held_against_a_body_that_says_nothing(found: Any) -> None:
    for content in (b"{}", b"oops", b"[1]", b'{"id": 7, "delivery": {"attempt": "1"}}'):
        bare = replace(SENT, body=Body(content))
        for number in ("02", "03", "04", "05", "06"):
            assert found(f"HOOK-HEAD-{number}", bare) == (0, [])


TIMESTAMP = replace(SENT, headers=(*SENT.headers, ("x-ai-stats-timestamp", "1783587600")))
TOLD = delivery(message_data("completed", webhook=webhook_state(has_secret=True)))


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        ([created({"url": URL}), SENT], 0),
        ([created({"url": URL, "secret": "whsec_1"}), signed(SENT, "whsec_1")], 0),
        ([created({"url": URL, "secret": "whsec_1"}), SENT], 1),
        ([created({"url": URL, "secret": "  "}), signed(SENT, "")], 1),
        ([created({"url": URL}), signed(SENT, "x")], 1),
        ([TIMESTAMP], 1),
        ([SENT], 0),
        ([signed(TOLD, "x")], 0),
        ([TOLD], 1),
    ],
)
def test_signed_exactly_with_a_secret(steps: Any, broken: int, found: Any) -> None:
    judged, seen = found("HOOK-HEAD-07", *steps)
    assert (judged, len(seen)) == (1, broken)


def test_an_unsigned_delivery_has_its_event_headers(found: Any) -> None:
    assert found("HOOK-HEAD-08", SENT) == (1, [])
    assert found("HOOK-HEAD-08", with_header("x-ai-stats-attempt", None)) == (1, [""])
    assert found("HOOK-HEAD-08", signed(SENT, "x")) == (0, [])


OTHER = replace(
    SENT, headers=tuple((key.replace("ai-stats", "phaseo"), value) for key, value in SENT.headers)
)


@pytest.mark.parametrize(
    ("sent", "profile", "broken"),
    [
        (SENT, "ai-stats", 0),
        (SENT, "phaseo", 1),
        (OTHER, "phaseo", 0),
        (OTHER, "ai-stats", 1),
        (replace(SENT, headers=(*SENT.headers, *OTHER.headers)), "ai-stats", 1),
        (replace(SENT, headers=()), "ai-stats", 1),
    ],
)
def test_names_have_the_prefix_of_the_profile(
    sent: Any, profile: str, broken: int, found: Any
) -> None:
    judged, seen = found("HOOK-HEAD-09", sent, profile=profile)
    assert (judged, len(seen)) == (1, broken)


@pytest.mark.parametrize(
    ("name", "value", "broken"),
    [
        ("x-request-id", "1", 0),
        ("Authorization", "Bearer x", 1),
        ("cookie", "{{masked}}", 1),
        ("x-debug", "signed with whsec_1", 1),
        ("x-debug", "{{webhook:1}}", 1),
        ("x-debug", "{{key:a}}", 1),
        ("x-debug", base64.b64encode(b"whsec_1").decode(), 1),
        ("x-whsec_1", "1", 1),
        ("Set-Cookie", "a=b", 1),
        ("api-key", "x", 1),
    ],
)
def test_no_header_carries_a_credential(name: str, value: str, broken: int, found: Any) -> None:
    hook = created({"url": URL, "secret": "whsec_1"})
    judged, seen = found("HOOK-HEAD-10", hook, with_header(name, value))
    assert (judged, len(seen)) == (1, broken)


def test_a_credential_of_the_subscribers_own_may_come_back(found: Any) -> None:
    hook = created({"url": "https://u:p@hooks.example.com/hook"})
    assert found("HOOK-HEAD-10", hook, with_header("authorization", "Basic dTpw")) == (1, [])


def test_nothing_is_sent_unsigned_to_a_managed_endpoint(found: Any) -> None:
    made = replace(OTHER, headers=(*OTHER.headers, ("x-phaseo-signature", "0" * 64)))
    assert found("HOOK-HEAD-13", made, profile="phaseo") == (1, [])
    assert found("HOOK-HEAD-13", OTHER, profile="phaseo") == (1, [""])
