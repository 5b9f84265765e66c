"""What a scenario saw, on every channel, in order and with times: frozen values and look-ups.

Instants (`at_ms`) are integer milliseconds of wall time since `Transcript.started_at`.
Secrets never occur here: they are markers such as `{{key:a}}` already (see conformance.redact).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from conformance.json_text import ABSENT, NotJson, parse

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body."""

    name: str
    content: bytes
    filename: str | None = None
    content_type: str | None = None


@dataclass(frozen=True)
class Body:
    """The bytes of a body, or the parts of a multipart one; `exact` is false when re-serialised."""

    content: bytes = b""
    parts: tuple[Part, ...] = ()
    exact: bool = True

    @cached_property
    def text(self) -> str:
        """The bytes as UTF-8, with replacement characters where they are not."""
        return self.content.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The JSON value (numbers exact), ABSENT when the bytes are not JSON."""
        try:
            return parse(self.content.decode("utf-8"))
        except (NotJson, UnicodeDecodeError):
            return ABSENT

    def part(self, name: str) -> Part | None:
        """The first part called `name`."""
        return next((part for part in self.parts if part.name == name), None)


def _header(headers: Headers, name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def _split(url: str) -> SplitResult:
    """The parts of a URL; all empty when it cannot be taken apart."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


@dataclass(frozen=True)
class Request:
    """One HTTP request as it was sent."""

    method: str
    url: str
    headers: Headers = ()
    body: Body | None = None

    def header(self, name: str) -> str | None:
        """The first value of the header, whatever the case of its name."""
        return _header(self.headers, name)

    @cached_property
    def path(self) -> str:
        """The path of the URL as sent, percent escapes included."""
        return _split(self.url).path

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The decoded pairs of the query string, in order."""
        return tuple(parse_qsl(_split(self.url).query, keep_blank_values=True))

    @cached_property
    def origin(self) -> str:
        """Scheme and authority."""
        parts = _split(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @cached_property
    def credential(self) -> str | None:
        """The name of the key sent as bearer token (`a`, `b`, …), None without one of ours."""
        value = self.header("authorization") or ""
        if value.startswith("Bearer {{key:") and value.endswith("}}"):
            return value.removeprefix("Bearer {{key:").removesuffix("}}")
        return None

    @property
    def json(self) -> Any:
        """The JSON value of the body, ABSENT when there is none."""
        return self.body.json if self.body else ABSENT


@dataclass(frozen=True)
class Response:
    """One HTTP answer; `truncated` when its body went past the size limit of the suite."""

    status: int
    headers: Headers = ()
    body: Body | None = None
    truncated: bool = False

    def header(self, name: str) -> str | None:
        """The first value of the header, whatever the case of its name."""
        return _header(self.headers, name)

    @property
    def json(self) -> Any:
        """The JSON value of the body, ABSENT when there is none."""
        return self.body.json if self.body else ABSENT

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request got no answer: kind is connect, timeout, tls, protocol or too-large."""

    kind: str
    message: str


@dataclass(frozen=True)
class Exchange:
    """A request with its answer, or with the failure that came in its place."""

    request: Request
    response: Response | None = None
    failure: Failure | None = None
    at_ms: int = 0
    ended_at_ms: int = 0
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a stream; `sender` is client or server."""

    sender: str
    at_ms: int
    content: str | bytes


@dataclass(frozen=True, slots=True)
class Close:
    """How a stream ended; `by` is client or server."""

    at_ms: int
    code: int | None
    reason: str
    by: str


@dataclass(frozen=True)
class Stream:
    """A WebSocket connection: handshake, frames, close.

    Without a close the stream was cut on this side; `failure` says why it was, or why there was
    no answer to the handshake. A server that was lost has closed with 1006; a close of the client
    with 1006 is one that the server did not answer.
    """

    request: Request
    response: Response | None
    frames: tuple[Frame, ...] = ()
    close: Close | None = None
    at_ms: int = 0
    label: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Delivery:
    """A webhook that arrived; `signature_valid` was made at capture, None without a secret."""

    method: str
    path: str
    headers: Headers
    body: Body
    at_ms: int = 0
    answered: dict[str, Any] = field(default_factory=dict)
    signature_valid: bool | None = None


@dataclass(frozen=True, slots=True)
class Wallet:
    """A balance reading, in nano-dollars; `workspace` is the name of its key."""

    workspace: str
    balance_nanos: int
    reserved_nanos: int
    available_nanos: int | None = None
    at_ms: int = 0


@dataclass(frozen=True)
class Call:
    """One call of an SDK's client: method by its contract name, its arguments by name, its outcome.

    A name that is missing in `arguments` was not given. `outcome` is `{"value", "type"}` or
    `{"error": {"kind", "type", "message"}}`, each with more where there is more; its numbers are
    exact. `native` is the SDK's own name of the method.
    """

    method: str
    arguments: dict[str, Any]
    outcome: dict[str, Any]
    client: str = ""
    native: str | None = None
    at_ms: int = 0
    ended_at_ms: int = 0
    label: str | None = None


@dataclass(frozen=True)
class Edge:
    """Something done or seen outside the API: the clock moved, the provider was scripted."""

    action: str
    detail: dict[str, Any] = field(default_factory=dict)
    # When it was over.
    at_ms: int = 0
    # When it was begun, None where nobody knows.
    begun_at_ms: int | None = None


Step = Exchange | Stream | Delivery | Wallet | Call | Edge
StepT = TypeVar("StepT", Exchange, Stream, Delivery, Wallet, Call, Edge)


@dataclass(frozen=True)
class Transcript:
    """All steps of one scenario, ordered by time; step numbers begin at 1."""

    scenario: str
    steps: tuple[Step, ...] = ()
    title: str = ""
    started_at: str = ""
    complete: bool = True
    failure: str | None = None
    # A crash of the suite's own, which must not look like a finding about the target.
    crashed: bool = False

    def of(self, kind: type[StepT]) -> Iterator[tuple[int, StepT]]:
        """The steps of one kind with their numbers."""
        return (
            (number, step)
            for number, step in enumerate(self.steps, start=1)
            if isinstance(step, kind)
        )

    @cached_property
    def exchanges(self) -> tuple[tuple[int, Exchange], ...]:
        """All exchanges with their numbers."""
        return tuple(self.of(Exchange))

    @property
    def is_of_sdk(self) -> bool:
        """Whether an SDK was called: what it met is a recorder as a rule, and no gateway."""
        return bool(self.edges("sdk_hello"))

    @cached_property
    def _edges(self) -> dict[str, list[tuple[int, Edge]]]:
        by_action: dict[str, list[tuple[int, Edge]]] = defaultdict(list)
        for number, edge in self.of(Edge):
            by_action[edge.action].append((number, edge))
        return by_action

    def edges(self, action: str) -> Sequence[tuple[int, Edge]]:
        """The edge steps of one action with their numbers."""
        return self._edges.get(action, ())
