"""One batch seen by poll, list, stream and webhook at once, from its create to each of its ends."""

import asyncio
from collections.abc import Sequence
from typing import Any

from conformance.scenarios import scenario
from conformance.scenarios.stream_steps import closed, snapshot, updated
from conformance.scenarios.webhooks import EVERY_EVENT, heard, let_time_pass
from conformance.targets.session import Session, status_of

# What any batch shows that is watched to its end.
_ANY_END = (
    "XCH-02", "XCH-04", "XCH-07", "XCH-08", "XCH-09", "XCH-10", "XCH-11", "XCH-15", "XCH-17",
    "XCH-19", "XCH-21", "XCH-22", "XCH-23", "XCH-25", "XCH-26", "XCH-28", "XCH-30", "XCH-32",
)  # fmt: skip
_ON_THE_WAY = ("XCH-03", "XCH-05", "XCH-06", "XCH-12")
_WATCHED = "interval_ms=1000"
# Enough for a clock of milliseconds to tell what came before what.
_A_MOMENT_S = 0.005
# Eight rows: an eighth is 12.5 %, then half of them with a failure among them.
_STEPS: Sequence[dict[str, Any]] = (
    {"status": "in_progress", "completed": 1},
    {"status": "in_progress", "completed": 3, "failed": 1},
    {"status": "completed", "completed": 6, "failed": 2},
)
_OTHER_ENDS: Sequence[Sequence[dict[str, Any]]] = (
    ({"status": "in_progress", "completed": 1}, {"status": "expired", "completed": 1}),
    ({"status": "in_progress"}, {"status": "failed"}),
)


async def _a_moment() -> None:
    await asyncio.sleep(_A_MOMENT_S)


async def _watched_batch(session: Session, steps: int, rows: int = 2) -> str:
    """A batch with a webhook and a stream, read `steps` times before it is polled to its end."""
    hook = await session.receiver()
    batch_id = await session.batch(
        rows=rows, session_id="channels", webhook=hook.webhook(events=EVERY_EVENT)
    )
    async with session.stream(batch_id, query=_WATCHED) as stream:
        await snapshot(stream)
        for _ in range(steps):
            await _a_moment()
            await session.get(batch_id)
            await updated(session, stream)
        ended = await session.poll_until(batch_id)
        await closed(session, stream)
    await heard(session, hook, status_of(ended) or "")
    await _after_the_end(session, batch_id)
    return batch_id


async def _after_the_end(session: Session, batch_id: str) -> None:
    """A read, a list and, last of all, a late stream, each at a time of its own."""
    await _a_moment()
    await session.get(batch_id)
    await session.list("limit=100")
    await _late_stream(session, batch_id)


async def _late_stream(session: Session, batch_id: str) -> None:
    await _a_moment()
    async with session.stream(batch_id) as late:
        await closed(session, late)


@scenario(
    *_ANY_END, *_ON_THE_WAY,
    needs=("create", "terminal", "webhook", "stream"),
    cost="settle",
)  # fmt: skip
async def channels_of_a_whole_life(session: Session) -> None:
    """A batch polled, listed, streamed and told of by webhook, from create to its bill"""
    batch_id = await _watched_batch(session, 1)
    await let_time_pass(session)
    await session.get(batch_id)
    await _late_stream(session, batch_id)


@scenario(
    *_ANY_END, *_ON_THE_WAY,
    needs=("create", "terminal", "webhook", "stream", "outcome-control"),
    cost="settle",
    batches=3,
)  # fmt: skip
async def channels_of_other_ends(session: Session) -> None:
    """Eight rows in small steps, a batch that expires and one that fails, on all channels"""
    for life in (_STEPS, *_OTHER_ENDS):
        await session.act("life_scripted", life=list(life))
        await _watched_batch(session, len(life) - 1, rows=8)


@scenario(
    *_ANY_END,
    needs=("create", "cancel", "terminal", "webhook", "stream"),
    cost="settle",
)  # fmt: skip
async def channels_of_a_cancel(session: Session) -> None:
    """A cancel as poll, stream and webhook tell of it"""
    hook = await session.receiver()
    batch_id = await session.batch(webhook=hook.webhook())
    async with session.stream(batch_id, query=_WATCHED) as stream:
        await snapshot(stream)
        await session.cancel(batch_id)
        ended = await session.poll_until(batch_id)
        await closed(session, stream)
    await heard(session, hook, status_of(ended) or "")
    await _after_the_end(session, batch_id)


@scenario(
    "XCH-09", "XCH-22", "XCH-33",
    needs=("create", "terminal", "webhook"),
    cost="settle",
)  # fmt: skip
async def channels_without_a_receiver(session: Session) -> None:
    """A batch whose receiver takes nothing, polled to its end all the same"""
    hook = await session.receiver(answers=(503,))
    batch_id = await session.batch(webhook=hook.webhook(events=EVERY_EVENT))
    ended = await session.poll_until(batch_id)
    await heard(session, hook, status_of(ended) or "")
    await _a_moment()
    await session.get(batch_id)
    await session.list("limit=100")


@scenario("XCH-34", needs=("create", "stream", "operator-control"), cost="create")
async def channels_of_an_api_switched_off(session: Session) -> None:
    """The batch API switched off under a batch: its poll and its stream"""
    batch_id = await session.batch()
    await session.act("batch_switch", enabled=False)
    await session.get(batch_id)
    async with session.stream(batch_id) as stream:
        await stream.frame()
