"""Webhooks of lives that are scripted: progress, every end, every way to fail."""

import asyncio
from datetime import datetime
from typing import Any

from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.playing import unknown_id
from conformance.scenarios.webhooks import let_time_pass
from conformance.targets.receiver import Answer, Hook
from conformance.targets.session import Session

# Completed rows of twenty-five: 4, 8, again 8, 52, 96 and 100 percent.
_COUNTS = ((1, 0), (2, 0), (2, 0), (12, 1), (23, 1), (24, 1))
_ROWS = 25
# A life that takes no time.
_HALF = {"status": "in_progress", "completed": 1, "seconds": 0}
_DONE = {"status": "completed", "completed": 2, "seconds": 0}
_EVENTS = ["job.created", "job.progress", "job.completed"]

# The attempts of created, completed and progress, round by round.
_ROUNDS: tuple[tuple[int, tuple[Answer | int, ...]], ...] = (
    (120_000, (302, Answer(drop=True), 503)),
    (400_000, (410, 401, Answer(503, headers=(("retry-after", "1"),)))),
    (1_000_000, (429, 500, 400)),
    (2_000_000, (200,)),
)
_SLOW = Answer(wait_s=60.0)


@scenario(
    "HOOK-BODY-11", "HOOK-BODY-12", "HOOK-BODY-13", "HOOK-BODY-14", "HOOK-ORDER-03",
    "HOOK-ORDER-04", "HOOK-ORDER-05",
    needs=("create", "terminal", "outcome-control", "clock", "webhook"),
    cost="settle",
)  # fmt: skip
async def webhook_of_progress(session: Session) -> None:
    """A batch that is told of at every step of its progress and at its end"""
    frames = [{"status": "in_progress", "completed": done, "failed": bad} for done, bad in _COUNTS]
    end = {"status": "completed", "completed": 24, "failed": 1}
    await session.act("life_scripted", life=[*frames, end])
    hook = await session.receiver()
    batch_id = await session.batch(rows=_ROWS, webhook=hook.webhook(events=_EVENTS))
    for _ in (*frames, end):
        await session.get(batch_id)
    await let_time_pass(session)
    await session.get(batch_id)


@scenario(
    "HOOK-BODY-10", "HOOK-BODY-15", "HOOK-BODY-18", "HOOK-ORDER-01", "HOOK-ORDER-02",
    needs=("create", "terminal", "outcome-control", "clock", "webhook"),
    cost="settle",
    batches=4,
)  # fmt: skip
async def webhooks_of_every_end(session: Session) -> None:
    """Failed, expired, cancelled, and completed without being asked to tell, at one receiver"""
    hook = await session.receiver()
    file_id = await session.file()
    all_ends, failure = hook.webhook(), hook.webhook(events=["job.failed"])
    lives = [{"frames": [_end(word)]} for word in ("failed", "expired", "cancelled", "completed")]
    await session.act("life_scripted", lives=lives)
    for webhook in (all_ends, all_ends, all_ends, failure):
        await session.get(await _with(session, file_id, webhook))
    await let_time_pass(session)
    await session.list("limit=100")


def _end(status: str) -> dict[str, Any]:
    return {"status": status, "completed": 2 if status == "completed" else 0}


def _failed_at_once(session: Session, file_id: str) -> dict[str, Any]:
    """What a provider says of a batch that it has failed already."""
    now_s = int(datetime.fromisoformat(session.started_at).timestamp())
    request = request_of(session, file_id)
    times = {"created_at": now_s, "failed_at": now_s}
    return {"id": unknown_id("batch_"), "object": "batch", "status": "failed", **request, **times}


async def _with(session: Session, file_id: str, webhook: dict[str, Any]) -> str:
    made = await session.create(request_of(session, file_id, webhook=webhook))
    return session.expect_id(made, "an accepted batch")


@scenario(
    "HOOK-ORDER-08", "HOOK-ORDER-09",
    needs=("create", "terminal", "provider-control", "operator-control", "clock", "webhook"),
    cost="settle",
    batches=2,
)  # fmt: skip
async def webhooks_of_odd_ends(session: Session) -> None:
    """A batch that failed before the create was answered, and one that is settled late"""
    hook = await session.receiver()
    file_id = await session.file()
    body = _failed_at_once(session, file_id)
    await session.act("provider_next_error", match="create", status=200, body=body)
    failed_id = await _with(session, file_id, hook.webhook())
    await session.get(failed_id)
    await session.act("life_scripted", life=[_DONE])
    late_id = await _with(session, file_id, hook.webhook())
    await session.act("database_next_call_fails", operation="settle")
    await session.get(late_id)
    await session.get(late_id)
    await let_time_pass(session)
    await session.list("limit=100")


