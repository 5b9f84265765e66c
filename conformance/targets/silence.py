"""Waits that need not be waited out: a target under control tells itself that nothing will come.

Its virtual time stands still while a scenario waits, so what has not been said by then is not said
later either, and the time of the scenario can go on to the end of the wait at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

# Asks what the target has heard and said on each open stream, and when it may say more unasked.
# `passed_ms` of the time that it waits for are to be taken for passed.
Told = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]

# What is about to come is there by then; it costs the target a question otherwise.
_FIRST_S = 0.01
_LONGEST_S = 0.05
# How long a target that has something more to say may take, however short the wait.
PATIENCE_S = 30.0


class Talk(Protocol):
    """A stream of the scenario."""

    @property
    def port(self) -> int | None:
        """The port of this side, None where there is no connection."""

    @property
    def ended(self) -> bool:
        """Whether no further frame can come."""

    @property
    def counts(self) -> tuple[int, int]:
        """How many messages were sent, and how many have come."""


class Timeline(Protocol):
    """The time of a scenario, and what it does: how much so far, and how much at this moment."""

    doings: int
    under_way: int

    def now_ms(self) -> int:
        """The time since the scenario began."""

    def skip_to(self, at_ms: int) -> None:
        """Let the time go on to this moment at once."""


class Silence:
    """Knows when all streams of one scenario say nothing until the scenario does something."""

    def __init__(self, told: Told, timeline: Timeline) -> None:
        self._told = told
        self._timeline = timeline
        self._talks: dict[Talk, None] = {}

    def join(self, talk: Talk) -> None:
        """From now on what the stream says matters."""
        self._talks[talk] = None

    def leave(self, talk: Talk) -> None:
        """What the stream says does not matter any more."""
        self._talks.pop(talk, None)

    async def wait(self, done: Callable[[], bool], news: asyncio.Event, wait_s: float) -> None:
        """Return when it is done, or when nothing can come within the wait, which is over then.

        Whoever is slow is waited for: the wait is one of the scenario's time, not of real time.
        """
        until_ms = self._timeline.now_ms() + round(wait_s * 1000)
        pause_s = _FIRST_S
        while not done():
            news.clear()
            if not await _comes(news, pause_s) and await self._skipped(until_ms, news):
                return
            pause_s = min(2 * pause_s, _LONGEST_S)

    async def _skipped(self, until_ms: int, news: asyncio.Event) -> bool:
        """Whether nothing comes before, for the target says so for certain; if so, it is then."""
        doings = self._timeline.doings
        if self._timeline.under_way:
            return False
        told = await self._told({})
        tallies = {one["port"]: one for one in told["streams"]}
        # What was done meanwhile may have effects that the target did not know of.
        is_calm = not news.is_set() and self._timeline.doings == doings
        talks = [one for one in self._talks if not one.ended]
        if any(one.port not in tallies for one in talks):
            # Of a stream of somebody else nothing is certain before the time is over.
            return self._timeline.now_ms() >= until_ms
        if not is_calm or not all(_has_arrived(one, tallies[one.port]) for one in talks):
            return False
        dues = [tallies[one.port]["due_in_ms"] for one in talks]
        return await self._go_on(until_ms, [one for one in dues if one is not None])

    async def _go_on(self, until_ms: int, dues_in_ms: list[int]) -> bool:
        """Go on to the end of the wait, or to where more may come; whether it was the end."""
        now_ms = self._timeline.now_ms()
        left_ms = max(0, until_ms - now_ms)
        passed_ms = max(0, min([left_ms, *dues_in_ms]))
        self._timeline.skip_to(now_ms + passed_ms)
        if dues_in_ms:
            await self._told({"passed_ms": passed_ms})
        return all(due_in_ms > left_ms for due_in_ms in dues_in_ms)


def _has_arrived(talk: Talk, tally: Mapping[str, Any]) -> bool:
    """Whether all that was said on an open stream has arrived, on both sides."""
    return not tally["closed"] and (tally["heard"], tally["said"]) == talk.counts


async def _comes(news: asyncio.Event, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            return await news.wait()
    except TimeoutError:
        return False
