"""Creating batches: plainly, with all that a request can carry, and in vain."""

from typing import Any

from conformance.requirements import registry
from conformance.scenarios import scenario
from conformance.scenarios.playing import play, unknown_id
from conformance.tables import FREE_ROWS, NO_SUCH_MODEL, VALID
from conformance.targets.session import ScenarioStopped, Session

# What every batch object shows, whatever was asked for.
EVERY_BODY = (
    "REST-SHAPE-01", "REST-SHAPE-02", "REST-SHAPE-03", "REST-SHAPE-04", "REST-SHAPE-05",
    "REST-SHAPE-06", "REST-SHAPE-15", "REST-SHAPE-16", "REST-SHAPE-17", "REST-SHAPE-18",
    "REST-SHAPE-19", "REST-SHAPE-20", "REST-SHAPE-21", "REST-SHAPE-22", "REST-SHAPE-24",
    "REST-SHAPE-26",
)  # fmt: skip


def request_of(session: Session, file_id: str, **members: Any) -> dict[str, Any]:
    """A create request of the endpoint of this run; `members` are laid over it."""
    plain = {
        "input_file_id": file_id,
        "endpoint": session.work.endpoint,
        "completion_window": "24h",
    }
    return {**plain, **members}


@scenario(
    "REST-CREATE-01", "REST-CREATE-02", "REST-CREATE-03", "REST-CREATE-13", "REST-CREATE-16",
    "REST-ECHO-01", "REST-ECHO-02", "REST-ECHO-03", "REST-ECHO-17", "REST-ECHO-18",
    "REST-ECHO-19", "REST-ECHO-20", "REST-GET-01", "REST-GET-08", "REST-GET-10",
    *EVERY_BODY,
    needs=("create",),
    cost="create",
    batches=2,
)  # fmt: skip
async def create_plainly(session: Session) -> None:
    """The shortest request, its batch read in every way, and the same request by the alias"""
    request = request_of(session, await session.file())
    created = await session.call("POST", "/batches", body=request, label=VALID)
    batch_id = session.expect_id(created, "an accepted batch")
    await session.list("limit=100")
    await session.get(batch_id)
    await session.get(batch_id, query="x=1")
    await session.get(batch_id, prefix="/batch")
    created = await session.create(request, path="/batch")
    await session.get(session.expect_id(created, "an accepted batch"))
    await session.list("limit=100")


@scenario(
    "REST-CREATE-01", "REST-CREATE-03", "REST-ECHO-01", "REST-ECHO-02", "REST-ECHO-03",
    "REST-ECHO-04", "REST-ECHO-05", "REST-ECHO-06", "REST-ECHO-10", "REST-ECHO-18",
    "REST-ECHO-19", "REST-GET-01", "REST-GET-04", "REST-GET-08",
    *EVERY_BODY,
    needs=("create", "cancel"),
    cost="create",
)  # fmt: skip
async def create_with_everything(session: Session) -> None:
    """Metadata, session and webhook, found again on create, GET, list and cancel"""
    # Only an expiry would be told, so that nobody is called.
    inline = {"url": "https://example.com/hooks", "secret": "whsec_0", "events": ["job.expired"]}
    webhook = await session.webhook(inline)
    created = await session.create(
        request_of(
            session,
            await session.file(),
            metadata={"job": "nightly", "run": "42 ä"},
            session_id=" agent-rün 42 ",
            **({} if webhook is None else {"webhook": webhook}),
        )
    )
    batch_id = session.expect_id(created, "an accepted batch")
    await session.get(batch_id)
    await session.list("limit=100")
    await session.cancel(batch_id)
    await session.get(batch_id)
    await session.get(batch_id, prefix="/batch")


@scenario(
    "REST-ECHO-02", "REST-ECHO-06", "REST-ECHO-07", "REST-ECHO-08", "REST-ECHO-09",
    "REST-ECHO-10", "REST-ECHO-11", "REST-ECHO-16", "REST-ECHO-20",
    needs=("create",),
    cost="create",
    batches=9,
)  # fmt: skip
async def create_with_odd_members(session: Session) -> None:
    """Sessions of all kinds, a webhook address and an endpoint in other spellings"""
    file_id = await session.file()
    fixtures = {"file:input": file_id, "endpoint": session.work.endpoint}
    for row_id in ("REST-ECHO-08", "REST-ECHO-09", "REST-ECHO-11", "REST-ECHO-16"):
        await play(session, registry()[row_id], fixtures)
    await session.create(request_of(session, file_id, sessionId="agent-run-42"))
    await session.create(request_of(session, file_id, session_id=f" {'ä' * 254} "))
    short = session.work.endpoint.removeprefix("/v1/")
    await session.create(request_of(session, file_id, endpoint=short))


@scenario("REST-CREATE-08", needs=("create",), cost="create")
async def create_from_free_rows(session: Session) -> None:
    """A batch of a model that costs nothing"""
    model = session.work.free_model
    if model is None:
        raise ScenarioStopped("no free model was named")
    file_id = await session.file(session.rows(2, model=model))
    await session.call("POST", "/batches", body=request_of(session, file_id), label=FREE_ROWS)


@scenario("REST-CREATE-05", "REST-CREATE-16")
async def create_without_readable_input(session: Session) -> None:
    """Creates by both paths from a file that is not there, and the list before and after"""
    file_id = unknown_id("file-")
    await session.metadata(file_id)
    await session.list("limit=100")
    await session.create(request_of(session, file_id))
    await session.create(request_of(session, file_id), path="/batch")
    await session.list("limit=100")


@scenario("REST-CREATE-06", needs=("files",))
async def create_with_unknown_model(session: Session) -> None:
    """A create with one row of a model that nobody offers, and the list before and after"""
    bad = session.row("row-2", model=unknown_id(f"{NO_SUCH_MODEL}-"))
    file_id = await session.file(session.row("row-1") + bad)
    await session.list("limit=100")
    await session.create(request_of(session, file_id))
    await session.list("limit=100")
