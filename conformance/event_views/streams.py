"""Streams as a transcript shows them: handshake, what either side sent, how it ended."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from conformance.event_views.messages import Message, envelope, text_or_none
from conformance.json_text import ABSENT, NotJson, at, parse, plain
from conformance.transcript import Close, Frame, Stream
from conformance.views import Observed, Seen

_OFF = frozenset({"0", "false", "no", "off"})
_NOT_OF_THE_JOB = frozenset({"job.deleted", "pong"})


def value_of(content: str | bytes) -> Any:
    """The JSON value that a frame holds, as text or as bytes; ABSENT when it is none."""
    try:
        return parse(content if isinstance(content, str) else content.decode("utf-8"))
    except (NotJson, UnicodeDecodeError):
        return ABSENT


@dataclass(frozen=True)
class Handshake:
    """A call of a stream address and its answer, over WebSocket or as a plain HTTP call.

    `seen` is the same as an answered exchange; its request always has the `upgrade` header that
    a WebSocket client sends. `kind` and `id` are the decoded segments of the path.
    """

    observed: Observed = field(repr=False)
    seen: Seen
    kind: str
    id: str
    stream: Stream | None = None
    pointer: str = ""

    @property
    def number(self) -> int:
        """Its step."""
        return self.seen.number

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self.seen.status

    @property
    def json(self) -> Any:
        """The JSON value of the answer, ABSENT when it is none."""
        return self.seen.json

    @property
    def at_ms(self) -> int:
        """When it began."""
        return self.seen.exchange.at_ms

    @property
    def wants_websocket(self) -> bool:
        """Whether an upgrade to WebSocket was asked for."""
        return (self.seen.request.header("upgrade") or "").strip().lower() == "websocket"

    @property
    def opened(self) -> bool:
        """Whether the answer is 101."""
        return self.status == 101

    def option(self, name: str) -> str | None:
        """The first value of a query parameter as it was given, None when it was not."""
        return next((value for key, value in self.seen.request.query if key == name), None)

    @cached_property
    def plain(self) -> dict[str, Any]:
        """Status, headers (names in lower case) and body, for schema validators."""
        return envelope({"status": self.status}, self.seen.response.headers, self.json)


@dataclass(frozen=True)
class OpenStream:
    """A stream of a batch that was opened: what either side sent, and how it ended."""

    handshake: Handshake
    stream: Stream
    pointer: str = ""

    @property
    def observed(self) -> Observed:
        """All else that the transcript shows."""
        return self.handshake.observed

    @property
    def number(self) -> int:
        """Its step."""
        return self.handshake.number

    @property
    def batch_id(self) -> str:
        """The decoded id of its address."""
        return self.handshake.id

    @property
    def at_ms(self) -> int:
        """When it was asked for."""
        return self.stream.at_ms

    @property
    def close(self) -> Close | None:
        """How it ended, None when the transcript ends before it."""
        return self.stream.close

    @cached_property
    def frames(self) -> tuple["ServerFrame", ...]:
        """What the server sent, in order."""
        return tuple(
            ServerFrame(self, index, frame)
            for index, frame in enumerate(self.stream.frames)
            if frame.sender == "server"
        )

    @cached_property
    def sent(self) -> tuple[tuple[int, Frame], ...]:
        """What the client sent, each with its index among all frames."""
        frames = enumerate(self.stream.frames)
        return tuple((index, frame) for index, frame in frames if frame.sender == "client")

    @cached_property
    def messages(self) -> tuple["Message", ...]:
        """What the server told of the batch: the data of its snapshot and of its updates."""
        return tuple(frame.message for frame in self.frames if frame.message is not None)

    @property
    def closes_at_end(self) -> bool:
        """Whether the server is to close at the end of the batch (`close_on_terminal`)."""
        word = self.handshake.option("close_on_terminal")
        return word is None or word.strip().lower() not in _OFF

    @cached_property
    def watched_until_ms(self) -> int:
        """The last instant at which a further frame would have been seen."""
        if self.close is not None:
            return self.close.at_ms
        last = [frame.at_ms for frame in self.stream.frames]
        return max([self.at_ms, *last])


@dataclass(frozen=True)
class ServerFrame:
    """One frame that the server sent."""

    stream: OpenStream = field(repr=False)
    index: int
    frame: Frame

    @property
    def observed(self) -> Observed:
        """All else that the transcript shows."""
        return self.stream.observed

    @property
    def number(self) -> int:
        """The step of its stream."""
        return self.stream.number

    @property
    def pointer(self) -> str:
        """Its place among all frames of the stream."""
        return f"/frames/{self.index}"

    @property
    def at_ms(self) -> int:
        """When it arrived."""
        return self.frame.at_ms

    @property
    def is_text(self) -> bool:
        """Whether it is a text frame, not a binary one."""
        return isinstance(self.frame.content, str)

    @cached_property
    def value(self) -> Any:
        """The JSON value that it holds, as text or as bytes; ABSENT when it is none."""
        return value_of(self.frame.content)

    @cached_property
    def plain(self) -> Any:
        """The JSON value of a text frame with floats; ABSENT for any other frame."""
        return plain(self.value) if self.is_text else ABSENT

    @property
    def type(self) -> str | None:
        """Its `type`, None when that is no text."""
        return text_or_none(at(self.value, "/type"))

    @property
    def data(self) -> Any:
        """Its `data`, ABSENT when there is none."""
        return at(self.value, "/data")

    @cached_property
    def message(self) -> "Message | None":
        """What it tells of the batch; None for a pong, a deletion, and where data is no object."""
        if not isinstance(self.data, dict) or self.type in _NOT_OF_THE_JOB:
            return None
        return Message(
            self.observed, self.number, self.data, f"{self.pointer}/data", self.at_ms, self
        )
