"""A whole scenario against streams that misbehave: a finding or a plain reason, soon, no crash."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from conformance.checks import judge
from conformance.drive import drive
from conformance.mock.server import MockServer
from conformance.requirements import registry
from conformance.scenarios import all_scenarios
from conformance.targets.limits import EventLimits
from conformance.targets.mock import MockTarget
from conformance.targets.ws_wire import Dialled, Upgrade, WsWire
from conformance.transcript import Stream, Transcript

LIMITS = EventLimits(
    open_s=0.3, wait_s=0.2, stream_s=10.0, close_s=0.1, frame_bytes=4096, stream_bytes=65_536,
    frames=100,
)  # fmt: skip
ROWS = [row for row in registry().masters("ai-stats") if row.family == "events"]
Streamed = Callable[..., Transcript]


@dataclass(frozen=True)
class Elsewhere:
    """Opens the streams of a target at another port."""

    port: int
    limits: EventLimits = LIMITS

    async def dial(self, upgrade: Upgrade, ear: Any, redactor: Any) -> Dialled:
        place = urlsplit(upgrade.url)._replace(netloc=f"127.0.0.1:{self.port}").geturl()
        return await WsWire(limits=LIMITS).dial(replace(upgrade, url=place), ear, redactor)


@pytest.fixture
def streamed(raw: Any, mock_gateway: MockServer) -> Streamed:
    """Drive a scenario on the mock, whose streams are those of a script."""

    def run(script: Any, name: str = "stream_handshakes") -> Transcript:
        found: list[Transcript] = []

        async def go() -> None:
            target = MockTarget(server=mock_gateway)
            async with raw(script) as server:
                target._ws_wire = Elsewhere(server.port)  # type: ignore[assignment]
                await drive([all_scenarios()[name]], target, keep=found.append)

        begun = time.monotonic()
        asyncio.run(go())
        assert time.monotonic() - begun < 30
        assert not found[0].crashed
        return found[0]

    return run


def broken(transcript: Transcript) -> set[str]:
    found = judge([transcript], ROWS, "ai-stats")
    assert [one.crash for one in found.values() if one.crash] == []
    return {one for one, judgement in found.items() if judgement.broken}


def sends(*frames: tuple[int, bytes]) -> Any:
    """Accepts, sends these frames and waits."""

    async def script(caller: Any) -> None:
        await caller.accept()
        for opcode, data in frames:
            await caller.send(opcode, data)
        await caller.until_gone()

    return script


def says(*texts: str) -> Any:
    return sends(*((1, text.encode()) for text in texts))


def floods(data: bytes) -> Any:
    async def script(caller: Any) -> None:
        await caller.accept()
        while True:
            await caller.write(data * 1000)

    return script


async def announces_100_mb(caller: Any) -> None:
    await caller.accept()
    await caller.write(b"\x81\x7f" + (100 * 2**20).to_bytes(8, "big"))
    while True:
        await caller.write(b"x" * 65_536)


async def is_lost(caller: Any) -> None:
    await caller.accept()
    caller.writer.transport.abort()


async def never_answers(caller: Any) -> None:
    await caller.until_gone()


NEEDED = "needed the first frame of a stream, got "


@pytest.mark.parametrize(
    ("script", "stopped", "fell"),
    [
        (sends((2, b"\x00\xff")), None, {"WS-FRAME-01", "WS-FRAME-03"}),
        (sends((2, b"{}")), None, {"WS-FRAME-01", "WS-FRAME-03"}),
        (says('{"type":'), None, {"WS-FRAME-01", "WS-FRAME-03"}),
        (says("[" * 2000), None, {"WS-FRAME-01", "WS-FRAME-03"}),
        (says("[]", "7", '{"type":{}}'), None, {"WS-FRAME-01", "WS-FRAME-03"}),
        (says('{"type":"job.snapshot","data":null}'), None, {"WS-FRAME-07"}),
        (says('{"type":"job.snapshot","data":{"status":[],"id":{}}}'), None, {"WS-FRAME-12"}),
        (floods(b'\x81\x0c{"type":"x"}'), None, {"WS-FRAME-02", "WS-FRAME-03"}),
        (floods(b"\x89\x00"), NEEDED + "more than 100 frames (too-large)", set()),
        (announces_100_mb, NEEDED + "frame with 104857600 bytes exceeds limit of 4096 bytes "
         "(too-large)", set()),
        (is_lost, NEEDED + "closed with 1006", set()),
        (never_answers, "5 calls in a row got no answer, the last: timed out during opening "
         "handshake (timeout)", set()),
    ],
    ids=["binary", "object-in-bytes", "cut-json", "deep", "other-json", "no-data", "odd-data",
         "flood", "pings", "100-mb", "lost", "silent"],
)  # fmt: skip
def test_a_stream_that_misbehaves_is_found_out_or_named(
    script: Any, stopped: str | None, fell: set[str], streamed: Streamed
) -> None:
    transcript = streamed(script)
    frames = {one for one in broken(transcript) if one.startswith("WS-FRAME")}
    assert (transcript.failure, fell - frames) == (stopped, set())
    assert fell or frames == set()
    assert all(len(one.frames) <= LIMITS.frames for _, one in transcript.of(Stream))


def watched_for_longer(transcript: Transcript) -> Transcript:
    """The same with streams that were left open for ten more seconds."""
    steps = [
        replace(step, close=replace(step.close, at_ms=step.close.at_ms + 10_000))
        if isinstance(step, Stream) and step.close
        else step
        for step in transcript.steps
    ]
    return replace(transcript, steps=tuple(steps))


def test_a_stream_without_a_snapshot_breaks_that_promise(streamed: Streamed) -> None:
    transcript = streamed(says())
    assert transcript.failure == NEEDED + "nothing on an open stream"
    assert "WS-FRAME-03" not in broken(transcript)
    assert "WS-FRAME-03" in broken(watched_for_longer(transcript))


def test_the_other_channels_are_judged_beside_a_stream_that_misbehaves(
    streamed: Streamed,
) -> None:
    transcript = streamed(says("{"), "channels_of_a_whole_life")
    assert not transcript.failure
    assert {one for one in broken(transcript) if one.startswith(("HOOK", "XCH"))} == set()
