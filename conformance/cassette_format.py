"""The cassette format: a transcript as JSON data (schemas/cassette.schema.json), and back. Pure."""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.transcript import (
    Body,
    Call,
    Close,
    Delivery,
    Edge,
    Exchange,
    Failure,
    Frame,
    Headers,
    Part,
    Request,
    Response,
    Step,
    Stream,
    Transcript,
    Wallet,
)

VERSION = 1


@dataclass(frozen=True)
class Cassette:
    """A transcript with where it came from: target, profile, suite version, registry digest."""

    transcript: Transcript
    target: Mapping[str, Any]
    profile: str
    suite_version: str
    registry_digest: str
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Header:
    """What all cassettes of one run share."""

    target: Mapping[str, Any]
    profile: str
    suite_version: str
    registry_digest: str
    capabilities: tuple[str, ...] = field(default=())


def _text(content: bytes) -> dict[str, Any]:
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}


def _bytes(data: Mapping[str, Any]) -> bytes:
    if "base64" in data:
        return base64.b64decode(data["base64"])
    return str(data.get("text", "")).encode()


def _body_out(body: Body | None) -> dict[str, Any] | None:
    if body is None:
        return None
    if body.parts:
        data: dict[str, Any] = {"parts": [_part_out(part) for part in body.parts]}
    else:
        data = _text(body.content)
    return data if body.exact else {**data, "exact": False}


def _part_out(part: Part) -> dict[str, Any]:
    about = {"name": part.name, "filename": part.filename, "content_type": part.content_type}
    return about | _text(part.content)


def _body_in(data: Mapping[str, Any] | None) -> Body | None:
    if data is None:
        return None
    exact = bool(data.get("exact", True))
    if "parts" not in data:
        return Body(_bytes(data), exact=exact)
    parts = tuple(
        Part(part["name"], _bytes(part), part.get("filename"), part.get("content_type"))
        for part in data["parts"]
    )
    return Body(parts=parts, exact=exact)


def _headers_in(data: Iterable[Iterable[str]]) -> Headers:
    return tuple((name, value) for name, value in data)


def _request_out(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": [list(pair) for pair in request.headers],
        "body": _body_out(request.body),
    }


def _response_out(response: Response | None) -> dict[str, Any] | None:
    if response is None:
        return None
    return {
        "status": response.status,
        "headers": [list(pair) for pair in response.headers],
        "body": _body_out(response.body),
        "truncated": response.truncated,
    }


def _request_in(data: Mapping[str, Any]) -> Request:
    method = data.get("method", "GET")
    return Request(method, data["url"], _headers_in(data["headers"]), _body_in(data.get("body")))


def _response_in(data: Mapping[str, Any] | None) -> Response | None:
    if data is None:
        return None
    headers = _headers_in(data["headers"])
    body = _body_in(data.get("body"))
    return Response(data["status"], headers, body, bool(data.get("truncated", False)))


