"""Isolation: batches and files as seen with keys of another workspace, and of the same one."""

import secrets

from conformance.scenarios import scenario
from conformance.scenarios.cancel import created
from conformance.scenarios.create import request_of
from conformance.targets.session import Session

_WHOLE = "limit=100"


def _like(known_id: str) -> str:
    """An id of the form of a known one that nobody made."""
    return known_id[:-6] + secrets.token_hex(3)


@scenario("REST-ISO-08", "REST-ISO-05", "REST-ISO-07", needs=("files",))
async def file_out_of_place(session: Session) -> None:
    """A file asked for as if it were a batch, and read with a key of another workspace"""
    file_id = await session.file()
    await session.list(_WHOLE)
    # The second is the id under which revision A keeps a file among its batches.
    for odd_id in (file_id, f"__file__:{file_id}"):
        await session.get(odd_id)
    if "b" in session.keys:
        await session.list("limit=1", key="b")
        for path in (file_id, _like(file_id)):
            await session.metadata(path, key="b")
        await session.content(file_id, key="b")


@scenario(
    "REST-ISO-01", "REST-ISO-02", "REST-ISO-03", "REST-ISO-06", "REST-ISO-07",
    needs=("create", "second-key"),
    cost="create",
)  # fmt: skip
async def foreign_batch(session: Session) -> None:
    """A batch read, cancelled and listed with a key of another workspace, and its file used"""
    file_id = await session.file()
    batch_id = await created(session, file_id)
    for query in (_WHOLE, "", "status=pending"):
        await session.list(query, key="b")
    await session.list(_WHOLE, key="b", prefix="/batch")
    for path in (batch_id, _like(batch_id)):
        await session.get(path, key="b")
        await session.cancel(path, key="b")
    await session.get(batch_id, key="b", query="x=1")
    await session.get(batch_id, key="b", prefix="/batch")
    await session.cancel(batch_id, key="b", prefix="/batch")
    await session.get(batch_id)
    request = request_of(session, file_id)
    await session.create(request, key="b")
    await session.metadata(file_id, key="b")
    await session.content(file_id, key="b")
    await session.create(request, key="b", path="/batch")


@scenario("REST-ISO-04", needs=("create", "same-workspace-key"), cost="create")
async def batch_of_another_key(session: Session) -> None:
    """A batch read and listed with another key of its workspace"""
    batch_id = await session.batch()
    await session.get(batch_id, key="same")
    await session.list(_WHOLE, key="same")
