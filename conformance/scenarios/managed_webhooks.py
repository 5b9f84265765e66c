"""Webhooks that lead to managed endpoints, where a workspace registers its receivers beforehand."""

from conformance.requirements import registry
from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.playing import play
from conformance.scenarios.webhooks import heard, let_time_pass
from conformance.targets.receiver import Answer
from conformance.targets.session import Session

_NOBODY = "https://hooks.example.com/x"
_ONLY_EXPIRY = ["job.expired"]


@scenario(
    "HOOK-REG-34", "HOOK-REG-35", "HOOK-REG-36",
    needs=("create", "managed-endpoint"),
    cost="create",
    batches=2,
)  # fmt: skip
async def managed_endpoints_named(session: Session) -> None:
    """An endpoint named in both places, and others that are unknown, foreign or switched off"""
    file_id = await session.file()
    endpoint = await session.endpoint(_NOBODY)
    for members in (
        {"webhook": {"endpoint_id": endpoint, "events": _ONLY_EXPIRY}},
        {"webhook_endpoint_id": endpoint, "webhook": {"events": _ONLY_EXPIRY}},
    ):
        created = await session.create(request_of(session, file_id, **members))
        await session.get(session.expect_id(created, "an accepted batch"))
    fixtures = {
        "endpoint:foreign": await session.endpoint(_NOBODY, key="b"),
        "endpoint:disabled": await session.endpoint(_NOBODY, active=False),
    }
    row = registry()["HOOK-REG-34"]
    await play(session, row)
    await play(session, row, fixtures)


@scenario(
    "HOOK-HEAD-13", "HOOK-RETRY-24",
    needs=("create", "terminal", "webhook", "managed-endpoint", "operator-control"),
    cost="settle",
    batches=2,
)  # fmt: skip
async def managed_endpoints_called(session: Session) -> None:
    """A receiver that redirects to another one, and an endpoint whose secret is gone"""
    other = await session.receiver()
    moved = Answer(307, headers=(("location", other.url),))
    hook = await session.receiver(answers=(moved, 200))
    batch_id = await session.batch(webhook=hook.webhook(events=["job.created"]))
    await heard(session, hook, "created")
    await session.get(batch_id)
    mute = await session.receiver()
    await session.act("webhook_secret_lost", endpoint=mute.endpoint_id)
    batch_id = await session.batch(webhook=mute.webhook(events=["job.created"]))
    await session.poll_until(batch_id)
    await let_time_pass(session)
    await session.get(batch_id)
