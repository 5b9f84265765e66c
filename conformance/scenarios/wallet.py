"""Balances: what holds, settlements, refusals and mere reads do to a wallet."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from conformance.scenarios import scenario
from conformance.scenarios.cancel import created
from conformance.scenarios.create import request_of
from conformance.scenarios.money import EVERY_BILL, PAID_AND_READ_AGAIN
from conformance.targets.session import Session
from conformance.transcript import Wallet


async def _at_once(*calls: Coroutine[Any, Any, Any]) -> None:
    """Make the calls together; the first failure is raised when all are through."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def _settle_in_a_race(session: Session, batch_id: str) -> None:
    """Reads at once, and a scheduled job where there is one to be called."""
    if session.control is None:
        await session.poll_until(batch_id)
    else:
        # The end is there and nobody has seen it: all of these want to settle, one in vain.
        await session.act("provider_step", batch=batch_id, steps=3)
        await session.act("database_next_call_fails", operation="settle")
    await _at_once(session.get(batch_id), session.get(batch_id), _scheduled_job(session))


async def _scheduled_job(session: Session) -> None:
    if session.control is not None:
        await session.act("scheduled_job_tick")


async def _one_that_ends(session: Session, file_id: str) -> None:
    """Balances around a batch from its create until well after its end."""
    await session.quiet_wallet()
    batch_id = await created(session, file_id)
    await session.wallet()
    await _settle_in_a_race(session, batch_id)
    await session.wallet()
    await session.get(batch_id)
    await session.list("limit=100")
    await session.cancel(batch_id)
    await _scheduled_job(session)
    await session.quiet_wallet()


def _doubt_the_key(session: Session) -> None:
    """Say so when the balance never moved: that of another workspace would not."""
    readings = [step for step in session.steps if isinstance(step, Wallet)]
    seen = {(one.balance_nanos, one.reserved_nanos) for one in readings}
    if session.unsettled is not None and session.budget.held_nanos > 0 and len(seen) == 1:
        session.tell(
            "--credits-url: the balance stood still while batches were made and billed: "
            "is AI_STATS_API_KEY_CREDITS of the workspace of AI_STATS_API_KEY?"
        )


@scenario(
    *EVERY_BILL, *PAID_AND_READ_AGAIN,
    "BILL-LINE-03", "BILL-REASON-05", "BILL-RES-01", "BILL-RES-02", "BILL-RES-03", "BILL-RES-07",
    "BILL-STABLE-07", "BILL-TRUTH-06", "BILL-TRUTH-08",
    needs=("create", "cancel", "terminal", "wallet"),
    cost="settle",
    alone=True,
    batches=2,
)  # fmt: skip
async def wallet_around_two_batches(session: Session) -> None:
    """The balance around a batch that many want to settle, and around one cancelled at once"""
    # More output than comes, at fine prices: the cost is another amount than the hold, and uneven.
    body = session.work.good_body(limit=64)
    body["model"] = session.work.second_model or session.work.model
    file_id = await session.file(session.rows(2, **body))
    async with session.undisturbed():
        await _one_that_ends(session, file_id)
        cancelled_id = await created(session, file_id)
        await session.cancel(cancelled_id)
        await session.poll_until(cancelled_id)
        await session.cancel(cancelled_id)
        await session.quiet_wallet()
        _doubt_the_key(session)


@scenario(
    "BILL-FUNDS-07", "BILL-RES-07", "BILL-RES-11", "BILL-STATE-12",
    needs=("files", "wallet", "provider-control"),
    alone=True,
)  # fmt: skip
async def wallet_around_a_create_that_the_provider_refuses(session: Session) -> None:
    """The balance around a create that the provider answers with 400"""
    request = request_of(session, await session.file())
    error = {"message": "scripted", "type": "invalid_request_error", "param": None, "code": None}
    await session.wallet()
    await session.act("provider_next_error", match="create", status=400, body={"error": error})
    await session.create(request)
    await session.wallet()
