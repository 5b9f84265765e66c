"""Cancelling batches: in every state, by every address, and again."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from conformance.json_text import at
from conformance.requirements import registry
from conformance.routes import TERMINAL
from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.playing import play, unknown_id
from conformance.targets.session import Session, status_of
from conformance.transcript import Exchange

# A day and an hour: longer than the window of any batch.
_PAST_THE_WINDOW_MS = 90_000_000

# End → the life that leads to it, and the steps at the provider before a read shows the end.
_ENDS: Mapping[str, tuple[str, int]] = {
    "completed": ("complete", 2),
    "failed": ("failed", 0),
    "expired": ("expired", 1),
    "cancelled": ("cancelled", 1),
}


async def created(session: Session, file_id: str) -> str:
    """The id of a batch of this file."""
    made = await session.create(request_of(session, file_id))
    return session.expect_id(made, "an accepted batch")


@scenario("REST-CANCEL-07", "REST-CANCEL-14")
async def cancel_unknown_batch(session: Session) -> None:
    """A cancel of a batch that nobody made, below both paths"""
    batch_id = unknown_id("batch_")
    await session.cancel(batch_id)
    await session.cancel(batch_id, prefix="/batch")


@scenario(
    "REST-CANCEL-01", "REST-CANCEL-06", "REST-CANCEL-09", "REST-CANCEL-12", "REST-CANCEL-13",
    "REST-CANCEL-14", "REST-STATE-01", "REST-STATE-03", "REST-STATE-04", "REST-STATE-05",
    "REST-STATE-12",
    needs=("create", "cancel"),
    cost="create",
    batches=3,
)  # fmt: skip
async def cancel_while_running(session: Session) -> None:
    """Cancels without a body, with an empty object, twice at once, and below the alias"""
    file_id = await session.file()
    batch_id = await created(session, file_id)
    await session.get(batch_id)
    await session.cancel(batch_id)
    await session.cancel(batch_id)
    other_id = await created(session, file_id)
    await session.call("POST", f"/batches/{quote(other_id, safe='')}/cancel", body={})
    alias_id = await created(session, file_id)
    await session.cancel(alias_id, prefix="/batch")
    for cancelled_id in (batch_id, alias_id):
        await session.get(cancelled_id)


@scenario(
    "REST-CANCEL-01", "REST-CANCEL-12", "REST-CANCEL-13", "REST-STATE-12",
    needs=("create", "cancel"),
    cost="create",
    batches=2,
)  # fmt: skip
async def cancel_by_its_url(session: Session) -> None:
    """A POST to the cancel_url that a GET of the batch answered with, or the create by the alias"""
    file_id = await session.file()
    await _call_cancel_url(session, await session.get(await created(session, file_id)))
    made = await session.create(request_of(session, file_id), path="/batch")
    await _call_cancel_url(session, made)


async def _call_cancel_url(session: Session, shown: Exchange) -> None:
    url = at(shown.response.json, "/cancel_url") if shown.response else None
    # The key goes nowhere but to the target.
    if isinstance(url, str) and _origin(url) == _origin(session.base_url):
        await session.call("POST", url)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


@scenario(
    "REST-CANCEL-01", "REST-CANCEL-02", "REST-CANCEL-05", "REST-CANCEL-06", "REST-CANCEL-12",
    "REST-CANCEL-13", "REST-STATE-01", "REST-STATE-02", "REST-STATE-03", "REST-STATE-04",
    "REST-STATE-05", "REST-STATE-11", "REST-STATE-12",
    needs=("create", "cancel", "terminal"),
    cost="settle",
)  # fmt: skip
async def cancel_to_the_end(session: Session) -> None:
    """A cancel right after the create, polled to its end and repeated there"""
    batch_id = await session.batch()
    await session.cancel(batch_id)
    await _poll_to_the_end(session, batch_id)
    await session.cancel(batch_id)
    await session.get(batch_id)


@scenario(
    "REST-CANCEL-01", "REST-CANCEL-02", "REST-STATE-11", "REST-STATE-12",
    needs=("create", "cancel", "terminal", "outcome-control"),
    cost="settle",
)  # fmt: skip
async def cancel_in_progress_to_the_end(session: Session) -> None:
    """A cancel of a batch that was seen in progress, polled to its end"""
    batch_id = await session.batch()
    await session.get(batch_id)
    await session.cancel(batch_id)
    await _poll_to_the_end(session, batch_id)


async def _poll_to_the_end(session: Session, batch_id: str) -> None:
    if session.control is None:
        await session.poll_until(batch_id)
        return
    for _ in range(3):
        if status_of(await session.get(batch_id)) in TERMINAL:
            return
    await session.act("clock_advanced", by_ms=_PAST_THE_WINDOW_MS)
    await session.get(batch_id)


@scenario(
    "REST-CANCEL-03", "REST-CANCEL-04", "REST-CANCEL-05", "REST-STATE-01", "REST-STATE-02",
    "REST-STATE-03", "REST-STATE-04", "REST-STATE-06", "REST-STATE-09", "REST-STATE-10",
    "REST-STATE-11", "REST-STATE-13", "REST-STATE-15", "REST-STATE-16",
    needs=("create", "cancel", "terminal", "outcome-control", "provider-control"),
    cost="settle",
    batches=4,
)  # fmt: skip
async def cancel_after_each_end(session: Session) -> None:
    """A cancel of a completed, a failed, an expired and a cancelled batch, the provider watched"""
    file_id = await session.file()
    for status, (life, steps) in _ENDS.items():
        await session.act("life_scripted", life=life)
        batch_id = await created(session, file_id)
        await session.act("provider_step", batch=batch_id, steps=steps)
        await session.get(batch_id)
        await session.act("provider_saw")
        if status == "cancelled":
            await session.cancel(batch_id)
        else:
            await play_late_cancel(session, batch_id, status)
            await session.cancel(batch_id, prefix="/batch")
        await session.act("provider_saw")
        await session.get(batch_id)


async def play_late_cancel(session: Session, batch_id: str, status: str) -> None:
    """Cancel a batch that has ended with this status, as the table says it."""
    row = registry()["REST-CANCEL-04"]
    await play(session, row, {"any-batch": batch_id}, given=status)


@scenario("REST-CANCEL-08", needs=("create", "operator-control"), cost="create")
async def cancel_at_another_provider(session: Session) -> None:
    """A cancel of a stored batch of a provider that cannot cancel"""
    batch_id = await session.batch()
    await session.act("stored_provider_changed", batch=batch_id, provider="another")
    row = registry()["REST-CANCEL-08"]
    await play(session, row, {"any-batch": batch_id}, given="other-provider")
