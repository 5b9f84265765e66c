"""Builders of exchanges and transcripts, for tests of checks and of users' own rules. Pure."""

from typing import Any

from conformance.json_text import ABSENT, dump
from conformance.routes import TERMINAL
from conformance.transcript import Body, Edge, Exchange, Part, Request, Response, Step, Transcript
from conformance.views import Observed

ORIGIN = "http://gateway.test"
JSON = (("content-type", "application/json"),)


def _body(value: Any) -> Body | None:
    if value is ABSENT:
        return None
    return Body(value if isinstance(value, bytes) else dump(value).encode())


def exchange(
    method: str,
    path: str,
    answer: Any = ABSENT,
    *,
    status: int = 200,
    sent: Any = ABSENT,
    key: str | None = "a",
    headers: tuple[tuple[str, str], ...] = JSON,
    at_ms: int = 0,
    label: str | None = None,
) -> Exchange:
    """An exchange below /v1; `answer` and `sent` are JSON values or bytes, `key` names the key."""
    credential = (("authorization", f"Bearer {{{{key:{key}}}}}"),) if key else ()
    request = Request(method, f"{ORIGIN}/v1{path}", credential, _body(sent))
    response = Response(status, headers, _body(answer))
    return Exchange(request, response, None, at_ms, at_ms, label)


def upload(content: bytes, answer: Any, *, status: int = 200, at_ms: int = 0) -> Exchange:
    """A multipart upload of `content` with purpose batch."""
    parts = (Part("purpose", b"batch"), Part("file", content, "requests.jsonl"))
    headers = (("authorization", "Bearer {{key:a}}"),)
    request = Request("POST", f"{ORIGIN}/v1/files", headers, Body(parts=parts))
    return Exchange(request, Response(status, JSON, _body(answer)), None, at_ms, at_ms)


def edge(action: str, **detail: Any) -> Edge:
    """Something done outside the API."""
    return Edge(action, detail)


def transcript(*steps: Step, scenario: str = "a_test") -> Transcript:
    """The steps as one transcript."""
    return Transcript(scenario, tuple(steps))


def observed(*steps: Step) -> Observed:
    """The views of a transcript of these steps."""
    return Observed(transcript(*steps))


def refused(
    status: int = 404, error: str = "not_found", reason: str | None = "batch_not_found", **more: Any
) -> dict[str, Any]:
    """An error body of the flat form."""
    return {
        "error": error,
        "reason": reason,
        "request_id": "G-01JZQ4TB2M7R5V0C9H6D3XKWNE",
        "workspace_id": "ws_test",
        "status_code": status,
        "error_type": "user",
        "error_origin": "user",
        "generation_id": "G-01JZQ4TB2M7R5V0C9H6D3XKWNE",
        "description": "what went wrong",
        **more,
    }


def batch(status: Any = "validating", **members: Any) -> dict[str, Any]:
    """A batch object in a state, conforming as long as status and `members` are."""
    word = status if isinstance(status, str) else ""
    running = ("in_progress", "finalizing", "cancelling")
    lifecycle = {"validating": "pending"} | dict.fromkeys(running, "running")
    body: dict[str, Any] = {
        "id": "batch_1",
        "object": "batch",
        "endpoint": "/v1/responses",
        "errors": None,
        "input_file_id": "file_1",
        "completion_window": "24h",
        "status": status,
        "output_file_id": "file_out" if status == "completed" else None,
        "error_file_id": None,
        "created_at": 1783587600,
        "expires_at": 1783674000,
        "request_counts": {"total": 2, "completed": 2 if status == "completed" else 0, "failed": 0},
        "metadata": {"job": "nightly"},
        "request_id": "G-01JZQ4T9W6M3X8E2B7K5N1RCDV",
        "provider": "openai",
        "lifecycle_status": lifecycle.get(word, status),
        "polling_url": f"{ORIGIN}/v1/batches/batch_1",
        "cancel_url": None,
        "pricing_lines": [],
    }
    if word in {"in_progress", "finalizing", "completed"}:
        body["in_progress_at"] = 1783587640
    if word in TERMINAL:
        body[f"{word}_at"] = 1783588200
    if word == "cancelled":
        body["cancelling_at"] = 1783588100
    return {**body, **members}
