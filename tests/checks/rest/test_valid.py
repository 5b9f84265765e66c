from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import ABSENT
from conformance.requirements import registry
from conformance.testing import batch, edge, exchange, refused, transcript
from conformance.transcript import Exchange, Step

PLAIN = {"input_file_id": "file_1", "endpoint": "/v1/responses"}
PROVIDER = {"error": {"message": "no", "type": "invalid_request_error"}}
MANY = {f"key-{number}": "value" for number in range(17)}


def found(requirement: str, *steps: Step) -> tuple[int, list[str]]:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def create(sent: Any, answer: Any = ABSENT, status: int = 200, **more: Any) -> Exchange:
    answer = batch() if answer is ABSENT else answer
    return exchange("POST", "/batches", answer, sent=sent, status=status, **more)


def refusal(sent: Any, reason: str | None, status: int = 400, **more: Any) -> Exchange:
    return create(sent, refused(status, "validation_error", reason), status, **more)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (create({**PLAIN, "completion_window": "7d"}, PROVIDER, 400), (1, [])),
        (create({**PLAIN, "completion_window": "7d"}), (1, [])),
        (create({**PLAIN, "metadata": MANY}, PROVIDER, 400), (1, [])),
        (refusal({**PLAIN, "completion_window": "7d"}, "bad_window"), (1, ["/error"])),
        (refusal({**PLAIN, "metadata": MANY}, None), (1, ["/error"])),
        (create({**PLAIN, "metadata": MANY}, b"oops", 500), (1, ["/error"])),
        (refusal({**PLAIN, "metadata": MANY}, "invalid_batch_webhook"), (0, [])),
        (refusal({**PLAIN, "metadata": MANY}, "batch_reservation_unavailable", 500), (0, [])),
        (refusal({**PLAIN, "metadata": MANY}, "invalid_key_format", 401), (0, [])),
        (refusal({**PLAIN, "completion_window": "24h"}, "bad_window"), (0, [])),
        (refusal({**PLAIN, "completion_window": 7, "metadata": "x"}, "bad"), (0, [])),
        (refusal(b"{", "bad"), (0, [])),
    ],
)
def test_window_and_metadata_are_left_to_the_provider(step: Step, expected: Any) -> None:
    assert found("REST-VALID-23", step) == expected


@pytest.mark.parametrize("sent", [{}, {"endpoint": ""}, {"endpoint": "   "}, {"endpoint": 7}])
def test_create_without_usable_endpoint_is_answered_400(sent: Any) -> None:
    request = {"input_file_id": "file_1", **sent}
    assert found("REST-VALID-02", refusal(request, "batch_missing_endpoint")) == (1, [])
    assert found("REST-VALID-02", create(request)) == (1, [""])


@pytest.mark.parametrize("raw", [b"[]", b'"x"', b"5", b"null"])
def test_json_that_is_no_object_is_answered_4xx(raw: bytes) -> None:
    assert found("REST-VALID-22", create(raw, refused(400), 400)) == (1, [])
    assert found("REST-VALID-22", create(raw, b"oops", 500)) == (1, [""])


def test_short_endpoint_name_is_not_refused_as_unsupported() -> None:
    request = {**PLAIN, "endpoint": "responses"}
    late = refusal(request, "batch_reservation_input_unavailable", 500)
    unsupported = refusal(request, "batch_unsupported_endpoint")
    assert found("REST-VALID-04", late) == (1, [])
    assert found("REST-VALID-04", unsupported) == (1, ["/reason"])


@pytest.mark.parametrize("endpoint", ["/v1/audio/speech", "/v1/messages"])
def test_ninth_endpoint_is_refused(endpoint: str) -> None:
    request = {**PLAIN, "endpoint": endpoint}
    assert found("REST-VALID-06", refusal(request, "batch_unsupported_endpoint")) == (1, [])
    assert found("REST-VALID-06", refusal(request, "batch_reservation_x", 404)) == (1, [""])


def test_unusable_input_is_judged_by_its_label_alone() -> None:
    label = "REST-VALID-18/not-json"
    assert found("REST-VALID-18", create(PLAIN, label=label)) == (2, ["", "/id"])
    assert found("REST-VALID-18", refusal(PLAIN, "x", 500, label=label)) == (1, [])
    assert found("REST-VALID-18", create(PLAIN)) == (0, [])


def test_nothing_is_judged_while_the_api_is_switched_off() -> None:
    off = edge("batch_switch", enabled=False)
    answer = exchange("POST", "/batches", refused(501), sent=b"{", status=501)
    assert found("REST-VALID-01", off, answer) == (0, [])
    assert found("REST-VALID-01", answer) == (2, ["", "/error"])
