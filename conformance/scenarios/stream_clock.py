"""The interval of streams, measured with a clock that is moved: looks at the batch, and quiet."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

from conformance.scenarios import scenario
from conformance.scenarios.stream_steps import pass_time, ping, snapshot, updated
from conformance.scenarios.streams import EVERY_STREAM
from conformance.targets.session import Session
from conformance.targets.stream import LiveStream

# What is asked for, and the interval in milliseconds that is to be kept.
_INTERVALS: Mapping[str, int] = {
    "": 2500,
    "interval_ms=1500": 1500,
    "interval_ms=5000": 5000,
    "interval_ms=100": 1000,
    "interval_ms=-5": 1000,
    "interval_ms=60000": 10_000,
    "interval_ms=abc": 2500,
    "interval_ms=Infinity": 2500,
    "interval_ms=0x7d0": 2000,
    "interval_ms=1e4": 10_000,
}
# The steps of the clock: behind each of them the batch has changed and some streams have news.
_STEPS_MS = (*[500] * 7, 1500, 5000, 10_000)
_LIFE = [
    {"status": "in_progress", "completed": done, "seconds": 0} for done in range(len(_STEPS_MS) + 1)
]


@scenario(
    *EVERY_STREAM, "WS-OPT-01", "WS-OPT-02", "WS-OPT-03", "WS-OPT-04", "WS-OPT-05", "WS-OPT-06",
    "WS-OPT-12", "WS-FRAME-05", "WS-FRAME-06", "WS-FRAME-39",
    needs=("create", "clock", "outcome-control", "stream"),
    cost="create",
)  # fmt: skip
async def stream_intervals(session: Session) -> None:
    """Streams of all intervals beside each other, while the batch changes at each step"""
    await session.act("life_scripted", life=_LIFE)
    batch_id = await session.batch(rows=len(_LIFE))
    async with AsyncExitStack() as stack:
        opened = {
            query: await stack.enter_async_context(session.stream(batch_id, query=query))
            for query in _INTERVALS
        }
        for stream in opened.values():
            if stream.opened:
                await snapshot(stream)
        await _change_step_by_step(session, batch_id, opened)


async def _change_step_by_step(
    session: Session, batch_id: str, opened: Mapping[str, LiveStream]
) -> None:
    since_ms = dict.fromkeys(opened, 0)
    for step_ms in _STEPS_MS:
        await session.get(batch_id)
        await session.act("clock_advanced", by_ms=step_ms)
        since_ms = {query: passed + step_ms for query, passed in since_ms.items()}
        due = [query for query, passed in since_ms.items() if passed >= _INTERVALS[query]]
        told = await asyncio.gather(*(updated(session, opened[query]) for query in due))
        # Who was told nothing is waited for again: that is how one that is too slow is found.
        since_ms |= {query: 0 for query, frame in zip(due, told, strict=True) if frame}


@scenario(
    *EVERY_STREAM, "WS-CLOSE-11", "WS-FRAME-05", "WS-FRAME-40",
    needs=("create", "stream"),
    cost="create",
)  # fmt: skip
async def stream_of_an_idle_batch(session: Session) -> None:
    """A stream of a batch that is read once, and to which nothing happens for six intervals"""
    batch_id = await session.batch()
    async with session.stream(batch_id, query="interval_ms=1000") as stream:
        await snapshot(stream)
        await session.get(batch_id)
        await updated(session, stream)
        for _ in range(6):
            await pass_time(session, stream, 1000)
        await ping(stream)
