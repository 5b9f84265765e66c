"""Poll, list, stream and webhook as one story: what each channel showed of a batch, and when.

An exchange lasts from its request to the end of its answer, a message is an instant, and equal
milliseconds are not ordered. What an operator changed in the store is nobody's story.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.checks.events._clock import millis
from conformance.event_views import Message, messages
from conformance.json_text import ABSENT, same
from conformance.routes import TERMINAL, canonical_status
from conformance.transcript import Edge
from conformance.verdicts import HELD, Finding, broken
from conformance.views import BatchBody, Observed

POLLS = frozenset({"poll", "list"})


@dataclass(frozen=True)
class Reading:
    """What one channel showed of a batch; `channel` is poll, list, stream or webhook."""

    view: BatchBody | Message
    channel: str
    begin_ms: int
    end_ms: int

    def get(self, pointer: str) -> Any:
        """The value at a JSON pointer into the batch as shown, ABSENT when there is none."""
        return self.view.get(pointer)

    def given(self, pointer: str) -> Any:
        """The value at a pointer, None when it is absent (null or absent mean the same)."""
        value = self.view.get(pointer)
        return None if value is ABSENT else value

    def text(self, pointer: str) -> str | None:
        """The value at a pointer when it is text."""
        value = self.view.get(pointer)
        return value if isinstance(value, str) else None

    @property
    def number(self) -> int:
        """The step in which it was seen."""
        return self.view.seen.number if isinstance(self.view, BatchBody) else self.view.number

    @property
    def pointer(self) -> str:
        """Its place in that step."""
        return self.view.pointer

    @property
    def operation(self) -> str:
        """The operation that was answered; the channel for a message."""
        return self.view.operation if isinstance(self.view, BatchBody) else self.channel

    @property
    def prefix(self) -> str | None:
        """The `/batches` or `/batch` of the path that was called, None for a message."""
        return self.view.seen.route.prefix if isinstance(self.view, BatchBody) else None

    @property
    def status(self) -> str | None:
        """The status word, `canceled` read as `cancelled`."""
        return self.view.status

    @property
    def lifecycle(self) -> str | None:
        """The lifecycle word, read the same way."""
        return canonical_status(self.view.get("/lifecycle_status"))

    @property
    def is_final(self) -> bool:
        """Whether it says, in one word or the other, that the batch has ended."""
        return self.status in TERMINAL or self.lifecycle in TERMINAL

    @property
    def polled_ms(self) -> int | None:
        """When the gateway had last asked the provider, on the gateway's clock."""
        return millis(self.view.get("/last_polled_at"))

    def precedes(self, other: "Reading") -> bool:
        """Whether it was over for certain when the other one began."""
        return self.end_ms < other.begin_ms


def one_of(seen: Any, shown: Sequence[Any], pointer: str, step: int | None = None) -> Finding:
    """HELD when what one channel shows is among what another one showed."""
    if any(same(seen, one) for one in shown):
        return HELD
    return broken(seen, shown[-1], pointer, step)


def reading(view: BatchBody | Message) -> Reading:
    """The reading that a body or a message is."""
    if isinstance(view, Message):
        return Reading(view, view.channel, view.at_ms, view.at_ms)
    exchange = view.seen.exchange
    channel = "list" if view.operation == "list-item" else "poll"
    return Reading(view, channel, exchange.at_ms, exchange.ended_at_ms)


def stories(observed: Observed) -> Mapping[str, Sequence[Reading]]:
    """The readings of each batch in order of time, batches changed by an operator left out."""
    if "stories" not in observed.made:
        observed.made["stories"] = [_stories(observed)]
    found: Mapping[str, Sequence[Reading]] = observed.made["stories"][0]
    return found


def _stories(observed: Observed) -> Mapping[str, Sequence[Reading]]:
    found: dict[str, list[Reading]] = {}
    altered = set(_altered(observed))
    views: list[BatchBody | Message] = [*observed.bodies, *messages(observed)]
    for view in views:
        if isinstance(view.id, str) and view.id not in altered:
            found.setdefault(view.id, []).append(reading(view))
    return {
        name: sorted(story, key=lambda one: (one.end_ms, one.begin_ms))
        for name, story in found.items()
    }


def _altered(observed: Observed) -> Iterator[str]:
    for _, edge in observed.transcript.of(Edge):
        if edge.action.startswith("stored_"):
            yield str(edge.detail.get("batch"))


def story_of(message: Message) -> Sequence[Reading]:
    """All readings of the batch of a message."""
    return stories(message.observed).get(message.id or "", ())


def polls(message: Message) -> list[Reading]:
    """The readings of its batch by poll and list."""
    return [one for one in story_of(message) if one.channel in POLLS]
