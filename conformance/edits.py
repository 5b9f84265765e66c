"""Row faults as edits: the patch of one answer, live in the mock or in a stored transcript.

So are messages: the `data` of stream frames and of webhooks.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance import tables
from conformance.fault_words import word_holds
from conformance.json_text import ABSENT, NotJson, at, child, dump, parse
from conformance.patching import patched
from conformance.requirements import Requirement
from conformance.routes import route_of
from conformance.stream_edits import apply_to_close, apply_to_frame, apply_to_frames
from conformance.transcript import (
    Body,
    Delivery,
    Exchange,
    Frame,
    Request,
    Response,
    Step,
    Stream,
    Transcript,
)


@dataclass(frozen=True)
class Envelope:
    """An answer as a fault sees it; header names in lower case, body ABSENT when it is no JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


def _when(row: Requirement, request: Request, operation: str, document: Any, status: int) -> bool:
    words = row.fault.when.split() if row.fault else []
    if "table" in words:
        words.remove("table")
        if not any(
            tables.request_fits(case, request)
            and tables.status_fits(case.expect.get("status", status), status)
            for case in row.table
        ):
            return False
    return all(word_holds(word, operation, document, status) for word in words)


_STREAM = re.compile(r"/async/[^/]*/[^/]*/ws$")
_STARTS = {"list": "list", "models": "models", "create": "create"}


def _is_target(on: str, operation: str, status: int) -> bool:
    ok = 200 <= status < 300
    if on == "answer":
        return True
    if on == "error":
        return status >= 400
    if on == "file":
        return ok and operation in {"upload", "file"}
    return ok and operation == _STARTS.get(on)


def _bodies(operation: str, body: Any) -> Iterator[tuple[str, str]]:
    """The batch objects of an answer: operation word and pointer."""
    if operation in {"create", "get", "cancel"} and isinstance(body, dict):
        yield operation, ""
    data = at(body, "/data") if operation == "list" else ABSENT
    for index in range(len(data) if isinstance(data, list) else 0):
        yield "list-item", child("/data", index)


def _edit_bodies(row: Requirement, request: Request, operation: str, answer: Envelope) -> Envelope:
    assert row.fault is not None  # noqa: S101 - for the type checker
    body = answer.body
    for word, pointer in _bodies(operation, body):
        document = at(body, pointer)
        if _when(row, request, word, document, answer.status):
            changed = patched(document, row.fault.patch)
            if changed is not document and pointer:
                body = patched(body, ({"op": "replace", "path": pointer, "value": changed},))
            elif changed is not document:
                body = changed
    return replace(answer, body=body) if body is not answer.body else answer


def apply(row: Requirement, request: Request, answer: Envelope) -> Envelope:
    """The answer as the row's fault makes it; the same object where the fault does not apply."""
    fault = row.fault
    if fault is None or not fault.patch:
        return answer
    operation = route_of(request.method, request.path).operation
    if fault.on == "batch-body":
        ok = 200 <= answer.status < 300
        return _edit_bodies(row, request, operation, answer) if ok else answer
    if fault.on == "handshake":
        is_target = _STREAM.search(request.path) is not None
    else:
        is_target = _is_target(fault.on, operation, answer.status)
    if not is_target:
        return answer
    body = None if answer.body is ABSENT else answer.body
    if not _when(row, request, operation, body, answer.status):
        return answer
    document = {"status": answer.status, "headers": dict(answer.headers), "body": body}
    changed = patched(document, fault.patch)
    if changed is document:
        return answer
    kept = ABSENT if answer.body is ABSENT and changed.get("body") is None else changed.get("body")
    return Envelope(changed["status"], changed["headers"], kept)


def _edited_response(
    row: Requirement, request: Request, response: Response | None
) -> Response | None:
    if response is None:
        return None
    headers = {name.lower(): value for name, value in response.headers}
    before = Envelope(response.status, headers, response.json)
    after = apply(row, request, before)
    if after is before:
        return response
    body = response.body
    if after.body is not before.body:
        body = Body(dump(after.body).encode(), exact=False)
    pairs = tuple(after.headers.items())
    return replace(response, status=after.status, headers=pairs, body=body)


def _edited(row: Requirement, exchange: Exchange) -> Exchange:
    response = _edited_response(row, exchange.request, exchange.response)
    return exchange if response is exchange.response else replace(exchange, response=response)


