"""Creating and reading while the provider or the store behind the gateway fails."""

from conformance.requirements import registry
from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.playing import play
from conformance.targets.session import Session


@scenario(
    "REST-CREATE-05", "REST-CREATE-10", "REST-CREATE-11", "REST-CREATE-14", "REST-CREATE-15",
    "REST-GET-06",
    needs=("create", "wallet", "provider-control"),
    cost="create",
)  # fmt: skip
async def create_while_the_provider_fails(session: Session) -> None:
    """What the provider gets, and what becomes of its failures at create and GET"""
    file_id = await session.file()
    inline = {"url": "https://example.com/hooks", "events": ["job.expired"]}
    webhook = await session.webhook(inline)
    own = {"session_id": "agent-run-42", "sessionId": "agent-run-43", "webhook": webhook}
    extra = {"x_conformance": {"kept": [1, None, "ä"]}, **own}
    created = await session.create(request_of(session, file_id, **extra))
    await session.act("provider_saw")
    batch_id = session.expect_id(created, "an accepted batch")
    for status, kind in ((500, "server_error"), (404, "invalid_request_error")):
        error = {"message": "scripted", "type": kind, "param": None, "code": None}
        await session.act("provider_next_error", match="get", status=status, body={"error": error})
        await session.get(batch_id)
    request = request_of(session, file_id)
    await session.wallet()
    await session.act("provider_next_error", match="create", hangup=True)
    await session.create(request)
    await session.wallet()
    await session.act("provider_next_error", match="create", status=200, body={"object": "batch"})
    await session.create(request)
    await session.wallet()
    await session.list("limit=100")
    await session.act("provider_next_error", match="content", status=500)
    await session.create(request)
    await session.list("limit=100")


@scenario(
    "REST-CREATE-12", "REST-CREATE-17", "REST-GET-05",
    needs=("create", "wallet", "provider-control", "operator-control"),
    cost="create",
)  # fmt: skip
async def create_while_the_operator_interferes(session: Session) -> None:
    """A store that fails, a batch of another provider, and the API switched off"""
    request = request_of(session, await session.file())
    await session.act("provider_saw")
    await session.wallet()
    await session.act("database_next_call_fails", operation="create")
    await session.create(request)
    await session.wallet()
    await session.act("provider_saw")
    batch_id = session.expect_id(await session.create(request), "an accepted batch")
    await session.act("stored_provider_changed", batch=batch_id, provider="mistral")
    fixtures = {"batch:foreign": batch_id}
    await play(session, registry()["REST-GET-05"], fixtures, given="other-provider")
    await session.act("batch_switch", enabled=False)
    await play(session, registry()["REST-CREATE-17"], given="switched-off")
    await session.act("batch_switch", enabled=True)
