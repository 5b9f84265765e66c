from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import batch, edge, exchange, refused, transcript
from conformance.transcript import Exchange, Step

NO_STORE = (("cache-control", "private, No-Store"),)
BUSY = {"error": {"message": "busy", "type": "requests"}}


def found(requirement: str, *steps: Step) -> tuple[int, list[str]]:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def missing(**body: Any) -> Exchange:
    return exchange("GET", "/batches/x", refused(**body), status=404)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (missing(), (1, [])),
        (missing(status_code=400), (1, ["/status_code"])),
        (missing(status_code="404"), (1, ["/status_code"])),
        (missing(status_code=None), (1, ["/status_code"])),
        (exchange("GET", "/batches/x", BUSY, status=500), (0, [])),
        (exchange("GET", "/batches/x", b"oops", status=500), (0, [])),
        (exchange("GET", "/nowhere", {"error": "no"}, status=404), (0, [])),
    ],
)
def test_status_code_is_the_http_status(step: Step, expected: Any) -> None:
    assert found("REST-ERR-02", step) == expected


def nameless(status: int, key: str | None = "a", **body: Any) -> Exchange:
    answer = {"error": "no", "status_code": status, **body}
    return exchange("GET", "/batches/x", answer, status=status, key=key)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (missing(), (1, [])),
        (nameless(404), (1, ["/workspace_id"])),
        (nameless(404, workspace_id=""), (1, ["/workspace_id"])),
        (nameless(401), (1, [])),
        (nameless(401, workspace_id=None), (1, [])),
        (nameless(401, workspace_id="ws_1"), (1, ["/workspace_id"])),
        (nameless(501), (0, [])),
        (nameless(501, batch_id="x"), (1, ["/workspace_id"])),
        (nameless(404, key=None), (0, [])),
        (exchange("GET", "/batches/x", BUSY, status=500), (0, [])),
    ],
)
def test_workspace_is_named_after_authentication_only(step: Step, expected: Any) -> None:
    assert found("REST-ERR-08", step) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (NO_STORE, (1, [])),
        ((("cache-control", "no-cache"),), (1, [""])),
        ((), (1, [""])),
    ],
)
def test_flat_errors_are_not_cached(headers: Any, expected: Any) -> None:
    flat = exchange("GET", "/batches/x", refused(), status=404, headers=headers)
    nested = exchange("GET", "/batches/x", BUSY, status=500, headers=headers)
    assert found("REST-ERR-09", flat) == expected
    assert found("REST-ERR-09", nested) == (0, [])


def told(status: Any = 429, match: str = "create", **detail: Any) -> Step:
    return edge("provider_next_error", match=match, status=status, **detail)


def answered(answer: Any = BUSY, status: int = 429, path: str = "/batches") -> Exchange:
    method = "POST" if path in {"/batches", "/files"} else "GET"
    return exchange(method, path, answer, status=status)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([told(body=BUSY), answered()], (2, [])),
        ([told(body=BUSY), answered({**BUSY, "billing": {}})], (2, [])),
        ([told(body=BUSY), answered({"error": {**BUSY["error"], "x_trace": 1}})], (2, [])),
        ([told(body=BUSY), answered(status=502)], (2, [""])),
        ([told(body=BUSY), answered(refused(429))], (2, ["/error"])),
        ([told(body=BUSY), answered(b"oops", 500)], (2, ["", "/error"])),
        ([told(), answered(b"whatever")], (1, [])),
        ([told(body=BUSY), edge("clock_advanced"), answered(status=502)], (0, [])),
        ([told(hangup=True), answered(status=502)], (0, [])),
        ([told(200, body={"id": None}), answered(status=502)], (0, [])),
        ([told("429"), answered(status=502)], (0, [])),
        ([told(match="content"), answered(refused(500), 500)], (0, [])),
        ([told(500, "content"), answered(BUSY, 500, "/files/x/content")], (1, [])),
        ([told(500, "get"), answered({}, 200, "/batches")], (1, [""])),
        ([answered()], (0, [])),
    ],
)
def test_provider_errors_keep_status_and_error(steps: list[Step], expected: Any) -> None:
    assert found("REST-ERR-11", *steps) == expected


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (refused(), (), (1, [])),
        (refused(description="see sk-short and task-0123456789abcdefgh"), (), (1, [])),
        (refused(description="Bearer {{key:a}}"), (), (1, [""])),
        (refused(description="ends in {{key:b:secret-part}}"), (), (1, [""])),
        (refused(description="sk-0123456789abcdefgh"), (), (1, [""])),
        (b"sk-proj-0123456789abcdefgh", (), (1, [""])),
        (b"sk-proj-abcd_EFGH-0123-abcdefgh", (), (1, [""])),
        (b"sk-is-what-most-of-their-keys-begin-with", (), (1, [])),
        (refused(), (("x-debug", "{{key:a}}"),), (1, [""])),
        (refused(description="{{webhook:1}} {{nothing"), (), (1, [])),
    ],
)
def test_errors_show_no_key(body: Any, headers: Any, expected: Any) -> None:
    step = exchange("GET", "/batches/x", body, status=404, headers=headers)
    assert found("REST-ERR-13", step) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([missing(request_id="G-1"), missing(request_id="G-2")], (1, [])),
        ([missing(request_id="G-1"), missing(request_id="G-1")], (1, ["/request_id"])),
        (
            [exchange("GET", "/batches/y", batch(request_id="G-1")), missing(request_id="G-1")],
            (1, ["/request_id"]),
        ),
        (
            [exchange("GET", "/batches/y", batch(request_id=["G"])), missing(request_id="G-1")],
            (0, []),
        ),
        ([missing(request_id="G-1")], (0, [])),
        ([missing(request_id=None), missing(request_id=None)], (0, [])),
    ],
)
def test_each_error_has_its_own_request_id(steps: list[Step], expected: Any) -> None:
    assert found("REST-ERR-14", *steps) == expected


def test_missing_provider_key_is_judged_in_that_state_only() -> None:
    removed = edge("provider_key_removed", removed=True)
    refusal = exchange("POST", "/files", refused(500), status=500)
    assert found("REST-ERR-12", removed, refusal) == (2, ["", "/error/type"])
    assert found("REST-ERR-12", refusal) == (0, [])


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/batches/batch_9"), ("GET", "/batches/batch_9/nothing")]
)
def test_unknown_path_or_method_is_answered_404(method: str, path: str) -> None:
    assert found("REST-ERR-15", exchange(method, path, b"no", status=404)) == (1, [])
    assert found("REST-ERR-15", exchange(method, path, b"no", status=405)) == (1, [""])