def _failure_out(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {"kind": failure.kind, "message": failure.message}


def _failure_in(data: Mapping[str, Any] | None) -> Failure | None:
    return Failure(data["kind"], data["message"]) if data else None


def _exchange_out(step: Exchange) -> dict[str, Any]:
    return {
        "kind": "http",
        "at_ms": step.at_ms,
        "ended_at_ms": step.ended_at_ms,
        "label": step.label,
        "request": _request_out(step.request),
        "response": _response_out(step.response),
        "failure": _failure_out(step.failure),
    }


def _exchange_in(data: Mapping[str, Any]) -> Exchange:
    return Exchange(
        _request_in(data["request"]),
        _response_in(data["response"]),
        _failure_in(data.get("failure")),
        data["at_ms"],
        data["ended_at_ms"],
        data.get("label"),
    )


def _frame_out(frame: Frame) -> dict[str, Any]:
    content = frame.content
    data = {"text": content} if isinstance(content, str) else _text(content)
    if isinstance(content, bytes):
        data = {"base64": base64.b64encode(content).decode("ascii")}
    return {"from": frame.sender, "at_ms": frame.at_ms, **data}


def _frame_in(data: Mapping[str, Any]) -> Frame:
    content = _bytes(data) if "base64" in data else data["text"]
    return Frame(data["from"], data["at_ms"], content)


def _stream_out(step: Stream) -> dict[str, Any]:
    request, response = _request_out(step.request), _response_out(step.response)
    close = step.close and {
        "at_ms": step.close.at_ms,
        "code": step.close.code,
        "reason": step.close.reason,
        "by": step.close.by,
    }
    data = {
        "kind": "ws",
        "at_ms": step.at_ms,
        "label": step.label,
        "request": {name: request[name] for name in ("url", "headers")},
        "response": response and {name: response[name] for name in ("status", "headers", "body")},
        "frames": [_frame_out(frame) for frame in step.frames],
        "close": close,
    }
    return data if step.failure is None else {**data, "failure": _failure_out(step.failure)}


def _stream_in(data: Mapping[str, Any]) -> Stream:
    close = data.get("close")
    return Stream(
        _request_in(data["request"]),
        _response_in(data["response"]),
        tuple(map(_frame_in, data["frames"])),
        Close(close["at_ms"], close["code"], close["reason"], close["by"]) if close else None,
        data["at_ms"],
        data.get("label"),
        _failure_in(data.get("failure")),
    )


def _delivery_out(step: Delivery) -> dict[str, Any]:
    delivery = {
        "method": step.method,
        "path": step.path,
        "headers": [list(pair) for pair in step.headers],
        "body": _body_out(step.body),
    }
    return {
        "kind": "webhook",
        "at_ms": step.at_ms,
        "delivery": delivery,
        "answered": step.answered,
        "signature_valid": step.signature_valid,
    }


def _delivery_in(data: Mapping[str, Any]) -> Delivery:
    seen = data["delivery"]
    return Delivery(
        seen["method"],
        seen["path"],
        _headers_in(seen["headers"]),
        _body_in(seen["body"]) or Body(),
        data["at_ms"],
        dict(data["answered"]),
        data["signature_valid"],
    )


def _wallet_out(step: Wallet) -> dict[str, Any]:
    return {
        "kind": "wallet",
        "at_ms": step.at_ms,
        "workspace": step.workspace,
        "balance_nanos": step.balance_nanos,
        "reserved_nanos": step.reserved_nanos,
        "available_nanos": step.available_nanos,
    }


def _wallet_in(data: Mapping[str, Any]) -> Wallet:
    return Wallet(
        data["workspace"],
        data["balance_nanos"],
        data["reserved_nanos"],
        data.get("available_nanos"),
        data["at_ms"],
    )


def _call_out(step: Call) -> dict[str, Any]:
    return {
        "kind": "call",
        "at_ms": step.at_ms,
        "ended_at_ms": step.ended_at_ms,
        "label": step.label,
        "client": step.client,
        "method": step.method,
        "native": step.native,
        "arguments": step.arguments,
        "outcome": step.outcome,
    }


def _call_in(data: Mapping[str, Any]) -> Call:
    return Call(
        data["method"],
        dict(data["arguments"]),
        dict(data["outcome"]),
        data["client"],
        data["native"],
        data["at_ms"],
        data["ended_at_ms"],
        data["label"],
    )


def _edge_out(step: Edge) -> dict[str, Any]:
    begun = {} if step.begun_at_ms is None else {"begun_at_ms": step.begun_at_ms}
    shown = {"kind": "edge", "at_ms": step.at_ms, "action": step.action, "detail": step.detail}
    return {**shown, **begun}


def _edge_in(data: Mapping[str, Any]) -> Edge:
    detail, begun_at_ms = dict(data["detail"]), data.get("begun_at_ms")
    return Edge(data["action"], detail, data["at_ms"], begun_at_ms)


_READERS: Mapping[str, Callable[[Any], Step]] = {
    "http": _exchange_in,
    "ws": _stream_in,
    "webhook": _delivery_in,
    "wallet": _wallet_in,
    "call": _call_in,
    "edge": _edge_in,
}


def _step_out(step: Step) -> dict[str, Any]:
    match step:
        case Exchange():
            return _exchange_out(step)
        case Stream():
            return _stream_out(step)
        case Delivery():
            return _delivery_out(step)
        case Wallet():
            return _wallet_out(step)
        case Call():
            return _call_out(step)
        case _:
            return _edge_out(step)


def to_data(transcript: Transcript, header: Header) -> dict[str, Any]:
    """The cassette of a transcript as JSON data."""
    return {
        "cassette_version": VERSION,
        "scenario": transcript.scenario,
        "title": transcript.title,
        "target": dict(header.target),
        "profile": header.profile,
        "suite_version": header.suite_version,
        "registry_digest": header.registry_digest,
        "started_at": transcript.started_at,
        "capabilities": sorted(header.capabilities),
        "complete": transcript.complete,
        "failure": transcript.failure,
        "crashed": transcript.crashed,
        "steps": [_step_out(step) for step in transcript.steps],
    }


def from_data(data: Mapping[str, Any]) -> Cassette:
    """The cassette that JSON data stands for; the data has passed the schema."""
    transcript = Transcript(
        data["scenario"],
        tuple(_READERS[step["kind"]](step) for step in data["steps"]),
        data["title"],
        data["started_at"],
        data["complete"],
        data.get("failure"),
        bool(data.get("crashed", False)),
    )
    return Cassette(
        transcript,
        data["target"],
        data["profile"],
        data["suite_version"],
        data["registry_digest"],
        tuple(data["capabilities"]),
    )
