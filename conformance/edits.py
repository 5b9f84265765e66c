"""Row faults as edits: the patch of one answer, live in the mock or in a stored transcript.

So are messages: the `data` of stream frames and of webhooks.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from conformance import tables
from conformance.json_text import ABSENT, NotJson, at, dump, parse, same, step, tokens
from conformance.requirements import Requirement
from conformance.routes import TERMINAL, canonical_status, route_of
from conformance.transcript import (
    Body,
    Delivery,
    Exchange,
    Frame,
    Request,
    Step,
    Stream,
    Transcript,
)


class _DoesNotApply(Exception):
    """The patch speaks of a place that the document does not have."""


@dataclass(frozen=True)
class Envelope:
    """An answer as a fault sees it; header names in lower case, body ABSENT when it is no JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


def _expanded(document: Any, path: str) -> list[list[str]]:
    """The token lists that a path with `*` stands for in this document."""
    paths: list[list[str]] = [[]]
    for token in tokens(path):
        if token != "*":  # noqa: S105 - a path token
            paths = [[*done, token] for done in paths]
            continue
        starred = []
        for done in paths:
            parent = _follow(document, done)
            keys = range(len(parent)) if isinstance(parent, list) else parent
            if isinstance(parent, dict | list):
                starred += [[*done, str(key)] for key in keys]
        paths = starred
    if not paths:
        raise _DoesNotApply
    return paths


def _follow(document: Any, path: list[str]) -> Any:
    for token in path:
        document = step(document, token)
    return document


def _parent(document: Any, path: list[str]) -> Any:
    parent = _follow(document, path[:-1])
    if not isinstance(parent, dict | list):
        raise _DoesNotApply
    return parent


def _put(document: Any, path: list[str], value: Any, *, insert: bool) -> None:
    parent, last = _parent(document, path), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif insert:
        parent.insert(_slot(parent, last), value)
    else:
        parent[int(last)] = value


def _slot(items: list[Any], token: str) -> int:
    if token in {"-", str(len(items))}:
        return len(items)
    if step(items, token) is ABSENT:
        raise _DoesNotApply
    return int(token)


def _take(document: Any, path: list[str]) -> Any:
    parent, last = _parent(document, path), path[-1]
    if _follow(document, path) is ABSENT:
        raise _DoesNotApply
    return parent.pop(last if isinstance(parent, dict) else int(last))


def _operate(document: Any, operation: Mapping[str, Any], path: list[str]) -> None:
    name = operation["op"]
    current = _follow(document, path)
    if name == "add":
        _put(document, path, deepcopy(operation["value"]), insert=True)
    elif name == "remove":
        _take(document, path)
    elif name in {"copy", "move"}:
        source = list(tokens(operation["from"]))
        value = deepcopy(_follow(document, source)) if name == "copy" else _take(document, source)
        if value is ABSENT:
            raise _DoesNotApply
        _put(document, path, value, insert=True)
    elif current is ABSENT or (name == "test" and not same(current, operation["value"])):
        raise _DoesNotApply
    elif name == "replace":
        _put(document, path, deepcopy(operation["value"]), insert=False)
    elif name == "add-number":
        if isinstance(current, bool) or not isinstance(current, int):
            raise _DoesNotApply
        _put(document, path, current + operation["value"], insert=False)


def patched(document: Any, patch: tuple[Mapping[str, Any], ...]) -> Any:
    """A patched copy of the document, or the document itself where the patch does not apply."""
    changed = deepcopy(document)
    try:
        for operation in patch:
            for path in _expanded(changed, operation["path"]):
                _operate(changed, operation, path)
    except (_DoesNotApply, IndexError, ValueError):
        return document
    return changed