@scenario(
    "HOOK-BODY-02", "HOOK-BODY-05", "HOOK-BODY-21", "HOOK-BODY-23", "HOOK-REG-27", "HOOK-REG-29",
    "HOOK-REG-31", "HOOK-RETRY-02", "HOOK-RETRY-03", "HOOK-RETRY-06", "HOOK-RETRY-07",
    "HOOK-RETRY-08", "HOOK-RETRY-10", "HOOK-RETRY-11", "HOOK-RETRY-12", "HOOK-RETRY-14",
    "HOOK-RETRY-15", "HOOK-RETRY-16", "HOOK-RETRY-17", "HOOK-RETRY-19", "HOOK-RETRY-20",
    "HOOK-RETRY-21", "HOOK-RETRY-22", "HOOK-RETRY-23", "HOOK-RETRY-25", "HOOK-SIGN-07",
    needs=("create", "terminal", "outcome-control", "clock", "webhook"),
    cost="settle",
)  # fmt: skip
async def webhook_that_always_fails(session: Session) -> None:
    """Three events that are refused, cut off, redirected and left waiting, four times each"""
    await session.act("life_scripted", life=[_HALF, _DONE])
    hook = await session.receiver(answers=(500,))
    batch_id = await session.batch(webhook=hook.webhook(events=_EVENTS))
    hook.answer_with(_SLOW, 404)
    await _left_waiting(session, hook, batch_id)
    hook.answer_with(404)
    await session.get(batch_id)
    await session.act("scheduled_job_tick")
    await session.get(batch_id)
    for by_ms, answers in _ROUNDS:
        hook.answer_with(*answers)
        await session.act("clock_advanced", by_ms=by_ms)
        await session.act("scheduled_job_tick")
        await session.get(batch_id)
    await session.list("limit=100")


async def _left_waiting(session: Session, hook: Hook, batch_id: str) -> None:
    """Read a batch whose receiver says nothing, until the gateway has waited for long enough."""
    reading = asyncio.create_task(session.get(batch_id))
    calling = asyncio.create_task(hook.called())
    try:
        await asyncio.wait((reading, calling), return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            await session.act("receivers_given_up")
        await reading
    finally:
        calling.cancel()
        reading.cancel()


@scenario(
    "HOOK-BODY-11", "HOOK-BODY-12", "HOOK-BODY-13", "HOOK-REG-28", "HOOK-RETRY-01",
    "HOOK-RETRY-02", "HOOK-RETRY-06", "HOOK-RETRY-07", "HOOK-RETRY-08", "HOOK-RETRY-10",
    "HOOK-RETRY-11", "HOOK-RETRY-13", "HOOK-RETRY-15", "HOOK-RETRY-16", "HOOK-RETRY-18",
    "HOOK-RETRY-19", "HOOK-RETRY-21", "HOOK-RETRY-22", "HOOK-SIGN-07",
    needs=("create", "terminal", "outcome-control", "clock", "webhook"),
    cost="settle",
)  # fmt: skip
async def webhook_whose_retries_get_through(session: Session) -> None:
    """Events that are refused at first, read in between, and accepted by every kind of 2xx"""
    await session.act("life_scripted", life=[_HALF, _DONE])
    await session.act("provider_hold", hold=True)
    hook = await session.receiver(answers=(503, 201, 503, 204, 299))
    batch_id = await session.batch(webhook=hook.webhook(events=_EVENTS))
    await session.get(batch_id)
    await _next_round(session, batch_id)
    await session.act("provider_hold", hold=False)
    for _ in range(2):
        await session.get(batch_id)
    await _next_round(session, batch_id)
    await session.list("limit=100")
    await let_time_pass(session)
    await session.get(batch_id)


async def _next_round(session: Session, batch_id: str) -> None:
    """What waits is tried again, and seen when no read can be stale any more."""
    await session.act("clock_advanced", by_ms=61_000)
    await session.act("scheduled_job_tick")
    await session.act("clock_advanced", by_ms=2_000)
    await session.get(batch_id)
