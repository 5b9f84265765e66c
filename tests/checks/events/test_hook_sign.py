from typing import Any

import pytest

from conformance.signature import digest
from conformance.testing import delivery, edge, message_data
from conformance.testing_webhooks import created, signed
from conformance.transcript import Body, Delivery

URL = "https://hooks.example.com/hook"
SENT = delivery(message_data("completed"))
BODY = SENT.body.content


def hook(secret: str) -> Any:
    return created({"url": URL, "secret": secret})


def forged(key: bytes, timestamp: str = "1783587600") -> Delivery:
    made = (
        ("x-ai-stats-timestamp", timestamp),
        ("x-ai-stats-signature", digest(key, timestamp, BODY)),
    )
    return Delivery("POST", "/hook", (*SENT.headers, *made), SENT.body)


@pytest.mark.parametrize(
    ("secret", "sent", "expected"),
    [
        ("whsec_1", signed(SENT, "whsec_1"), (1, 0)),
        ("whsec_1", signed(SENT, "whsec_2"), (1, 1)),
        ("{{webhook:1}}", signed(SENT, "hidden", valid=True), (1, 0)),
        ("{{webhook:1}}", signed(SENT, "hidden", valid=False), (1, 1)),
        ("{{webhook:1}}", signed(SENT, "hidden"), (0, 0)),
        (" k ", signed(SENT, "k"), (1, 0)),
        (" k ", forged(b" k "), (1, 0)),
        (" {{webhook:1}} ", signed(SENT, "hidden", valid=False), (0, 0)),
        ("whsec_1", SENT, (0, 0)),
    ],
)
def test_the_signature_is_recomputed(secret: str, sent: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-SIGN-01", hook(secret), sent)
    assert (judged, len(broken)) == expected


def test_bytes_that_were_written_anew_are_not_recomputed(found: Any) -> None:
    made = signed(SENT, "whsec_1", valid=True)
    rewritten = Delivery(
        "POST", "/hook", made.headers, Body(b"{}", exact=False), signature_valid=True
    )
    assert found("HOOK-SIGN-01", hook("whsec_1"), rewritten) == (1, [])


def test_a_signature_over_another_body_is_found(found: Any) -> None:
    headers = signed(SENT, "whsec_1").headers
    bent = Delivery("POST", "/hook", headers, Body(BODY + b" "))
    assert found("HOOK-SIGN-01", hook("whsec_1"), bent) == (1, [""])


@pytest.mark.parametrize(
    ("secret", "key", "expected"),
    [
        ("whsec_1", b"whsec_1", (1, 0)),
        ("whsec_1", b"1", (1, 1)),
        ("clé", "clé".encode(), (1, 0)),
        ("clé", "clé".encode("latin-1"), (1, 1)),
        ("plain", b"plain", (0, 0)),
    ],
)
def test_the_key_is_the_secret_as_given(secret: str, key: bytes, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-SIGN-02", hook(secret), forged(key))
    assert (judged, len(broken)) == expected


def retried(first_s: int, second_s: int, *, valid: bool = True, by_ms: int = 60_000) -> list[Any]:
    again = delivery(message_data("completed"), attempt=2)
    return [
        signed(SENT, "whsec_1", str(first_s), valid=True),
        edge("clock_advanced", by_ms=by_ms),
        signed(again, "whsec_1" if valid else "whsec_2", str(second_s), valid=valid),
    ]


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        (retried(1783587600, 1783587660), 0),
        (retried(1783587600, 1783587631), 0),
        (retried(1783587600, 1783587601), 1),
        (retried(1783587600, 1783587600), 1),
        (retried(1783587600, 1783587599), 1),
        (retried(1783587600, 1783587660, valid=False), 1),
        (retried(1783587600, 1783587600, by_ms=1), 0),
    ],
)
def test_every_attempt_is_signed_anew(steps: Any, broken: int, found: Any) -> None:
    judged, seen = found("HOOK-SIGN-07", hook("whsec_1"), *steps)
    assert (judged, len(seen)) == (2, broken)


def test_unsigned_attempts_are_not_judged_by_their_signature(found: Any) -> None:
    again = delivery(message_data("completed"), attempt=2)
    for number in ("01", "02", "07"):
        assert found(f"HOOK-SIGN-{number}", hook("whsec_1"), SENT, again) == (0, [])


@pytest.mark.parametrize(
    ("first_s", "second_s", "broken"),
    [
        (1783587600, 1783588500, 0),
        (1783587600, 1783587601, 1),
        (1783587200, 1783588500, 1),
        (1783587200, 1783588100, 2),
        (1783587900, 1783588850, 1),
    ],
)
def test_every_attempt_must_pass_the_age_check_of_a_receiver(
    first_s: int, second_s: int, broken: int, found: Any
) -> None:
    now = edge("clock_advanced", by_ms=1, gateway_now="2026-07-09T09:00:00Z")
    late = edge("clock_advanced", by_ms=900_000, gateway_now="2026-07-09T09:15:00Z")
    first, _, second = retried(first_s, second_s)
    assert found("HOOK-SIGN-07", hook("whsec_1"), now, first, late, second) == (2, [""] * broken)
