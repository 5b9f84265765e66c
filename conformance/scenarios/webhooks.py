"""Webhooks that any gateway can be asked for: registered, told of a life, told of a cancel."""

import asyncio

from conformance.json_text import at
from conformance.requirements import registry
from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.playing import play, unknown_id
from conformance.targets.receiver import Answer, Hook
from conformance.targets.session import Session
from conformance.transcript import Delivery

# Both names of one event are one subscription, and only one of the others is needed.
EVERY_EVENT = (
    "job.created", "batch.progress", "job.completed", "batch.completed", "job.failed",
    "job.cancelled", "job.expired",
)  # fmt: skip
# What any delivery and any body of a batch with a webhook shows.
_EVERY_DELIVERY = (
    "HOOK-BODY-01", "HOOK-BODY-02", "HOOK-BODY-03", "HOOK-BODY-04", "HOOK-BODY-05",
    "HOOK-BODY-06", "HOOK-BODY-07", "HOOK-BODY-08", "HOOK-BODY-09", "HOOK-BODY-15",
    "HOOK-BODY-20", "HOOK-BODY-21", "HOOK-BODY-23", "HOOK-BODY-24", "HOOK-HEAD-01",
    "HOOK-HEAD-02", "HOOK-HEAD-03", "HOOK-HEAD-04", "HOOK-HEAD-05", "HOOK-HEAD-06",
    "HOOK-HEAD-07", "HOOK-HEAD-09", "HOOK-HEAD-10", "HOOK-HEAD-11", "HOOK-HEAD-12", "HOOK-REG-22",
    "HOOK-REG-23", "HOOK-REG-25", "HOOK-REG-29", "HOOK-RETRY-11", "HOOK-RETRY-12",
    "HOOK-RETRY-17", "HOOK-RETRY-19", "HOOK-RETRY-25", "HOOK-SIGN-01", "HOOK-SIGN-02",
    "HOOK-SIGN-04", "HOOK-SIGN-05", "HOOK-SIGN-06", "BILL-WSHOOK-04", "BILL-WSHOOK-06",
    "BILL-WSHOOK-07", "BILL-WSHOOK-08",
)  # fmt: skip
_LONG_ANSWER = b"received " * 300
_ROUNDS = 2
_MINUTES_MS = 400_000
_REGISTERED = ("HOOK-REG-03", "HOOK-REG-14", "HOOK-REG-17", "HOOK-REG-18", "HOOK-REG-19")
_ONLY_EXPIRY = {"events": ["job.expired"]}
_SPELLINGS = {
    "HOOK-REG-01/public": {"url": "https://Hooks.Example.COM:443/x", **_ONLY_EXPIRY},
    "HOOK-REG-32/password": {"url": "https://user:pass@example.com/h", **_ONLY_EXPIRY},
    "HOOK-REG-23/blank": {"url": "https://example.com/h", "secret": " ", **_ONLY_EXPIRY},
    "HOOK-REG-13/default": {"url": "https://example.com/h"},
    "HOOK-REG-10/null": None,
}


async def arrived(session: Session, hook: Hook, count: int = 1) -> list[Delivery]:
    """What has arrived, as soon as it is so many, but not for ever.

    A target under control has sent what it has to send before it answers a call.
    """
    return await (hook.deliveries(count) if session.control is None else hook.settled())


async def heard(session: Session, hook: Hook, *phases: str) -> None:
    """Wait for an event of one of the phases, but not for ever."""
    wanted = {f"batch.{phase}" for phase in phases}
    rounds = _ROUNDS if session.control is None else 1
    found = await arrived(session, hook)
    while rounds and wanted.isdisjoint({at(one.body.json, "/type") for one in found}):
        more = await arrived(session, hook, len(found) + 1)
        rounds -= len(more) == len(found)
        found = more


async def let_time_pass(session: Session) -> None:
    """Where the clock can be moved, let minutes pass and the scheduled job run."""
    if session.control is not None:
        await session.act("clock_advanced", by_ms=_MINUTES_MS)
        await session.act("scheduled_job_tick")


