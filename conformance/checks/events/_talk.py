"""What the client says on a stream, and which frames answer it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.checks.events import _closing
from conformance.checks.events._time import SLACK_MS
from conformance.event_views import Message, OpenStream, ServerFrame
from conformance.json_text import NotJson, at, parse, same
from conformance.transcript import Frame

PONG_MS = 2000
# An answer that takes longer is none.
REPLY_MS = 1000
_WORDS = frozenset({"ping", "refresh"})


def _value(content: str) -> Any:
    try:
        return parse(content)
    except NotJson:
        return None


def kind_of(content: str | bytes) -> str:
    """What a frame of the client is: ping or refresh, either `as json`, like one, or other."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    if isinstance(content, str) and content in _WORDS:
        return content
    value = _value(text)
    word = at(value, "/type") if isinstance(value, dict) else text
    if not isinstance(word, str):
        return "other"
    is_bare = isinstance(value, dict) and same(value, {"type": word})
    if is_bare and word in _WORDS and isinstance(content, str):
        return f"{word} as json"
    return "like one" if word.strip().strip('"').strip().lower() in _WORDS else "other"


@dataclass(frozen=True)
class Said:
    """One frame of the client, its pong where it is a ping, and what may be a reply to it."""

    stream: OpenStream
    index: int
    frame: Frame
    kind: str
    pong: ServerFrame | None = None
    # Index and time of what the client next said that may be replied to, pings apart.
    next: tuple[int, int] | None = None
    # Whether a later ping was answered: what was said before it has been dealt with.
    is_dealt_with: bool = False

    @property
    def at_ms(self) -> int:
        """When it was sent."""
        return self.frame.at_ms

    @property
    def pointer(self) -> str:
        """Its place among all frames of the stream."""
        return f"/frames/{self.index}"

    @property
    def until_ms(self) -> int:
        """When what comes is no longer taken for a reply."""
        late = self.at_ms + REPLY_MS
        return late if self.next is None else min(late, self.next[1])

    @cached_property
    def replies(self) -> tuple[ServerFrame, ...]:
        """The frames of the server in that time."""
        end = len(self.stream.stream.frames) if self.next is None else self.next[0]
        return tuple(
            frame
            for frame in self.stream.frames
            if self.index < frame.index < end and frame.at_ms <= self.until_ms
        )

    @cached_property
    def known(self) -> Message | None:
        """What the server had told of the batch before."""
        told = [one for one in self.stream.messages if one.frame and one.frame.index < self.index]
        return told[-1] if told else None

    @property
    def was_watched(self) -> bool:
        """Whether a reply would have been seen."""
        return self.is_dealt_with or self.stream.watched_until_ms >= self.at_ms + REPLY_MS

    @property
    def has_shut(self) -> bool:
        """Whether the server closed the stream of a running batch right after it."""
        close = _closing.server_close(self.stream)
        if close is None or _closing.ended(self.stream) or _closing.deleted(self.stream):
            return False
        return self.at_ms <= close.at_ms <= self.until_ms and not _closing.is_leaving(close)

    @property
    def is_after_snapshot(self) -> bool:
        """Whether the server had spoken before."""
        frames = self.stream.frames
        return bool(frames) and frames[0].index < self.index


def said(stream: OpenStream) -> list[Said]:
    """The frames of the client in order."""
    sent = [(index, frame, kind_of(frame.content)) for index, frame in stream.sent]
    pongs = _pongs(stream, sent)
    found: list[Said] = []
    following: tuple[int, int] | None = None
    answered = False
    for index, frame, kind in reversed(sent):
        pong = pongs.get(index)
        found.append(Said(stream, index, frame, kind, pong, following, answered))
        answered = answered or pong is not None
        following = following if kind.startswith("ping") else (index, frame.at_ms)
    return found[::-1]


def _pongs(stream: OpenStream, sent: Sequence[tuple[int, Frame, str]]) -> Mapping[int, ServerFrame]:
    """The pong of each ping that got one, by the ping's index; bare pings choose first."""
    free = [frame for frame in stream.frames if frame.type == "pong"]
    found: dict[int, ServerFrame] = {}
    for wanted in ("ping", "ping as json"):
        for index, frame, kind in sent:
            last_ms = frame.at_ms + PONG_MS + SLACK_MS
            fits = [pong for pong in free if pong.index > index and pong.at_ms <= last_ms]
            if kind == wanted and fits:
                found[index] = fits[0]
                free.remove(fits[0])
    return found
