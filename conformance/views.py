"""What a transcript shows, cut into the inputs of the registry: batch bodies, pairs, refusals, …

One pass over the exchanges; every view knows the exchange that it was seen in.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar, TypeVarTuple

from conformance.json_text import ABSENT, NotJson, at, parse, plain
from conformance.routes import TERMINAL, Route, canonical_status, route_of
from conformance.transcript import Exchange, Request, Response, Transcript

_BODY_OPERATIONS = frozenset({"create", "get", "cancel"})

View = TypeVar("View")
More = TypeVarTuple("More")


@dataclass(frozen=True)
class Seen:
    """An exchange that got an answer, with its number and its route."""

    number: int
    exchange: Exchange
    route: Route
    response: Response

    @property
    def request(self) -> Request:
        """The request of the exchange."""
        return self.exchange.request

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self.response.status

    @property
    def json(self) -> Any:
        """The JSON value of the answer, ABSENT when it is none."""
        return self.response.json

    @property
    def operation(self) -> str:
        """The operation of the route."""
        return self.route.operation


@dataclass(frozen=True)
class Create:
    """A create call and its answer."""

    seen: Seen

    @property
    def sent(self) -> Any:
        """The JSON value of the request body, ABSENT when it is none."""
        return self.seen.request.json

    @property
    def accepted(self) -> bool:
        """Whether the answer is 2xx."""
        return self.seen.response.ok

    @cached_property
    def batch_id(self) -> str | None:
        """The id that the answer names."""
        value = at(self.seen.json, "/id")
        return value if isinstance(value, str) and self.accepted else None


class WithStatus:
    """Whatever holds a JSON object that says how a batch stands."""

    value: dict[str, Any]

    @property
    def status(self) -> str | None:
        """The status word, `canceled` read as `cancelled`; None when it is no text."""
        return canonical_status(self.value.get("status"))

    @property
    def is_terminal(self) -> bool:
        """Whether the batch has ended."""
        return self.status in TERMINAL


@dataclass(frozen=True)
class BatchBody(WithStatus):
    """One batch object: a 2xx answer of create, get or cancel, or one item of a list."""

    seen: Seen
    value: dict[str, Any]
    operation: str
    pointer: str = ""
    creation: Create | None = None

    def get(self, pointer: str) -> Any:
        """The value at a JSON pointer into the batch object, ABSENT when there is none."""
        return at(self.value, pointer)

    def given(self, pointer: str) -> Any:
        """The value at a pointer, ABSENT also when it is null (null or absent mean the same)."""
        value = at(self.value, pointer)
        return ABSENT if value is None else value

    @cached_property
    def plain(self) -> Any:
        """The batch object with floats, for schema validators."""
        return plain(self.value)

    @property
    def id(self) -> Any:
        """The member `id`."""
        return self.value.get("id", ABSENT)


@dataclass(frozen=True)
class Pair:
    """Two bodies of one batch, the later one asked for after the earlier one had come."""

    earlier: BatchBody
    later: BatchBody


@dataclass(frozen=True)
class Answer:
    """An answered call, judged by the JSON value of its answer."""

    seen: Seen

    @property
    def value(self) -> Any:
        """The JSON value of the answer, ABSENT when it is none."""
        return self.seen.json

    @cached_property
    def plain(self) -> Any:
        """The value with floats, for schema validators."""
        return plain(self.value)


@dataclass(frozen=True)
class Refusal(Answer):
    """A request that was refused: any answer of 400 or above."""

    @property
    def is_flat(self) -> bool:
        """Whether it has the flat form: `error` is a string."""
        return isinstance(at(self.value, "/error"), str)


@dataclass(frozen=True)
class ListAnswer(Answer):
    """A 2xx answer of a list call; `operation` is list or models."""

    @property
    def operation(self) -> str:
        """The word list or models."""
        return self.seen.operation

    @property
    def items(self) -> list[Any]:
        """The elements of `data`, empty when there is no such array."""
        data = at(self.value, "/data")
        return data if isinstance(data, list) else []


@dataclass
class FileView:
    """A file: its upload, its metadata as read, its content as read."""

    id: str
    upload: Seen | None = None
    metadata: list[Seen] = field(default_factory=list)
    contents: list[Seen] = field(default_factory=list)

    @property
    def uploaded(self) -> bytes | None:
        """The bytes that were uploaded."""
        body = self.upload.request.body if self.upload else None
        part = body.part("file") if body else None
        return part.content if part else None


def json_lines(content: bytes) -> list[Any]:
    """The values of a JSON Lines text, blank lines left out; ABSENT for a line that is no JSON."""
    rows: list[Any] = []
    # Not splitlines: JSON text may hold other line separators, such as U+2028, as they are.
    for line in content.split(b"\n"):
        if line.strip():
            try:
                rows.append(parse(line.decode("utf-8")))
            except (NotJson, UnicodeDecodeError):
                rows.append(ABSENT)
    return rows


@dataclass(frozen=True)
class Rows:
    """A body that ended with its output and error rows, and its input rows where known."""

    body: BatchBody
    outputs: list[Any] | None
    errors: list[Any] | None
    inputs: list[Any] | None


class Observed:
    """All views of one transcript, each list in the order of the transcript."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.seen: list[Seen] = []
        self.creates: list[Create] = []
        self.bodies: list[BatchBody] = []
        self.refusals: list[Refusal] = []
        self.lists: list[ListAnswer] = []
        self.files: dict[str, FileView] = {}
        # Views that others make of these: see made_once.
        self.made: dict[object, Sequence[Any]] = {}
        self._created: dict[str, Create] = {}
        of_sdks = _origins_of_sdks(transcript)
        for number, exchange in transcript.exchanges:
            if of_sdks and exchange.request.url.startswith(of_sdks):
                continue
            if exchange.response is not None and not exchange.response.truncated:
                route = route_of(exchange.request.method, exchange.request.path)
                seen = Seen(number, exchange, route, exchange.response)
                if not _is_throttling(seen, transcript):
                    self._add(seen)

    def _add(self, seen: Seen) -> None:
        self.seen.append(seen)
        if seen.operation == "create":
            self._add_create(Create(seen))
        if seen.status >= 400:
            self.refusals.append(Refusal(seen))
        elif seen.response.ok:
            self._add_success(seen)

    def _add_create(self, create: Create) -> None:
        self.creates.append(create)
        if create.batch_id is not None:
            self._created.setdefault(create.batch_id, create)

    def _add_success(self, seen: Seen) -> None:
        value = seen.json
        if seen.operation in _BODY_OPERATIONS:
            self._add_body(seen, value, seen.operation, "")
        elif seen.operation in {"list", "models"}:
            answer = ListAnswer(seen)
            self.lists.append(answer)
            if seen.operation == "list":
                for index, item in enumerate(answer.items):
                    self._add_body(seen, item, "list-item", f"/data/{index}")
        elif seen.operation in {"upload", "file", "content"}:
            self._add_file(seen)

    def _add_body(self, seen: Seen, value: Any, operation: str, pointer: str) -> None:
        if isinstance(value, dict):
            batch_id = value.get("id")
            created = self._created.get(batch_id) if isinstance(batch_id, str) else None
            self.bodies.append(BatchBody(seen, value, operation, pointer, created))

    def _add_file(self, seen: Seen) -> None:
        file_id = seen.route.id or at(seen.json, "/id")
        if not isinstance(file_id, str):
            return
        view = self.files.setdefault(file_id, FileView(file_id))
        if seen.operation == "upload":
            view.upload = seen
        else:
            (view.metadata if seen.operation == "file" else view.contents).append(seen)

    @cached_property
    def _by_route(self) -> dict[tuple[str, str | None], list[Seen]]:
        by_route: dict[tuple[str, str | None], list[Seen]] = defaultdict(list)
        for seen in self.seen:
            by_route[seen.operation, seen.route.id].append(seen)
        return by_route

    def answers(self, operation: str, route_id: str | None = None) -> Sequence[Seen]:
        """The answered calls of one operation on one id, in order."""
        return self._by_route.get((operation, route_id), ())

    @cached_property
    def histories(self) -> dict[str, list[BatchBody]]:
        """All bodies of each batch, by its id."""
        by_id: dict[str, list[BatchBody]] = defaultdict(list)
        for body in self.bodies:
            if isinstance(body.id, str):
                by_id[body.id].append(body)
        return dict(by_id)

    @cached_property
    def pairs(self) -> list[Pair]:
        """Each body with the last one that had arrived before it was asked for."""
        return [pair for bodies in self.histories.values() for pair in _pairs(bodies)]

    @cached_property
    def rows(self) -> list[Rows]:
        """The last body of each batch that ended and whose result files were read."""
        found = [self._rows(bodies[-1]) for bodies in self.histories.values()]
        return [rows for rows in found if rows is not None]

    def _rows(self, body: BatchBody) -> Rows | None:
        outputs = self.lines_of(body.get("/output_file_id"))
        errors = self.lines_of(body.get("/error_file_id"))
        if not body.is_terminal or (outputs is None and errors is None):
            return None
        view = self.files.get(str(body.get("/input_file_id")))
        uploaded = view.uploaded if view else None
        # The input of a batch of earlier times can be known from its download alone.
        read = self.lines_of(body.get("/input_file_id")) if uploaded is None else None
        return Rows(body, outputs, errors, read if uploaded is None else json_lines(uploaded))

    def lines_of(self, file_id: Any) -> list[Any] | None:
        """The rows of a file whose content was read, None when it was not."""
        view = self.files.get(file_id) if isinstance(file_id, str) else None
        if view is None or not view.contents:
            return None
        body = view.contents[-1].response.body
        return json_lines(body.content) if body else []

    def status_before(self, number: int, batch_id: str | None) -> str | None:
        """The last status that a body of the batch showed before exchange `number`."""
        if batch_id is None:
            return None
        bodies = self.histories.get(batch_id, [])
        index = bisect_left(bodies, number, key=lambda body: body.seen.number)
        return bodies[index - 1].status if index else None


