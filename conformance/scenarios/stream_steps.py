"""Steps that scenarios of streams share: opening, pinging, letting time pass, playing refusals."""

from typing import Any
from urllib.parse import quote, urlsplit

from conformance import tables
from conformance.event_views.streams import value_of
from conformance.json_text import at
from conformance.requirements import Case, Requirement
from conformance.scenarios.playing import unknown_id, unknown_token
from conformance.targets.session import ScenarioStopped, Session
from conformance.targets.stream import LiveStream, typed
from conformance.transcript import Frame

# A pong may take 2 s; that there is none is certain a second later.
PONG_S = 3.2
# Behind a clock that is moved, news that is due comes at once; this long it is missed.
_DUE_S = 1.3
_AT_ONCE_S = 0.3
# A record may be cached for a second.
CACHE_MS = 1100
# The longest interval, and that second.
LONGEST_MS = 11_100


def path_of(batch_id: str, kind: str = "batch") -> str:
    """The path of a stream below the API base."""
    return f"/async/{kind}/{quote(batch_id, safe='')}/ws"


async def snapshot(stream: LiveStream) -> Frame:
    """The first frame of a stream that was granted; ScenarioStopped without one."""
    frame = await stream.frame() if stream.opened else None
    if frame is None:
        raise ScenarioStopped(f"needed the first frame of a stream, got {stream.came}")
    return frame


async def ping(stream: LiveStream) -> None:
    """Ping and wait for the pong: all that was sent before has been dealt with then."""
    await stream.send("ping")
    if await stream.until(typed("pong"), PONG_S) is None and not stream.ended:
        raise ScenarioStopped("the stream answers no ping")


async def updated(session: Session, stream: LiveStream, due_s: float = _DUE_S) -> Frame | None:
    """The next update; None when none comes in time."""
    return await stream.until(typed("job.updated"), due_s if session.control else None)


async def closed(session: Session, stream: LiveStream) -> None:
    """Wait for the server to close, for longer than any interval when it does not do so at once."""
    if session.control is None:
        await stream.end()
    elif not await stream.end(_AT_ONCE_S):
        await session.act("clock_advanced", by_ms=LONGEST_MS)
        await stream.end(_DUE_S)


async def pass_time(session: Session, stream: LiveStream, by_ms: int) -> None:
    """Let time pass by the clock of the target, or in earnest where nobody can move that."""
    if session.control is not None:
        await session.act("clock_advanced", by_ms=by_ms)
    else:
        await stream.until(lambda _frame: False, by_ms / 1000)


def is_ours(url: Any, session: Session) -> bool:
    """Whether an address is one of the target: the key goes nowhere else."""
    return isinstance(url, str) and urlsplit(url).netloc == urlsplit(session.base_url).netloc


def shown(frame: Frame, name: str) -> Any:
    """A member of the data of a frame."""
    return at(value_of(frame.content), f"/data/{name}")


async def play_upgrades(session: Session, row: Requirement) -> None:
    """Ask for the stream of every case of a row whose key is at hand, labelled as the case."""
    for case in row.table:
        credential = case.request.get("credential", "key")
        if credential in {"key", "none", "unknown"} or credential in session.keys:
            await _play(session, row, case, "a" if credential == "key" else credential)


async def _play(session: Session, row: Requirement, case: Case, key: str) -> None:
    known = {
        "key": session.keys["a"],
        "any-batch": unknown_id("batch_"),
        "unknown-batch": unknown_id("batch_"),
    }
    request = tables.fill(case.request, known)
    headers = dict(request.get("headers", {}))
    is_plain = headers.pop("Upgrade", None) is None
    if key == "unknown" and key not in session.keys:
        headers["Authorization"] = f"Bearer {unknown_token()}"
    pairs, named = tuple(headers.items()), key if key in session.keys else None
    query, label = quote(request.get("query", ""), safe="=&"), tables.label_of(row, case)
    if is_plain:
        await session.call("GET", request["path"], key=named, headers=pairs, label=label)
        return
    async with session.stream(request["path"], key=named, headers=pairs, query=query, label=label):
        pass
