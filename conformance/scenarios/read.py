"""Reading a batch until it has ended, well or badly."""

from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.targets.session import Session


@scenario(
    "REST-GET-01", "REST-GET-03", "REST-GET-08", "REST-SHAPE-04", "REST-SHAPE-05",
    "REST-SHAPE-06", "REST-SHAPE-15", "REST-SHAPE-19", "REST-SHAPE-21", "REST-SHAPE-22",
    needs=("create", "terminal"),
    cost="settle",
)  # fmt: skip
async def poll_to_the_end(session: Session) -> None:
    """A batch that is only polled, until its end shows"""
    batch_id = await session.batch()
    if session.control is None:
        await session.poll_until(batch_id)
    else:
        # The provider is moved by hand, so that a gateway that never looks cannot hang the run.
        await session.act("provider_hold", batch=batch_id, hold=True)
        await session.get(batch_id)
        await session.act("provider_step", batch=batch_id, steps=3)
        await session.get(batch_id)
    await session.get(batch_id, prefix="/batch")


@scenario(
    "REST-SHAPE-23", "REST-SHAPE-04", "REST-SHAPE-19", "REST-GET-03",
    needs=("create", "terminal"),
    cost="settle",
)  # fmt: skip
async def read_a_batch_refused_in_validation(session: Session) -> None:
    """Two rows with one custom_id, which fail the batch"""
    file_id = await session.file(session.row("twice") + session.row("twice"))
    created = await session.create(request_of(session, file_id))
    batch_id = session.expect_id(created, "an accepted batch")
    if session.control is None:
        await session.poll_until(batch_id)
    else:
        await session.act("provider_hold", batch=batch_id, hold=True)
        await session.act("provider_step", batch=batch_id, steps=1)
        await session.get(batch_id)


@scenario("REST-GET-07", needs=("create", "terminal", "provider-control"), cost="settle")
async def read_while_the_output_is_out_of_reach(session: Session) -> None:
    """The GET that sees the end, while the output file cannot be downloaded"""
    batch_id = await session.batch()
    await session.get(batch_id)
    await session.act("provider_hold", batch=batch_id, hold=True)
    await session.act("provider_step", batch=batch_id, steps=2)
    await session.act("provider_next_error", match="content", status=500)
    await session.get(batch_id)
    await session.get(batch_id)
