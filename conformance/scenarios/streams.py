"""Handshakes of streams: who is let in, under which addresses, and who is refused."""

from urllib.parse import quote

from conformance.json_text import at
from conformance.requirements import registry
from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.scenarios.playing import unknown_id
from conformance.scenarios.stream_steps import (
    is_ours,
    path_of,
    play_upgrades,
    shown,
    snapshot,
)
from conformance.targets.session import ScenarioStopped, Session
from conformance.transcript import Exchange

_REFUSED = ("WS-HS-06", "WS-HS-09", "WS-HS-10", "WS-HS-12", "WS-HS-14")
# What every stream shows that was opened.
EVERY_STREAM = (
    "WS-HS-01", "WS-FRAME-01", "WS-FRAME-02", "WS-FRAME-03", "WS-FRAME-04", "WS-FRAME-07",
    "WS-FRAME-08", "WS-FRAME-09", "WS-FRAME-10", "WS-FRAME-11", "WS-FRAME-12", "WS-FRAME-13",
    "WS-FRAME-14", "WS-FRAME-15", "WS-FRAME-19", "WS-FRAME-31", "WS-FRAME-33",
    "WS-FRAME-36",
)  # fmt: skip


@scenario(*_REFUSED, "WS-HS-07", "WS-HS-15", needs=("stream",))
async def stream_refusals(session: Session) -> None:
    """Every handshake of the tables that is refused"""
    for name in _REFUSED:
        await play_upgrades(session, registry()[name])


@scenario("WS-HS-15", "WS-HS-21", needs=("files", "stream"))
async def stream_of_a_file(session: Session) -> None:
    """A stream of the row that the gateway may keep of an uploaded file"""
    file_id = await session.file()
    async with session.stream(f"__file__:{file_id}"):
        pass


@scenario("WS-HS-11", "WS-HS-15", needs=("create", "second-key", "stream"), cost="create")
async def stream_of_another_workspace(session: Session) -> None:
    """Streams of a stranger's batch, and of one that nobody made"""
    batch_id = await session.batch()
    await session.list("limit=1", key="b")
    for one in (batch_id, unknown_id("batch_")):
        async with session.stream(one, key="b"):
            pass


@scenario(
    "WS-HS-15", "WS-HS-18",
    needs=("create", "stream", "provider-control"),
    cost="create",
)  # fmt: skip
async def stream_by_the_id_of_the_provider(session: Session) -> None:
    """A stream asked for with the id under which the provider knows the batch"""
    batch_id = await session.batch()
    await session.act("stored_native_id_changed", batch=batch_id, native_id=unknown_id("batch_"))
    answer = await session.get(batch_id)
    native_id = at(answer.response.json, "/native_batch_id") if answer.response else None
    if not isinstance(native_id, str):
        raise ScenarioStopped("the provider has no id of its own for the batch")
    async with session.stream(native_id):
        pass


@scenario(
    *EVERY_STREAM, "WS-HS-02", "WS-HS-03", "WS-HS-04", "WS-HS-05", "WS-HS-13", "WS-HS-15",
    "WS-HS-17", "WS-HS-19", "WS-OPT-11", "WS-URL-11", "WS-CLOSE-10", "WS-FRAME-29", "WS-FRAME-32",
    needs=("create", "stream"),
    cost="create",
)  # fmt: skip
async def stream_handshakes(session: Session) -> None:
    """One batch asked for under its address as it stands, spelt otherwise, and without upgrade"""
    created = await session.create(request_of(session, await session.file()))
    batch_id = session.expect_id(created, "an accepted batch")
    for target in (batch_id, *_address(created, session), *_spellings(batch_id)):
        async with session.stream(target) as stream:
            await stream.frame()
    async with session.stream(batch_id, query="x=1&interval_ms=1500") as stream:
        first = await snapshot(stream)
    await session.call("GET", path_of(batch_id))
    other = (("upgrade", "h2c"), ("connection", "upgrade"))
    await session.call("GET", path_of(batch_id), headers=other)
    polling_url = shown(first, "polling_url")
    if is_ours(polling_url, session):
        await session.call("GET", polling_url)


def _address(created: Exchange, session: Session) -> list[str]:
    """The websocket_url of an answer, when it shows one that leads to the target."""
    url = at(created.response.json, "/websocket_url") if created.response else None
    return [url] if isinstance(url, str) and is_ours(url, session) else []


def _spellings(batch_id: str) -> list[str]:
    """Its id with a letter escaped, its kind in capitals, and another kind."""
    escaped = f"%{ord(batch_id[0]):02X}{quote(batch_id[1:], safe='')}"
    return [f"/async/batch/{escaped}/ws", path_of(batch_id, "BATCH"), path_of(batch_id, "video")]
