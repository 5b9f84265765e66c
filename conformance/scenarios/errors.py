"""Errors that others cause: the provider, the store, a key that the operator forgot."""

from collections.abc import Awaitable, Callable
from typing import Any

from conformance.requirements import registry
from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.playing import play
from conformance.targets.session import Session
from conformance.transcript import Exchange

_FORMS = tuple(f"REST-ERR-{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13))


def _error(message: str, kind: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


@scenario(
    *_FORMS, "REST-ERR-11", "REST-FILES-14",
    needs=("create", "files", "cancel", "provider-control", "operator-control"),
    cost="create",
)  # fmt: skip
async def troubles_of_the_provider(session: Session) -> None:
    """Each call to the provider refused once, then a lost connection and a failing store"""
    file_id = await session.file()
    request = request_of(session, file_id)
    batch_id = session.expect_id(await session.create(request), "an accepted batch")
    calls: list[tuple[str, int, Callable[[], Awaitable[Exchange]]]] = [
        ("create", 429, lambda: session.create(request)),
        ("get", 500, lambda: session.get(batch_id)),
        ("cancel", 409, lambda: session.cancel(batch_id)),
        ("upload", 413, lambda: session.upload(session.rows(1))),
        ("content", 503, lambda: session.content(file_id)),
    ]
    for match, status, call in calls:
        body = _error(f"This {match} was refused.", "provider_refusal")
        await session.act("provider_next_error", match=match, status=status, body=body)
        await call()
    for match, call in (("create", calls[0][2]), ("get", calls[1][2])):
        await session.act("provider_next_error", match=match, hangup=True)
        await call()
    await session.act("database_next_call_fails", operation="create")
    await session.create(request)


@scenario("REST-ERR-12", needs=("create", "files", "operator-control"), cost="create")
async def provider_key_missing(session: Session) -> None:
    """Batch and file routes while the gateway has no key for the provider"""
    file_id = await session.file()
    created = await session.create(request_of(session, file_id))
    batch_id = session.expect_id(created, "an accepted batch")
    fixtures = {"batch:stored": batch_id, "file:stored": file_id}
    await session.act("provider_key_removed", removed=True)
    await play(session, registry()["REST-ERR-12"], fixtures, given="no-provider-key")
    await session.act("provider_key_removed", removed=False)
