"""Lives of batches, from create to every end, and what later reads show of them."""

from typing import Any

from conformance.json_text import at
from conformance.routes import TERMINAL
from conformance.scenarios import scenario
from conformance.scenarios.cancel import created, play_late_cancel
from conformance.targets.session import Session, status_of
from conformance.transcript import Exchange

_ANY_LIFE = ("REST-STATE-01", "REST-STATE-03", "REST-STATE-04", "REST-STATE-11")
READ_AFTER_THE_END = "REST-STATE-02"
COMPLETED = (
    *_ANY_LIFE, "REST-STATE-06", "REST-STATE-09", "REST-STATE-10", "REST-STATE-13",
    "REST-STATE-14", "REST-STATE-15", "REST-STATE-16",
)  # fmt: skip
# Beyond what any model takes, so that the provider refuses the row and runs the others.
_TOO_HOT = 5

# Eight rows: nothing done, an eighth (12.5 %), half with failures, all done but not ended.
_FRAMES = (
    ("in_progress", 0, 0),
    ("in_progress", 1, 0),
    ("in_progress", 2, 2),
    ("in_progress", 6, 2),
    ("finalizing", 6, 2),
    ("completed", 6, 2),
)


async def _play_if(session: Session, exchange: Exchange, status: str) -> None:
    """Cancel the batch in vain when it ended as it should."""
    if status_of(exchange) == status and exchange.response is not None:
        await play_late_cancel(session, str(at(exchange.response.json, "/id")), status)


@scenario(
    *COMPLETED, READ_AFTER_THE_END, "REST-STATE-05", "REST-STATE-07", "REST-STATE-08",
    "REST-CANCEL-04", "REST-LIST-01", "REST-LIST-02", "REST-LIST-04", "REST-LIST-10",
    "REST-LIST-11", "REST-LIST-15",
    needs=("create", "terminal"),
    cost="settle",
)  # fmt: skip
async def life_of_a_batch(session: Session) -> None:
    """A batch polled from create to its end, listed on the way, read again and cancelled in vain"""
    batch_id = await session.batch()
    await session.get(batch_id)
    await session.list("limit=100")
    ended = await session.poll_until(batch_id)
    await session.list("limit=100")
    await session.get(batch_id)
    await _play_if(session, ended, "completed")
    await session.get(batch_id)


@scenario(
    *COMPLETED, READ_AFTER_THE_END, "REST-ISO-01", "REST-ISO-05",
    needs=("create", "terminal"),
    cost="settle",
)  # fmt: skip
async def life_with_a_bad_row(session: Session) -> None:
    """A batch in which the provider refuses one row, with both result files"""
    content = session.rows(2) + session.row("too-hot", temperature=_TOO_HOT)
    batch_id = await created(session, await session.file(content))
    ended = await session.poll_until(batch_id)
    found = [_file_of(ended, name) for name in ("output_file_id", "error_file_id")]
    for file_id in filter(None, found):
        await session.content(file_id)
    if "b" in session.keys:
        await session.list("limit=1", key="b")
        for file_id in filter(None, found):
            await session.metadata(file_id, key="b")
            await session.content(file_id, key="b")
        await session.get(batch_id, key="b")
    await session.get(batch_id)


def _file_of(ended: Exchange, name: str) -> str | None:
    value = at(ended.response.json, f"/{name}") if ended.response else None
    return value if isinstance(value, str) and value else None


@scenario(
    *_ANY_LIFE, READ_AFTER_THE_END, "REST-CANCEL-04",
    needs=("create", "terminal"),
    cost="settle",
)  # fmt: skip
async def life_that_fails_in_validation(session: Session) -> None:
    """A batch whose input names one custom_id twice, cancelled in vain when it has failed"""
    content = session.row("twice") + session.row("twice")
    batch_id = await created(session, await session.file(content))
    ended = await session.poll_until(batch_id)
    await session.get(batch_id)
    await _play_if(session, ended, "failed")


@scenario(
    *COMPLETED, "REST-STATE-05", "REST-STATE-07", "REST-STATE-08",
    needs=("create", "terminal", "outcome-control", "provider-control"),
    cost="settle",
)  # fmt: skip
async def life_in_small_steps(session: Session) -> None:
    """Eight rows that finish one after the other, two of them in vain"""
    frames = [_frame(*figures) for figures in _FRAMES]
    await session.act("life_scripted", life=frames)
    batch_id = await session.batch(rows=8)
    for status, completed, _ in _FRAMES:
        await session.get(batch_id)
        if (status, completed) == ("in_progress", 1):
            await session.list("limit=100")


def _frame(status: str, completed: int, failed: int) -> dict[str, Any]:
    return {"status": status, "completed": completed, "failed": failed}


@scenario(
    *COMPLETED, READ_AFTER_THE_END,
    needs=("create", "terminal", "outcome-control"),
    cost="settle",
)  # fmt: skip
async def life_told_otherwise_afterwards(session: Session) -> None:
    """A provider that takes a completed batch up again, read on and on"""
    await session.act("life_scripted", life="flap")
    batch_id = await session.batch()
    for _ in range(5):
        if status_of(await session.get(batch_id)) in TERMINAL:
            break
    for _ in range(2):
        await session.get(batch_id)
    await session.list("limit=100")
