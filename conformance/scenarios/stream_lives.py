"""Streams of batches from their create to their end, and beyond it."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from conformance.scenarios import scenario
from conformance.scenarios.cancel import created
from conformance.scenarios.stream_steps import closed, pass_time, ping, snapshot, updated
from conformance.scenarios.streams import EVERY_STREAM
from conformance.scenarios.webhooks import arrived
from conformance.targets.session import Session, status_of
from conformance.targets.stream import LiveStream, showing

_OPEN = "interval_ms=1000&close_on_terminal="
_LEAVING = ("true", "", "maybe", "2")
_STAYING = ("0", "%20No%20", "OFF")
_PAST_THE_RETRY_MS = 90_000
_SHORTEST_MS = 1000
_ON_THE_WAY = ("WS-FRAME-05", "WS-FRAME-06", "WS-FRAME-18", "WS-FRAME-20", "WS-FRAME-30")
_CLOSING = ("WS-CLOSE-05", "WS-CLOSE-07", "WS-CLOSE-08")
# Eight rows: an eighth is 12.5 %, half of them with a failure among them, all.
_COUNTS = ((1, 0), (3, 1), (6, 2))
_EXPIRING = (
    {"status": "in_progress"},
    {"status": "expired", "failed": 2, "seconds": 86_000},
)
_CANCELLED = (
    {"status": "in_progress", "completed": 1},
    {"status": "cancelled", "completed": 1},
)


@scenario(
    *EVERY_STREAM, *_ON_THE_WAY, *_CLOSING, "WS-CLOSE-01", "WS-CLOSE-06", "WS-CTRL-10",
    "WS-FRAME-16", "WS-FRAME-39", "WS-HS-16", "WS-OPT-08", "WS-OPT-09", "WS-OPT-10",
    needs=("create", "terminal", "stream"),
    cost="settle",
)  # fmt: skip
async def stream_to_completion(session: Session) -> None:
    """Two subscribers from create to end, one of whom stays, and late ones of all spellings"""
    batch_id = await session.batch()
    async with (
        session.stream(batch_id) as leaving,
        session.stream(batch_id, query=f"{_OPEN}false") as staying,
    ):
        await snapshot(leaving)
        await snapshot(staying)
        ended = await session.poll_until(batch_id)
        await staying.until(showing(status_of(ended) or ""))
        await closed(session, leaving)
        await _stay(session, [staying])
        await staying.send("refresh")
        await ping(staying)
    async with AsyncExitStack() as stack:
        late = [session.stream(batch_id, query=f"{_OPEN}{word}") for word in _LEAVING]
        opened = [await stack.enter_async_context(one) for one in late]
        await asyncio.gather(*(closed(session, one) for one in opened))
    async with AsyncExitStack() as stack:
        late = [session.stream(batch_id, query=f"{_OPEN}{word}") for word in _STAYING]
        await _stay(session, [await stack.enter_async_context(one) for one in late])


async def _stay(session: Session, streams: Sequence[LiveStream]) -> None:
    """Two intervals later a stream that stays open answers a ping, one that has closed none."""
    await pass_time(session, streams[0], 2 * _SHORTEST_MS)
    for stream in streams:
        await ping(stream)


@scenario(
    *EVERY_STREAM, *_CLOSING, "WS-CLOSE-03", "WS-FRAME-18", "WS-FRAME-30",
    needs=("create", "cancel", "terminal", "stream"),
    cost="settle",
)  # fmt: skip
async def stream_while_cancelling(session: Session) -> None:
    """A cancel of a batch that is watched"""
    batch_id = await session.batch()
    async with session.stream(batch_id) as stream:
        await snapshot(stream)
        await session.cancel(batch_id)
        await session.poll_until(batch_id)
        await closed(session, stream)


@scenario(
    *EVERY_STREAM, *_ON_THE_WAY, *_CLOSING, "WS-CLOSE-02", "WS-CLOSE-03", "WS-CLOSE-04",
    "WS-FRAME-35", "WS-FRAME-41",
    needs=("create", "terminal", "outcome-control", "stream"),
    cost="settle",
    batches=3,
)  # fmt: skip
async def stream_to_each_end(session: Session) -> None:
    """A batch that fails, one that expires and one that the provider cancels"""
    twice = await session.file(session.row("twice") + session.row("twice"))
    await _watch_to_the_end(session, await created(session, twice))
    for life in (_EXPIRING, _CANCELLED):
        await session.act("life_scripted", life=list(life))
        await _watch_to_the_end(session, await session.batch())


async def _watch_to_the_end(session: Session, batch_id: str) -> None:
    async with session.stream(batch_id) as stream:
        await snapshot(stream)
        await session.poll_until(batch_id)
        await closed(session, stream)


@scenario(
    *EVERY_STREAM, *_ON_THE_WAY, "WS-FRAME-17",
    needs=("create", "terminal", "outcome-control", "stream"),
    cost="settle",
)  # fmt: skip
async def stream_in_small_steps(session: Session) -> None:
    """Eight rows that finish one after the other, with each update awaited"""
    frames = [{"status": "in_progress", "completed": good, "failed": bad} for good, bad in _COUNTS]
    last = {"status": "completed", "completed": 6, "failed": 2}
    await session.act("life_scripted", life=[*frames, last])
    batch_id = await session.batch(rows=8)
    async with session.stream(batch_id) as stream:
        await snapshot(stream)
        for _ in range(len(frames) + 1):
            await session.get(batch_id)
            await updated(session, stream)
        await closed(session, stream)


@scenario(
    "WS-CLOSE-09", "WS-FRAME-37", "WS-FRAME-38",
    needs=("create", "stream", "operator-control"),
    cost="create",
)  # fmt: skip
async def stream_of_a_deleted_batch(session: Session) -> None:
    """A record that disappears under two streams, one of which is not to close at the end"""
    batch_id = await session.batch()
    async with (
        session.stream(batch_id) as one,
        session.stream(batch_id, query="close_on_terminal=false") as other,
    ):
        await snapshot(one)
        await snapshot(other)
        await session.act("stored_batch_deleted", batch=batch_id)
        await pass_time(session, one, 4000)
        for stream in (one, other):
            await closed(session, stream)


@scenario(
    *EVERY_STREAM, *_ON_THE_WAY, "WS-CLOSE-12", "WS-FRAME-27",
    needs=("create", "terminal", "webhook", "stream"),
    cost="settle",
)  # fmt: skip
async def stream_beside_a_webhook(session: Session) -> None:
    """A stream that stays open while the end of its batch is told to a webhook"""
    hook = await session.receiver(answers=(500, 200))
    batch_id = await session.batch(webhook=hook.webhook(events=["job.completed", "job.failed"]))
    async with session.stream(batch_id, query=f"{_OPEN}false") as stream:
        await snapshot(stream)
        ended = await session.poll_until(batch_id)
        await stream.until(showing(status_of(ended) or ""))
        await arrived(session, hook)
        if session.control is not None:
            # The first attempt may come before the stream tells of the end; the next cannot.
            await session.act("clock_advanced", by_ms=_PAST_THE_RETRY_MS)
            await session.act("scheduled_job_tick")
            await arrived(session, hook, 2)
        await pass_time(session, stream, 2 * _SHORTEST_MS)
        await updated(session, stream)
