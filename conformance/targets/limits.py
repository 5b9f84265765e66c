"""What bounds a scenario: how it may wait, what it works on, and what it may spend."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from conformance.json_text import at

# The profiles in which a webhook is named by an endpoint that was registered before.
MANAGED = frozenset({"phaseo"})


class ScenarioStopped(Exception):
    """A scenario cannot go on: the text says what it needed and what came instead."""


@dataclass(frozen=True)
class Polling:
    """How to wait for an end: seconds between reads, growing by half up to the longest."""

    first_s: float = 0.0
    longest_s: float = 0.0
    deadline_s: float = 60.0
    # Where each read moves a batch on, more reads than a life has states are in vain.
    most_reads: int | None = None


@dataclass(frozen=True)
class EventLimits:
    """What bounds a stream, and how long frames and deliveries are waited for.

    `wait_s` is for one frame or delivery unless the scenario says another time, `stream_s` for a
    stream as a whole, `close_s` for the server's answer to a close.
    """

    open_s: float = 30.0
    wait_s: float = 30.0
    stream_s: float = 900.0
    close_s: float = 10.0
    frame_bytes: int = 8 * 1024 * 1024
    stream_bytes: int = 32 * 1024 * 1024
    frames: int = 5000


@dataclass(frozen=True)
class Work:
    """What to ask the target for: the endpoint of the input rows, and their models.

    `second_model` has other prices than `model`; `free_model` costs nothing.
    """

    endpoint: str = "/v1/responses"
    model: str = "mock-mini"
    free_model: str | None = None
    second_model: str | None = None

    def good_body(self, text: str = "Answer with one word.", limit: int = 16) -> dict[str, Any]:
        """A request of the endpoint with this text, for at most so many output tokens."""
        if self.endpoint.endswith("/chat/completions"):
            question = [{"role": "user", "content": text}]
            return {"model": self.model, "messages": question, "max_tokens": limit}
        if self.endpoint.endswith("/embeddings"):
            return {"model": self.model, "input": text}
        return {"model": self.model, "input": text, "max_output_tokens": limit}


@dataclass(frozen=True)
class Existing:
    """Batches that the target has already: those named, and how many of the newest to read."""

    named: tuple[str, ...] = ()
    newest: int = 0


@dataclass
class Budget:
    """What may be spent on a target, in nano-dollars; shared by all sessions of a run.

    A batch counts with the hold that its create answer shows, else with `batch_nanos`.
    """

    limit_nanos: int | None = None
    batch_nanos: int | None = None
    held_nanos: int = 0
    largest_nanos: int = 0
    blind: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Where there is a limit one create at a time, so that each counts those before it."""
        if self.limit_nanos is None:
            yield
            return
        async with self._lock:
            self.check()
            yield

    def check(self) -> None:
        """Raise ScenarioStopped when no further batch may be made."""
        if self.limit_nanos is None:
            return
        if self.blind:
            raise ScenarioStopped(
                "the create answers show no hold, so --max-spend cannot be kept; "
                "give --model and --prices"
            )
        next_nanos = max(self.largest_nanos, self.batch_nanos or 0, 1)
        if self.held_nanos + next_nanos > self.limit_nanos:
            raise ScenarioStopped(
                f"the run has held {self.held_nanos} nano-dollars and the next batch may hold "
                f"{next_nanos}, --max-spend allows {self.limit_nanos}"
            )

    def note(self, body: Any) -> None:
        """Count what an accepted create holds."""
        shown = at(body, "/billing/reserved_nanos")
        held = shown if isinstance(shown, int) and not isinstance(shown, bool) else self.batch_nanos
        if held is None:
            self.blind = True
            return
        self.held_nanos += held
        self.largest_nanos = max(self.largest_nanos, held)