def made_once(
    make: Callable[[Observed, *More], Iterable[View]],
) -> Callable[[Observed, *More], Sequence[View]]:
    """Keep the views that a function makes of a transcript, for all rows that look at them."""

    @wraps(make)
    def kept(observed: Observed, /, *more: *More) -> Sequence[View]:
        key = (make, *more) if more else make
        found = observed.made.get(key)
        if found is None:
            found = observed.made[key] = list(make(observed, *more))
        return found

    return kept


def _origins_of_sdks(transcript: Transcript) -> tuple[str, ...]:
    """Where a recorder answered the clients of an SDK: what it said is no word of a gateway."""
    opened = [edge.detail.get("origins") for _, edge in transcript.edges("sdk_open")]
    return tuple(f"{one}/" for some in opened if isinstance(some, list) for one in some)


def _is_throttling(seen: Seen, transcript: Transcript) -> bool:
    """A 429 that nobody provoked is obeyed, not judged, unless it speaks of a lack of credit."""
    if seen.status != 429 or "insufficient_funds" in error_words(seen):
        return False
    return not any(
        edge.detail.get("status") == 429 and number < seen.number
        for number, edge in transcript.edges("provider_next_error")
    )


def error_words(seen: Seen) -> tuple[Any, Any]:
    """What an error body calls its error, in the flat and in the nested form."""
    return at(seen.json, "/error"), at(seen.json, "/error/type")


def _pairs(bodies: list[BatchBody]) -> list[Pair]:
    pairs = []
    for index, later in enumerate(bodies):
        for earlier in reversed(bodies[:index]):
            if earlier.seen.exchange.ended_at_ms <= later.seen.exchange.at_ms:
                pairs.append(Pair(earlier, later))
                break
    return pairs