def _word_holds(word: str, operation: str, document: Any, status: int) -> bool:
    if "|" in word:
        return any(_word_holds(one, operation, document, status) for one in word.split("|"))
    if word.startswith("has:"):
        return at(document, word.removeprefix("has:")) not in (ABSENT, None)
    if word.startswith("status:"):
        return status == int(word.removeprefix("status:"))
    if word in {"create", "get", "cancel", "list-item", "list", "upload", "file", "content"}:
        return operation == word
    shown = canonical_status(at(document, "/status"))
    if word in {"terminal", "non-terminal"}:
        return (shown in TERMINAL) is (word == "terminal")
    return shown == word


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
    return all(_word_holds(word, operation, document, status) for word in words)


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


def _bodies(operation: str, body: Any) -> Iterator[tuple[str, list[str]]]:
    """The batch objects of an answer: operation word and path."""
    if operation in {"create", "get", "cancel"} and isinstance(body, dict):
        yield operation, []
    data = at(body, "/data") if operation == "list" else ABSENT
    for index in range(len(data) if isinstance(data, list) else 0):
        yield "list-item", ["data", str(index)]


def _edit_bodies(row: Requirement, request: Request, operation: str, answer: Envelope) -> Envelope:
    assert row.fault is not None  # noqa: S101 - for the type checker
    body = answer.body
    for word, path in _bodies(operation, body):
        document = _follow(body, path)
        if _when(row, request, word, document, answer.status):
            changed = patched(document, row.fault.patch)
            if changed is not document and path:
                body = deepcopy(body)
                _put(body, path, changed, insert=False)
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
    if not _is_target(fault.on, operation, answer.status):
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


def _edited(row: Requirement, exchange: Exchange) -> Exchange:
    response = exchange.response
    if response is None:
        return exchange
    headers = {name.lower(): value for name, value in response.headers}
    before = Envelope(response.status, headers, response.json)
    after = apply(row, exchange.request, before)
    if after is before:
        return exchange
    body = response.body
    if after.body is not before.body:
        body = Body(dump(after.body).encode(), exact=False)
    pairs = tuple(after.headers.items())
    changed = replace(response, status=after.status, headers=pairs, body=body)
    return replace(exchange, response=changed)


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
    if not isinstance(data, dict) or not all(_word_holds(word, "", data, 0) for word in words):
        return content
    changed = patched(data, row.fault.patch)
    if changed is data:
        return content
    text = dump({**envelope, "data": changed})
    return text if is_text else text.encode()


def apply_to_message(row: Requirement, text: str) -> str:
    """The text of a frame or an event as the row's fault makes it."""
    is_target = row.fault is not None and row.fault.on == "message"
    return str(_edited_text(row, text)) if is_target else text


def _edited_frame(row: Requirement, frame: Frame) -> Frame:
    content = _edited_text(row, frame.content) if frame.sender == "server" else frame.content
    return frame if content is frame.content else replace(frame, content=content)


def _edited_stream(row: Requirement, stream: Stream) -> Stream:
    frames = tuple(_edited_frame(row, frame) for frame in stream.frames)
    changed = any(new is not old for new, old in zip(frames, stream.frames, strict=True))
    return replace(stream, frames=frames) if changed else stream


def _edited_delivery(row: Requirement, delivery: Delivery) -> Delivery:
    content = _edited_text(row, delivery.body.content)
    if content is delivery.body.content or not isinstance(content, bytes):
        return delivery
    return replace(delivery, body=Body(content, exact=False))


def _edited_step(row: Requirement, one: Step) -> Step:
    if isinstance(one, Exchange):
        return _edited(row, one)
    if row.fault is None or row.fault.on != "message":
        return one
    if isinstance(one, Stream):
        return _edited_stream(row, one)
    return _edited_delivery(row, one) if isinstance(one, Delivery) else one


def apply_to(row: Requirement, transcript: Transcript) -> Transcript:
    """The transcript as it would have been with the row's fault in every answer and message.

    The same object where the fault changes nothing.
    """
    steps = tuple(_edited_step(row, one) for one in transcript.steps)
    changed = any(new is not old for new, old in zip(steps, transcript.steps, strict=True))
    return replace(transcript, steps=steps) if changed else transcript
