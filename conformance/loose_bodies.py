"""Loose batch bodies, such as a support ticket holds: from bytes to a transcript to be judged.

Each body becomes one step: a read of the batch, an item of a list, a message, a refused create.
Nothing is known of the call, so only requirements that a body alone can break may be judged.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.errors import BodyError
from conformance.json_places import JsonText, NotJsonHere
from conformance.json_text import at, child, dump
from conformance.redact import Redactor, secrets_in
from conformance.requirements import Requirement
from conformance.routes import canonical_status
from conformance.transcript import Body, Delivery, Exchange, Request, Response, Transcript

SCENARIO = "loose_bodies"
_URL = "http://gateway.invalid/v1/batches"
_JSON = (("content-type", "application/json"),)
_REFUSED = 400
_KINDS = frozenset({"body", "item", "message", "refusal", "cancel"})
# An answer to a repeated cancel may lack all three: REST-CANCEL-06 alone speaks of it.
_LEFT_OUT = frozenset({"object", "input_file_id", "created_at"})
_LONE = "what a repeated cancel is answered, with no body of its batch before"
# One of these members makes an object a batch object, however much of it is wrong.
_SIGNS = frozenset({"status", "billing", "pricing_lines"})
_ITEM = "/data/0"
_INPUTS = frozenset({"batch-body", "pair", "block", "message"})
# Rows on transcripts and refusals that look at nothing but bodies.
_BODIES_ONLY = frozenset(
    {
        "BILL-FUNDS-07",
        "BILL-STATE-03",
        "BILL-STATE-12",
        "REST-ECHO-18",
        "REST-ECHO-19",
        "REST-STATE-02",
        "REST-STATE-03",
        "REST-STATE-07",
        "REST-STATE-12",
        "REST-STATE-14",
    }
)
# Rows on bodies that look at the call: its base, its request, its time, or at a stream alone.
_WITH_CALL = frozenset(
    {
        "HOOK-REG-26",
        "REST-ECHO-01",
        "REST-ECHO-02",
        "REST-ECHO-03",
        "REST-ECHO-04",
        "REST-ECHO-05",
        "REST-ECHO-06",
        "REST-ECHO-17",
        "REST-GET-04",
        "REST-SHAPE-17",
        "REST-SHAPE-18",
        "WS-FRAME-17",
        "WS-FRAME-29",
        "XCH-03",
        "XCH-05",
        "XCH-06",
        "XCH-07",
        "XCH-10",
        "XCH-11",
        "XCH-12",
        "XCH-15",
        "XCH-19",
        "XCH-26",
    }
)


@dataclass(frozen=True)
class Loose:
    """One body: `kind` is body, item, cancel, message or refusal; `pointer` leads to it.

    The items of one list have the same `reading`.
    """

    kind: str
    value: dict[str, Any]
    name: str
    text: JsonText
    start: int
    pointer: str
    reading: int

    @property
    def batch(self) -> Any:
        """The batch object: the value itself, of a message its data."""
        return self.value["data"] if self.kind == "message" else self.value

    def place(self, pointer: str) -> tuple[str, str]:
        """`file:line` and pointer in the text of what a pointer into its step leads to."""
        inner = pointer.removeprefix(_ITEM) if self.kind == "item" else pointer
        whole = self.pointer + inner
        return f"{self.name}:{self.text.line(self.start, whole)}", whole


@dataclass(frozen=True)
class Bodies:
    """The bodies of one text, and what it held beside them as lines of text."""

    bodies: tuple[Loose, ...]
    passed_over: tuple[str, ...]


def can_be_broken_by(row: Requirement) -> bool:
    """Whether a body alone can break a requirement."""
    return row.id in _BODIES_ONLY or (row.input in _INPUTS and row.id not in _WITH_CALL)


def decoded(name: str, content: bytes) -> JsonText:
    """The text of a file, with or without a byte order mark; raises BodyError."""
    try:
        return JsonText(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BodyError(f"{name}:{line}: not UTF-8 text: {error.reason}") from error


def bodies_of(name: str, text: JsonText) -> Bodies:
    """The bodies of a JSON text or of JSON Lines, in their order; raises BodyError."""
    try:
        found = text.values()
    except NotJsonHere as error:
        raise BodyError(f"{name}:{error.line}:{error.column}: not JSON: {error}") from error
    bodies: list[Loose] = []
    passed_over = []
    readings: dict[tuple[int, str], int] = {}
    for root in found:
        for kind, value, pointer, envelope in _unfolded(root.value):
            if kind in _KINDS:
                reading = readings.setdefault((root.start, envelope), len(readings))
                bodies.append(Loose(kind, value, name, text, root.start, pointer, reading))
            else:
                passed_over.append(f"{name}:{text.line(root.start, pointer)}: {kind}, not judged")
    return Bodies(tuple(bodies), tuple(passed_over))


def _unfolded(root: Any) -> Iterator[tuple[str, Any, str, str]]:
    """Kind, value, pointer, and pointer of the list that it is an item of, else its own."""
    waiting: list[tuple[Any, str, str | None]] = [(root, "", None)]
    while waiting:
        value, pointer, listed = waiting.pop()
        kind = _kind_of(value)
        if kind == "array":
            inside = [(item, child(pointer, i), listed) for i, item in enumerate(value)]
            waiting += reversed(inside)
        elif kind == "list":
            below = f"{pointer}/data"
            inside = [(item, child(below, i), pointer) for i, item in enumerate(value["data"])]
            waiting += reversed(inside)
        elif listed is None:
            yield kind, value, pointer, pointer
        else:
            yield "item" if kind == "body" else kind, value, pointer, listed


def _kind_of(value: Any) -> str:
    """What a value is: one of the kinds, array, list, or why it is none of them."""
    if isinstance(value, list):
        return "array"
    if not isinstance(value, dict):
        return "no object"
    if "cassette_version" in value:
        return "a cassette (conformance judge reads those)"
    data = value.get("data")
    if isinstance(data, list):
        return "list"
    if isinstance(data, dict) and "billing" not in value:
        return _kind_of_message(data)
    if value.get("error") is not None and not isinstance(value.get("status"), str):
        return "refusal" if isinstance(value.get("billing"), dict) else "an error answer"
    if value.get("object") != "batch" and _SIGNS.isdisjoint(value):
        return "no batch object"
    is_sparse = _is_cancelled(value) and _LEFT_OUT.isdisjoint(value)
    return "cancel" if is_sparse else "body"


def _is_cancelled(value: Any) -> bool:
    return canonical_status(at(value, "/status")) == "cancelled"


def _kind_of_message(data: dict[str, Any]) -> str:
    if data.get("kind", "batch") != "batch":
        return "a message about something else than a batch"
    return "message" if isinstance(data.get("status"), str) else "a message without a status"


def merged(found: Iterable[Bodies]) -> Bodies:
    """The bodies of several texts, without answers to a repeated cancel that nothing shows."""
    bodies: list[Loose] = []
    passed_over: list[str] = []
    cancelled: set[str] = set()
    readings = 0
    for one in found:
        passed_over += one.passed_over
        for body in one.bodies:
            batch_id = str(at(body.batch, "/id"))
            if body.kind == "cancel" and batch_id not in cancelled:
                passed_over.append(f"{body.place('')[0]}: {_LONE}, not judged")
                continue
            if _is_cancelled(body.batch):
                cancelled.add(batch_id)
            bodies.append(replace(body, reading=readings + body.reading))
        readings += len(one.bodies)
    return Bodies(tuple(bodies), tuple(passed_over))


def masks(bodies: Iterable[Loose], secrets: Mapping[str, str]) -> Redactor:
    """A redactor of the given secrets and of all that looks like one in the bodies."""
    return Redactor({**secrets_in([body.value for body in bodies]), **secrets})


def transcript_of(bodies: Sequence[Loose], redactor: Redactor) -> Transcript:
    """One step for each body, in their order, with secrets masked."""
    steps = tuple(step_of(one.kind, masked(one.value, redactor), one.reading) for one in bodies)
    return Transcript(SCENARIO, steps)


def masked(value: Any, redactor: Redactor) -> Any:
    """The value with every secret in its texts replaced by its marker."""
    if isinstance(value, dict):
        return {redactor.text(key): masked(one, redactor) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one, redactor) for one in value]
    return redactor.text(value) if isinstance(value, str) else value


def step_of(kind: str, value: dict[str, Any], reading: int = 0) -> Exchange | Delivery:
    """The step that shows a body, as if it had been read at that place in the order."""
    at_ms = 2 * reading
    if kind == "message":
        return Delivery("POST", "/", _JSON, _body(value), at_ms)
    method, status, url = "GET", 200, f"{_URL}/{reading + 1}"
    if kind == "item":
        value, url = {"data": [value]}, _URL
    elif kind == "cancel":
        method, url = "POST", f"{url}/cancel"
    elif kind == "refusal":
        method, status, url = "POST", _REFUSED, _URL
    response = Response(status, _JSON, _body(value))
    return Exchange(Request(method, url), response, None, at_ms, at_ms + 1)


def _body(value: dict[str, Any]) -> Body:
    return Body(dump(value).encode(), exact=False)
