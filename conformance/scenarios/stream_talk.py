"""What clients say on a stream: pings, refreshes, and what is neither."""

from conformance.scenarios import scenario
from conformance.scenarios.stream_steps import CACHE_MS, PONG_S, pass_time, ping, snapshot, updated
from conformance.scenarios.streams import EVERY_STREAM
from conformance.targets.session import Session
from conformance.targets.stream import typed

_OTHER = ("hello", "{}", "x" * 65_536, b"\x00ping", '{"type":"pong"}')
_INEXACT = ("PING", " ping", "ping\n")
_REFRESHES = ("refresh", '{"type":"refresh"}')
_LOOK_S = 2.3
_MANY = 80
# Rows that finish one by one while the clock of the target stands still.
_STILL = [{"status": "in_progress", "completed": done, "seconds": 0} for done in range(6)]


@scenario(
    *EVERY_STREAM, "WS-CTRL-01", "WS-CTRL-02", "WS-CTRL-05", "WS-CTRL-07", "WS-CTRL-08",
    "WS-CTRL-09", "WS-CTRL-11", "WS-CLOSE-10",
    needs=("create", "stream"),
    cost="create",
)  # fmt: skip
async def stream_talk(session: Session) -> None:
    """Pings of both forms, refreshes of an idle batch, and messages that nobody knows"""
    batch_id = await session.batch(session_id="agent-run-42")
    await session.get(batch_id)
    async with session.stream(batch_id, query="interval_ms=10000") as stream:
        await snapshot(stream)
        # Nothing else is said or done for as long as an answer to a refresh may take.
        for message in (*_REFRESHES, *_OTHER, *_INEXACT):
            await stream.send(message)
            await ping(stream)
        await stream.send('{"type":"ping"}')
        await stream.until(typed("pong"), PONG_S)
        for _ in range(_MANY):
            await stream.send("ping")
        for _ in range(_MANY):
            if await stream.until(typed("pong"), PONG_S) is None:
                break
    await session.get(batch_id)


@scenario(
    *EVERY_STREAM, "WS-CTRL-03", "WS-CTRL-04", "WS-CTRL-06", "WS-FRAME-05", "WS-FRAME-06",
    "WS-FRAME-18",
    needs=("create", "stream"),
    cost="create",
)  # fmt: skip
async def stream_refreshed(session: Session) -> None:
    """Refreshes of both forms behind a read that has changed the batch"""
    if session.control is not None:
        await session.act("life_scripted", life=_STILL)
    batch_id = await session.batch(rows=6)
    async with session.stream(batch_id, query="interval_ms=10000") as stream:
        await snapshot(stream)
        for message in _REFRESHES:
            await session.get(batch_id)
            await pass_time(session, stream, CACHE_MS)
            await stream.send(message)
            await updated(session, stream, _LOOK_S)
