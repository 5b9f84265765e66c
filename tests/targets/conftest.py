"""Raw servers for streams, and a record that keeps what a session would."""

import asyncio
import base64
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from conformance.redact import Redactor
from conformance.targets.limits import EventLimits
from conformance.targets.stream import LiveStream
from conformance.targets.ws_wire import Upgrade, WsWire
from conformance.transcript import Step, Stream

KEY = "aistats_v1_sk_0123456789abcdef_00ff11ee22dd33cc44bb55aa"
LIMITS = EventLimits(
    open_s=1.0, wait_s=5.0, stream_s=20.0, close_s=0.2, frame_bytes=1024, stream_bytes=4096,
    frames=20,
)  # fmt: skip
Script = Callable[["Caller"], Awaitable[None]]
Work = Callable[[LiveStream], Awaitable[Any]]


@dataclass
class Record:
    """What a session is to a stream or a receiver."""

    redactor: Redactor = field(default_factory=lambda: Redactor({"key:a": KEY}))
    steps: list[Step] = field(default_factory=list)
    start: float = field(default_factory=time.monotonic)

    def now_ms(self) -> int:
        return round((time.monotonic() - self.start) * 1000)


@dataclass
class Caller:
    """One client of a raw server: the head of its request, and frames to and from it."""

    head: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def accept(self, answer: bytes = b"") -> None:
        key = self.head.lower().partition("sec-websocket-key: ")[2].partition("\r\n")[0]
        exact = self.head[self.head.lower().index(key) :][: len(key)]
        guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        proof = base64.b64encode(hashlib.sha1(exact.encode() + guid).digest())
        lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
        await self.write(b"\r\n".join([*lines, b"Sec-WebSocket-Accept: " + proof, b"", answer]))

    async def send(self, opcode: int, data: bytes = b"", fin: int = 0x80) -> None:
        size = len(data)
        length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
        await self.write(bytes([fin | opcode]) + length + data)

    async def text(self, text: str) -> None:
        await self.send(1, text.encode())

    async def close(self, code: int = 1000, reason: str = "closed") -> None:
        await self.send(8, code.to_bytes(2, "big") + reason.encode())

    async def read(self) -> tuple[int, bytes]:
        head = await self.reader.readexactly(2)
        size = head[1] & 0x7F
        if size == 126:
            size = int.from_bytes(await self.reader.readexactly(2), "big")
        mask = await self.reader.readexactly(4)
        masked = await self.reader.readexactly(size)
        return head[0] & 0x0F, bytes(one ^ mask[i % 4] for i, one in enumerate(masked))

    async def until_gone(self) -> None:
        while await self.reader.read(65536):
            pass


class Raw:
    """Runs a script for each client that calls; several scripts for several clients in turn."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.heads: list[str] = []
        self.port = 0

    async def __aenter__(self) -> "Raw":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.heads.append(head)
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
            await script(Caller(head, reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest.fixture
def raw() -> type[Raw]:
    """A server of which every byte is scripted: `async with raw(script) as server`."""
    return Raw


@pytest.fixture
def record() -> Record:
    """Where steps are written down."""
    return Record()


@pytest.fixture
def streamed(record: Record) -> Callable[..., Stream]:
    """The step of a stream of a scripted server, after `work` was done with it."""

    async def idle(stream: LiveStream) -> None:
        await stream.end()

    def run(*scripts: Script, work: Work = idle, **options: Any) -> Stream:
        async def go() -> None:
            async with Raw(*scripts) as server:
                url = f"ws://127.0.0.1:{server.port}/v1/async/batch/b1/ws"
                upgrade = Upgrade(url, (("authorization", f"Bearer {KEY}"),))
                wire = WsWire(**{"limits": LIMITS, **options})
                async with LiveStream(wire, upgrade, record, None) as stream:
                    await work(stream)

        asyncio.run(go())
        (step,) = [one for one in record.steps if isinstance(one, Stream)][-1:]
        return step

    return run
