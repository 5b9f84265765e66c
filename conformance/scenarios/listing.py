"""Lists: their envelope, size, order and filters, and that they change nothing."""

from conformance.json_text import at
from conformance.requirements import registry
from conformance.scenarios import scenario
from conformance.scenarios.cancel import created
from conformance.scenarios.playing import play
from conformance.targets.session import Session
from conformance.transcript import Exchange

_WHOLE = "limit=100"
_WORDS = (
    "pending", "queued", "in_progress", "running", "processing", "completed", "failed",
    "cancelled", "canceled", "expired",
)  # fmt: skip
_MANY_WORDS = (
    "status=completed&status=failed",
    "status=completed,failed",
    "statuses=completed,failed",
)
# Scripted life and the steps at the provider before the one read of the batch.
_SCRIPTED = (("slow", 0), ("complete", 1), ("complete", 2), ("expired", 1))


@scenario(
    "REST-LIST-01", "REST-LIST-02", "REST-LIST-04", "REST-LIST-09", "REST-LIST-14",
    "REST-LIST-15", "REST-LIST-16",
    alone=True,
)  # fmt: skip
async def list_whatever_is_there(session: Session) -> None:
    """The list as it is, in all ways, and one batch of each status that is in it"""
    listed = await session.list(_WHOLE)
    await session.list(_WHOLE, prefix="/batch")
    for batch_id in _one_of_each(listed):
        await session.get(batch_id)
    await session.list()
    await session.list("limit=1000")
    await session.list(f"status=nonsense&{_WHOLE}")


def _one_of_each(listed: Exchange) -> list[str]:
    """The first batch of each status in a list."""
    data = at(listed.response.json, "/data") if listed.response else None
    first: dict[str, str] = {}
    for item in data if isinstance(data, list) else ():
        status, batch_id = at(item, "/status"), at(item, "/id")
        if isinstance(status, str) and isinstance(batch_id, str) and batch_id:
            first.setdefault(status, batch_id)
    return list(first.values())


@scenario(
    "REST-LIST-01", "REST-LIST-02", "REST-LIST-03", "REST-LIST-04", "REST-LIST-05",
    "REST-LIST-09", "REST-LIST-10", "REST-LIST-11", "REST-LIST-12", "REST-LIST-14",
    "REST-LIST-15", "REST-LIST-16", "REST-STATE-03",
    needs=("create",),
    cost="create",
    alone=True,
    batches=3,
)  # fmt: skip
async def list_three_batches(session: Session) -> None:
    """Three batches, the first of them read last, in lists of every size"""
    file_id = await session.file()
    batch_ids = [await created(session, file_id) for _ in range(3)]
    await session.get(batch_ids[0])
    await session.list(_WHOLE)
    await session.list(_WHOLE, prefix="/batch")
    await session.list()
    await session.list("status=pending&limit=1")
    await session.list("limit=2", prefix="/batch")
    await session.list("limit=2")
    await session.list(f"limit=2&after={batch_ids[0]}")
    await session.list(f"status=nonsense&{_WHOLE}")
    await play(session, registry()["REST-LIST-05"])


@scenario(
    "REST-LIST-01", "REST-LIST-02", "REST-LIST-04", "REST-LIST-06", "REST-LIST-07",
    "REST-LIST-08", "REST-LIST-10", "REST-LIST-11", "REST-LIST-12", "REST-LIST-15",
    "REST-CANCEL-01", "REST-STATE-01", "REST-STATE-03", "REST-STATE-04", "REST-STATE-05",
    "REST-STATE-11", "REST-STATE-12",
    needs=("create", "cancel", "terminal"),
    cost="settle",
    batches=8,
)  # fmt: skip
async def list_by_status(session: Session) -> None:
    """Batches in as many states as can be brought about, and every word of the filter"""
    twice = session.row("twice") + session.row("twice")
    failed = await created(session, await session.file(twice))
    await session.poll_until(failed)
    file_id = await session.file()
    cancelled = await created(session, file_id)
    await session.cancel(cancelled)
    await session.poll_until(cancelled)
    if session.control is not None:
        await _more_states(session, file_id)
    await created(session, file_id)
    await session.list(_WHOLE)
    for word in _WORDS:
        await session.list(f"status={word}&{_WHOLE}")
    for words in _MANY_WORDS:
        await session.list(f"{words}&{_WHOLE}")
    # The newest batches are others: a limit counts what the filter has left.
    await session.list("status=failed&limit=1")
    await session.list(_WHOLE)


async def _more_states(session: Session, file_id: str) -> None:
    """Batches in progress, finalizing, completed, expired and cancelling, by script."""
    for life, steps in _SCRIPTED:
        await session.act("life_scripted", life=life)
        batch_id = await created(session, file_id)
        await session.act("provider_step", batch=batch_id, steps=steps)
        await session.get(batch_id)
    await session.act("life_scripted", life="cancel_slow")
    cancelling_id = await created(session, file_id)
    await session.cancel(cancelling_id)
    await session.get(cancelling_id)


@scenario("REST-LIST-10", "REST-LIST-13", needs=("create", "provider-control"), cost="create")
async def list_behind_the_provider(session: Session) -> None:
    """A list while the provider is ahead of what the gateway knows, the provider watched"""
    batch_id = await session.batch()
    await session.get(batch_id)
    await session.act("provider_step", batch=batch_id, steps=2)
    await session.act("provider_saw")
    await session.list(_WHOLE)
    await session.act("provider_saw")


@scenario(
    "REST-LIST-03", "REST-LIST-04",
    needs=("create", "provider-control"),
    cost="create",
    alone=True,
    batches=21,
)  # fmt: skip
async def list_more_than_a_page(session: Session) -> None:
    """One batch more than a list shows by itself, where batches cost nothing"""
    file_id = await session.file(session.rows(1))
    for _ in range(21):
        await created(session, file_id)
    await session.list()
    await session.list("limit=20")