@scenario(
    *_EVERY_DELIVERY,
    "HOOK-BODY-10", "HOOK-BODY-16", "HOOK-ORDER-01", "HOOK-ORDER-02", "HOOK-REG-20",
    "HOOK-REG-27", "HOOK-REG-28", "HOOK-REG-31", "HOOK-RETRY-01", "HOOK-RETRY-13",
    "HOOK-RETRY-20", "BILL-WSHOOK-01", "BILL-WSHOOK-02", "BILL-WSHOOK-03", "BILL-WSHOOK-05",
    "BILL-WSHOOK-09",
    needs=("create", "terminal", "webhook"),
    cost="settle",
)  # fmt: skip
async def webhook_of_a_whole_life(session: Session) -> None:
    """A signed webhook for every event, from create to the bill, and reads that raise nothing"""
    hook = await session.receiver(answers=(Answer(200, body=_LONG_ANSWER), 204, 202))
    batch_id = await session.batch(webhook=hook.webhook(events=EVERY_EVENT))
    await session.get(batch_id)
    await session.poll_until(batch_id)
    await heard(session, hook, "completed", "failed", "cancelled", "expired")
    await session.get(batch_id)
    await let_time_pass(session)
    await session.get(batch_id)
    await session.list("limit=100")


@scenario(
    "HOOK-BODY-10", "HOOK-BODY-15", "HOOK-BODY-17", "HOOK-HEAD-07", "HOOK-HEAD-08",
    "HOOK-ORDER-02", "HOOK-REG-13", "HOOK-REG-23", "HOOK-REG-25", "HOOK-REG-26", "BILL-WSHOOK-01",
    "BILL-WSHOOK-02", "BILL-WSHOOK-03", "BILL-WSHOOK-05", "BILL-WSHOOK-09",
    needs=("create", "cancel", "terminal", "webhook"),
    cost="settle",
)  # fmt: skip
async def webhook_of_a_cancel(session: Session) -> None:
    """A webhook of nothing but a URL, before any attempt and when the batch was cancelled"""
    hook = await session.receiver(secret=None)
    batch_id = await session.batch(webhook=hook.webhook())
    await session.get(batch_id)
    await session.list("limit=100")
    await session.cancel(batch_id)
    await session.poll_until(batch_id)
    await heard(session, hook, "cancelled", "completed")
    await let_time_pass(session)
    await session.get(batch_id)


@scenario(
    *_EVERY_DELIVERY,
    "HOOK-BODY-16", "HOOK-REG-01", "HOOK-REG-03", "HOOK-REG-10", "HOOK-REG-13", "HOOK-REG-14",
    "HOOK-REG-17", "HOOK-REG-18", "HOOK-REG-19", "HOOK-REG-24", "HOOK-REG-26", "HOOK-REG-31",
    "HOOK-REG-32", "HOOK-RETRY-04", "HOOK-RETRY-25",
    needs=("create", "webhook"),
    cost="create",
    batches=18,
)  # fmt: skip
async def webhooks_registered(session: Session) -> None:
    """URLs, events and secrets in every spelling that is accepted"""
    file_id = await session.file()
    named = await session.webhook({"url": "https://hooks.example.com/x"})
    [(member, value)] = named.items() if named else [("url", "")]
    fixtures = {
        "file:input": file_id, "endpoint": session.work.endpoint, "webhook": member, "hook": value,
    }  # fmt: skip
    for row_id in _REGISTERED:
        await play(session, registry()[row_id], fixtures)
    for label, webhook in _SPELLINGS.items():
        if webhook is None or session.webhooks == "inline":
            body = request_of(session, file_id, webhook=webhook)
            await session.call("POST", "/batches", body=body, label=label)
    await _secrets(session, file_id)
    unheard = {"url": "https://receiver.invalid/hook", "events": ["job.created"]}
    webhook = await session.webhook(unheard)
    nowhere = request_of(session, file_id, webhook=webhook)
    batch_id = session.expect_id(await session.create(nowhere), "an accepted batch")
    await session.get(batch_id)


async def _secrets(session: Session, file_id: str) -> None:
    """A secret with blanks around it for two batches, and one beyond ASCII."""
    name = unknown_id("")
    padded = await session.receiver(secret=f"  whsec_{name}  ")
    strange = await session.receiver(secret=f"whsec_schlüssel-{name}")
    hooks = (padded, padded, strange)
    for hook in hooks:
        body = request_of(session, file_id, webhook=hook.webhook(events=["created"]))
        session.expect_id(await session.create(body), "an accepted batch")
    # A slow gateway is waited for once, not for each of them.
    await asyncio.gather(*(heard(session, hook, "created") for hook in hooks))


@scenario("HOOK-REG-12", needs=("files", "wallet"), alone=True)
async def webhook_refused_at_no_cost(session: Session) -> None:
    """A create that is refused for its webhook, and the balance before and after"""
    file_id = await session.file()
    await session.wallet()
    await session.create(request_of(session, file_id, webhook={"url": "http://example.com/h"}))
    await session.wallet()
