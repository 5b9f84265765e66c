"""Builders of exchanges and transcripts, for tests of checks and of users' own rules. Pure."""

from typing import Any

from conformance.json_text import ABSENT, dump
from conformance.routes import TERMINAL
from conformance.transcript import (
    Body,
    Close,
    Delivery,
    Edge,
    Exchange,
    Frame,
    Part,
    Request,
    Response,
    Step,
    Stream,
    Transcript,
)
from conformance.views import Observed

ORIGIN = "http://gateway.test"
STREAM_ORIGIN = "ws://gateway.test"
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


# Members of a message that are null as long as nothing is known.
_UNKNOWN = (
    "session_id", "app_id", "model", "output_file_id", "error_file_id", "byok_key_id",
    "reservation_id", "reservation_status", "next_webhook_retry_at", "last_webhook_progress",
    "last_webhook_progress_at", "last_webhook_dispatched_at", "upstream_error",
    "provider_failure_diagnostics", "failure_sample", "routing_diagnostics",
    "provider_enablement", "provider_candidate_diagnostics",
)  # fmt: skip
_UNKNOWN_OF_A_BILL = (
    "estimated_provider_cost", "estimated_user_cost", "settled_provider_cost",
    "settled_user_cost", "total_nanos", "estimated_nanos", "reserved_nanos",
    "estimation_truncated", "estimation_sample_size", "estimation_total_rows", "reservation_id",
    "reservation_status", "charge_reason", "charged",
)  # fmt: skip


def message_bill(state: str = "pending", **members: Any) -> dict[str, Any]:
    """The billing block of a message, conforming as long as state and `members` are."""
    unknown = dict.fromkeys(_UNKNOWN_OF_A_BILL)
    return {"currency": "usd", "state": state, "billable": False, **unknown, **members}


def message_data(status: str = "pending", **members: Any) -> dict[str, Any]:
    """The data of a message in a state, conforming as long as status and `members` are."""
    is_open, completed = status not in TERMINAL, status == "completed"
    bill = message_bill("pending" if is_open else "void")
    if completed:
        bill = message_bill("settled", total_nanos=0, charge_reason="zero_cost", charged=False)
    return {
        "id": "batch_1",
        "object": "batch",
        "kind": "batch",
        "status": status,
        "lifecycle_status": "running" if status == "in_progress" else status,
        "progress": 100 if completed else 0,
        "request_id": "G-01JZQ4T9W6M3X8E2B7K5N1RCDV",
        "native_id": "batch_1",
        "provider": "openai",
        "polling_url": f"{ORIGIN}/v1/batches/batch_1",
        "websocket_url": f"{STREAM_ORIGIN}/v1/async/batch/batch_1/ws",
        "cancel_url": f"{ORIGIN}/v1/batches/batch_1/cancel" if is_open else None,
        "endpoint": "/v1/responses",
        "completion_window": "24h",
        "input_file_id": "file_1",
        "key_source": "gateway",
        "pricing_lines": [],
        **dict.fromkeys(_UNKNOWN),
        "last_polled_at": "2026-07-09T09:00:00.000Z",
        "polled_status": "validating" if status == "pending" else status,
        "finalized_at": None if is_open else "2026-07-09T09:10:00.000Z",
        "request_counts": {"total": 2, "completed": 2 if completed else 0, "failed": 0},
        "billing": bill,
        "created_at": "2026-07-09T08:59:59.000+00:00",
        "updated_at": "2026-07-09T09:00:00.001+00:00",
        **({"output_file_id": "file_out"} if completed else {}),
        **members,
    }


def frame(kind: str, data: Any = ABSENT, at_ms: int = 0) -> Frame:
    """A frame of the server: `job.updated` with data, `pong`, …"""
    members = {} if data is ABSENT else {"data": data}
    return Frame("server", at_ms, dump({"type": kind, **members}))


def said(content: str | bytes, at_ms: int = 0) -> Frame:
    """A frame of the client."""
    return Frame("client", at_ms, content)


def closed(at_ms: int = 0, code: int | None = 1000, by: str = "server") -> Close:
    """The end of a stream."""
    return Close(at_ms, code, "closed", by)


def stream(
    *frames: Frame,
    path: str = "/async/batch/batch_1/ws",
    answer: Any = ABSENT,
    status: int = 101,
    key: str | None = "a",
    close: Close | None = None,
    at_ms: int = 0,
    label: str | None = None,
) -> Stream:
    """A stream below /v1 with its frames, or a refused handshake; `path` may have a query."""
    credential = (("authorization", f"Bearer {{{{key:{key}}}}}"),) if key else ()
    headers = (*credential, ("upgrade", "websocket"))
    request = Request("GET", f"{STREAM_ORIGIN}/v1{path}", headers)
    response = Response(status, JSON if status != 101 else (), _body(answer))
    return Stream(request, response, frames, close, at_ms, label)


def delivery(
    data: Any,
    event: str = "batch.completed",
    *,
    key: str | None = None,
    attempt: int = 1,
    at_ms: int = 0,
    answered: dict[str, Any] | None = None,
) -> Delivery:
    """An unsigned webhook delivery with its event headers; `key` is the delivery key."""
    key = key or event
    name = f"evt_batch_batch_1_{key.replace('.', '_').replace(':', '_')}"
    told = {"key": key, "attempt": attempt, "max_attempts": 4}
    body = {"id": name, "type": event, "created_at": 1783587600, "delivery": told, "data": data}
    headers = {
        "content-type": "application/json",
        "user-agent": "AI-Stats-Async-Webhook/1.0",
        "x-ai-stats-event-id": name,
        "x-ai-stats-event-type": event,
        "x-ai-stats-delivery-key": key,
        "x-ai-stats-attempt": str(attempt),
        "x-ai-stats-max-attempts": "4",
    }
    sent = Body(dump(body).encode())
    return Delivery(
        "POST", "/hook", tuple(headers.items()), sent, at_ms, answered or {"status": 200}
    )