def _edited_handshake(row: Requirement, stream: Stream) -> Stream:
    """The stream with the answer to its handshake edited; without frames when it is refused."""
    response = _edited_response(row, stream.request, stream.response)
    if response is stream.response or response is None:
        return stream
    changed = replace(stream, response=response)
    return changed if response.status == 101 else replace(changed, frames=(), close=None)


def _edited_text(row: Requirement, content: str | bytes) -> str | bytes:
    """The text of an envelope with its `data` patched; the same object where nothing is."""
    assert row.fault is not None  # noqa: S101 - for the type checker
    is_text = isinstance(content, str)
    try:
        envelope = parse(content if isinstance(content, str) else content.decode("utf-8"))
    except (NotJson, UnicodeDecodeError):
        return content
    data = at(envelope, "/data")
    words = row.fault.when.split()
    if not isinstance(data, dict) or not all(word_holds(word, "", data, 0) for word in words):
        return content
    changed = patched(data, row.fault.patch)
    if changed is data:
        return content
    text = dump({**envelope, "data": changed})
    return text if is_text else text.encode()


def apply_to_message(row: Requirement, text: str) -> str:
    """The text of a frame or an event as the row's fault makes it."""
    is_target = row.fault is not None and row.fault.on == "message"
    return str(_edited_text(row, text)) if is_target else apply_to_frame(row, text)


def _edited_frame(row: Requirement, frame: Frame) -> Frame:
    content = _edited_text(row, frame.content) if frame.sender == "server" else frame.content
    return frame if content is frame.content else replace(frame, content=content)


def _edited_stream(row: Requirement, stream: Stream) -> Stream:
    frames = tuple(_edited_frame(row, frame) for frame in stream.frames)
    changed = any(new is not old for new, old in zip(frames, stream.frames, strict=True))
    return replace(stream, frames=frames) if changed else stream


def _with_new_data(row: Requirement, delivery: Delivery) -> Delivery:
    content = _edited_text(row, delivery.body.content)
    if content is delivery.body.content or not isinstance(content, bytes):
        return delivery
    return replace(delivery, body=Body(content, exact=False))


def _delivery_word_holds(word: str, document: Mapping[str, Any]) -> bool:
    told = document if word.startswith("has:") else at(document, "/body/data")
    return word_holds(word, "", told, 0)


def apply_to_delivery(row: Requirement, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A webhook request `{method, headers, body}` as the row's fault makes it.

    Header names are in lower case, `body` is the JSON value. The same object where the fault does
    not apply.
    """
    fault = row.fault
    if fault is None or fault.on != "delivery":
        return document
    holds = all(_delivery_word_holds(word, document) for word in fault.when.split())
    found: Mapping[str, Any] = patched(document, fault.patch) if holds else document
    return found


def _edited_request(row: Requirement, delivery: Delivery) -> Delivery:
    body = delivery.body
    if body.json is ABSENT:
        return delivery
    headers = {name.lower(): value for name, value in delivery.headers}
    before = {"method": delivery.method, "headers": headers, "body": body.json}
    after = apply_to_delivery(row, before)
    if after is before:
        return delivery
    if dump(after["body"]) != dump(body.json):
        body = Body(dump(after["body"]).encode(), exact=False)
    pairs = tuple(after["headers"].items())
    return replace(delivery, method=after["method"], headers=pairs, body=body)


_OF_STREAMS: Mapping[str, Callable[[Requirement, Stream], Stream]] = {
    "message": _edited_stream,
    "frame": apply_to_frames,
    "handshake": _edited_handshake,
    "close": apply_to_close,
}


def _edited_step(row: Requirement, one: Step) -> Step:
    if isinstance(one, Exchange):
        return _edited(row, one)
    on = row.fault.on if row.fault else None
    if isinstance(one, Stream):
        edit = _OF_STREAMS.get(on or "")
        return edit(row, one) if edit else one
    if isinstance(one, Delivery) and on == "message":
        return _with_new_data(row, one)
    return _edited_request(row, one) if isinstance(one, Delivery) and on == "delivery" else one


def apply_to(row: Requirement, transcript: Transcript) -> Transcript:
    """The transcript as it would have been with the row's fault in every answer and message.

    The same object where the fault changes nothing.
    """
    steps = tuple(_edited_step(row, one) for one in transcript.steps)
    changed = any(new is not old for new, old in zip(steps, transcript.steps, strict=True))
    return replace(transcript, steps=steps) if changed else transcript
