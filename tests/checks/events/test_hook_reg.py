from dataclasses import replace
from typing import Any

import pytest

from conformance.checks.events.hook_reg import normalised
from conformance.signature import digest
from conformance.testing import batch, delivery, message_data, refused
from conformance.testing_webhooks import created, signed, webhook_state
from conformance.transcript import Wallet

URL = "https://hooks.example.com/hook"
NO = refused(400, "validation_error", "invalid_batch_webhook")
FULL = refused(404, "not_found", "file_not_found_or_not_owned")


def shown(webhook: Any, **state: Any) -> Any:
    return created(webhook, batch(webhook=webhook_state(**state)))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("https://EXAMPLE.com", "https://example.com/"),
        ("https://example.com:443/a/../b?C=d", "https://example.com/b?C=d"),
        ("HTTPS://u:P@Example.com/é", "https://u:P@example.com/%C3%A9"),
        (" https://example.com/a ", "https://example.com/a"),
    ],
)
def test_urls_are_compared_in_their_normal_form(left: str, right: str) -> None:
    assert normalised(left) == normalised(right) is not None


@pytest.mark.parametrize("url", ["nope", "https://[", "https://a:99999/", "", 7, None, {}])
def test_what_is_no_url_has_no_normal_form(url: Any) -> None:
    assert normalised(url) is None


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (shown({"url": URL, "secret": "s", "events": ["job.failed"]}, url=URL), (1, [])),
        (shown({"url": "https://HOOKS.example.com:443/hook"}, url=URL), (1, [])),
        (shown({"url": URL}, url="https://example.com/"), (1, ["/webhook/url"])),
        (shown({"url": URL}, url=None), (1, ["/webhook/url"])),
        (created({"url": URL}, NO, status=400), (1, [""])),
        (created({"url": "https://172.32.0.1/h"}, NO, status=400), (1, [""])),
        (created({"url": "https://100.64.0.1/h"}, NO, status=400), (0, [])),
        (created({"url": "https://localhost/h"}, NO, status=400), (0, [])),
        (created({"url": "https://a.localhost/h"}, NO, status=400), (0, [])),
        (created({"url": "http://hooks.example.com/h"}, NO, status=400), (0, [])),
        (created({"url": "https://u:p@example.com/h"}, NO, status=400), (0, [])),
        (created({"url": URL, "events": ["nope"]}, NO, status=400), (0, [])),
        (created({"url": URL, "secret": 7}, NO, status=400), (0, [])),
        (created({"url": URL}, FULL, status=404), (0, [])),
    ],
)
def test_a_public_https_url_is_taken(step: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-REG-01", step) == expected


def test_a_refusal_of_a_create_that_is_known_to_be_good_is_found(found: Any) -> None:
    labelled = replace(created({"url": URL}, FULL, status=404), label="HOOK-REG-01/good")
    assert found("HOOK-REG-01", labelled) == (1, [""])
    poor = replace(created({"url": URL}, FULL, status=402), label="HOOK-REG-01/good")
    assert found("HOOK-REG-01", poor) == (0, [])


def test_a_url_with_a_password_comes_back(found: Any) -> None:
    secured = "https://u:p@example.com/h"
    assert found("HOOK-REG-32", shown({"url": secured}, url=secured)) == (1, [])
    assert found("HOOK-REG-32", shown({"url": secured}, url="https://example.com/h"))[1]
    assert found("HOOK-REG-32", created({"url": secured}, NO, status=400)) == (1, [""])
    assert found("HOOK-REG-32", shown({"url": URL})) == (0, [])


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (created(None, batch()), (1, [])),
        (created(None, batch(webhook=None)), (1, [])),
        (created(None, batch(webhook=webhook_state())), (1, ["/webhook"])),
        (created(None, NO, status=400), (1, [""])),
        (created(None, FULL, status=404), (0, [])),
        (created({"url": URL}), (0, [])),
    ],
)
def test_null_is_no_webhook(step: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-REG-10", step) == expected


MANAGED_ONLY = {**NO, "reason": "batch_webhook_endpoint_required"}


def held(nanos: int) -> Wallet:
    return Wallet("a", 100, nanos)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([held(5), created({"url": "/h"}, NO, status=400), held(5)], (1, [])),
        ([held(5), created({"url": "/h"}, NO, status=400), held(9)], (1, [""])),
        ([held(5), created({"url": "/h"}, {**NO, "id": "b"}, status=400), held(5)], (1, [""])),
        ([held(5), created({"url": "/h"}, FULL, status=404), held(9)], (0, [])),
        ([created({"url": "/h"}, NO, status=400)], (0, [])),
        ([held(5), created({"url": "/h"}, MANAGED_ONLY, status=400), held(9)], (1, [""])),
        ([held(5), created({"url": "/h"}, {"reason": {"a": 1}}, status=400), held(9)], (0, [])),
    ],
)
def test_a_refused_webhook_has_no_effect(steps: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-REG-12", *steps) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (shown({"url": URL}), (1, [])),
        (shown({"url": URL}, events=["job.failed", "job.completed"]), (1, ["/webhook/events"])),
        (shown({"url": URL}, events=[]), (1, ["/webhook/events"])),
        (shown({"url": URL, "events": []}, events=[]), (0, [])),
        (created({"url": URL}, NO, status=400), (0, [])),
    ],
)
def test_the_ends_are_subscribed_to_by_default(step: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-REG-13", step) == expected


SENT = delivery(message_data("completed"))
BOTH = created({"url": URL, "events": ["job.completed", "BATCH.completed", "x"]})


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([BOTH, SENT], (1, [])),
        ([BOTH, SENT, delivery(message_data("completed"), attempt=2)], (1, [])),
        ([BOTH, SENT, SENT], (1, [""])),
        ([BOTH], (0, [])),
        ([created({"url": URL, "events": ["completed", "job.completed"]}), SENT, SENT], (0, [])),
        ([created({"url": URL, "events": 5}), SENT, SENT], (0, [])),
    ],
)
def test_both_names_make_one_delivery(steps: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-REG-20", *steps) == expected


def step_to(bucket: int) -> Any:
    return delivery(message_data("in_progress"), "batch.progress", key=f"batch.progress:{bucket}")


def test_both_names_make_one_delivery_of_each_bucket(found: Any) -> None:
    both = created({"url": URL, "events": ["job.progress", "batch.progress"]})
    assert found("HOOK-REG-20", both, step_to(10), step_to(20)) == (2, [])
    assert found("HOOK-REG-20", both, step_to(10), step_to(20), step_to(20)) == (2, [""])


def padded(key: bytes, **more: Any) -> Any:
    headers = (
        ("x-ai-stats-timestamp", "1"),
        ("x-ai-stats-signature", digest(key, "1", SENT.body.content)),
    )
    return replace(SENT, headers=headers, **more)


@pytest.mark.parametrize(
    ("secret", "sent", "expected"),
    [
        ("  k  ", padded(b"k"), (1, [])),
        ("  k  ", padded(b"  k  "), (1, [""])),
        (" {{webhook:1}} ", padded(b"hidden", signature_valid=True), (1, [])),
        (" {{webhook:1}} ", padded(b"hidden", signature_valid=False), (1, [""])),
        ("k", signed(SENT, "k"), (0, [])),
        ("   ", SENT, (0, [])),
        ("  k  ", SENT, (0, [])),
    ],
)
def test_blanks_around_the_secret_do_not_count(
    secret: str, sent: Any, expected: Any, found: Any
) -> None:
    assert found("HOOK-REG-24", created({"url": URL, "secret": secret}), sent) == expected


def managed(sent: dict[str, Any], endpoint: str = "whe_1", status: int = 200) -> Any:
    state = webhook_state(endpoint_id=endpoint, url=None, has_secret=True)
    made = created(sent.get("webhook"), batch(webhook=state), status=status)
    request = replace(made.request, body=replace(made.request.body, content=_json(sent)))
    return replace(made, request=request)


def _json(sent: dict[str, Any]) -> bytes:
    return str(sent).replace("'", '"').encode()


NESTED = managed({"webhook": {"endpoint_id": "whe_1"}})


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([NESTED, managed({"webhook_endpoint_id": "whe_1"})], (1, [])),
        ([NESTED, managed({"webhook_endpoint_id": "whe_1"}, "whe_2")], (1, ["/webhook"])),
        ([NESTED, managed({"webhook_endpoint_id": "whe_1"}, status=400)], (1, ["/webhook"])),
        ([NESTED, managed({"webhook_endpoint_id": "whe_1"}, status=402)], (0, [])),
        ([managed({"webhook_endpoint_id": "whe_1"})], (0, [])),
    ],
)
def test_the_endpoint_may_stand_at_the_top(steps: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-REG-35", *steps, profile="phaseo") == expected
