"""A real HTTP server for webhooks, on loopback by default: raw bytes in, scripted answers out."""

import asyncio
import errno
import ipaddress
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import h11

from conformance.errors import PortInUse
from conformance.transcript import Headers

HOST = "127.0.0.1"
MAX_BODY_BYTES = 1024 * 1024
# Of a body past the limit so much is read and thrown away, so that the sender sees the answer.
_MOST_DISCARDED_BYTES = 64 * 1024 * 1024
_MOST_CONNECTIONS = 200
_IDLE_S = 30.0
_LONGEST_S = 300.0
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """How to answer a delivery: after `wait_s`, or not at all.

    `drop` resets the connection instead; `endless` sends a body until the sender hangs up.
    """

    status: int = 200
    headers: Headers = ()
    body: bytes = b""
    wait_s: float = 0.0
    drop: bool = False
    endless: bool = False


@dataclass(frozen=True)
class Arrived:
    """A request as it came; `fault` is too-large or broken when the body is not whole."""

    method: str
    target: str
    headers: Headers
    content: bytes
    fault: str | None = None


class Guest(Protocol):
    """Who is called upon at a path."""

    def arrive(self, arrived: Arrived) -> Answer:
        """Take the request; the answer to give."""

    def settle(self, arrived: Arrived, *, answered: bool) -> None:
        """The answer is sent, or will not be; what is said first holds."""


Find = Callable[[str], Guest | None]


def is_local(host: str) -> bool:
    """Whether what listens at this address can be called from this machine alone."""
    return ipaddress.ip_address(host).is_loopback


def bound_socket(port: int = 0, host: str = HOST) -> socket.socket:
    """A socket at this port of an address of this machine; raises PortInUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        other = "--webhook-port" if error.errno == errno.EADDRINUSE else "--webhook-bind"
        raise PortInUse(
            f"webhooks cannot be received on {shown}:{port} ({error.strerror}); "
            f"choose another {other}"
        ) from error
    return sock


class HookServer:
    """Serves the paths for which `find` knows a guest; every other path is answered 404."""

    def __init__(self, find: Find, port: int = 0, host: str = HOST) -> None:
        self._find = find
        self._socket = bound_socket(port, host)
        self.port: int = self._socket.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; harmless when it does."""
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, sock=self._socket)

    async def close(self) -> None:
        """Listen no more and let go of every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._socket.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= _MOST_CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.create_task(_Talk(reader, writer, self._find).serve())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Talk:
    """One connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, find: Find
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._find = find
        self._http = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        """One exchange after the other, until either side has enough."""
        try:
            async with asyncio.timeout(_LONGEST_S):
                while await self._exchange():
                    self._http.start_next_cycle()
        except h11.RemoteProtocolError as error:
            await self._complain(error.error_status_hint)
        except (OSError, TimeoutError, h11.LocalProtocolError):
            pass
        finally:
            self._writer.close()

    async def _complain(self, status: int) -> None:
        with suppress(OSError, h11.LocalProtocolError):
            self._send(Answer(status), head_only=True)
            await self._writer.drain()

    async def _exchange(self) -> bool:
        """Serve one request; whether the connection may serve another."""
        request = await self._event()
        if not isinstance(request, h11.Request):
            return False
        guest = self._find(request.target.decode("latin-1"))
        content, fault = await self._body()
        if guest is None:
            self._send(Answer(404), head_only=True)
            await self._writer.drain()
        else:
            await self._welcome(guest, _arrived(request, content, fault))
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _welcome(self, guest: Guest, arrived: Arrived) -> None:
        answer = guest.arrive(arrived)
        try:
            if arrived.fault == "broken" or not await self._waited(answer.wait_s):
                return
            if answer.drop:
                self._reset()
                return
            self._send(answer, head_only=arrived.method == "HEAD")
            await self._writer.drain()
            guest.settle(arrived, answered=True)
            while answer.endless:
                self._writer.write(self._http.send(h11.Data(data=b" " * 1024)) or b"")
                await self._writer.drain()
                await self._waited(0.01)
        finally:
            guest.settle(arrived, answered=False)

    async def _event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                self._writer.write(self._http.send(go_on) or b"")
            async with asyncio.timeout(_IDLE_S):
                self._http.receive_data(await self._reader.read(_CHUNK))
        return event

    async def _body(self) -> tuple[bytes, str | None]:
        kept, size = bytearray(), 0
        try:
            while isinstance(event := await self._event(), h11.Data):
                size += len(event.data)
                if size > _MOST_DISCARDED_BYTES:
                    return bytes(kept), "broken"
                kept += event.data[: max(0, MAX_BODY_BYTES - len(kept))]
        except (h11.RemoteProtocolError, TimeoutError, OSError):
            return bytes(kept), "broken"
        return bytes(kept), "too-large" if size > MAX_BODY_BYTES else None

    async def _waited(self, wait_s: float) -> bool:
        """Let the time pass; False when the sender hangs up before it has."""
        if wait_s <= 0:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while data := await self._reader.read(_CHUNK):
                    self._http.receive_data(data)
                return False
        return True

    def _send(self, answer: Answer, *, head_only: bool = False) -> None:
        headers = [*answer.headers]
        names = {name.lower() for name, _ in headers}
        if not answer.endless and not names & {"content-length", "transfer-encoding"}:
            headers.append(("content-length", str(0 if head_only else len(answer.body))))
        sent = self._http.send(h11.Response(status_code=answer.status, headers=headers))
        pieces = [sent or b""]
        if answer.body and not head_only:
            pieces.append(self._http.send(h11.Data(data=answer.body)) or b"")
        if not answer.endless:
            pieces.append(self._http.send(h11.EndOfMessage()) or b"")
        self._writer.write(b"".join(pieces))

    def _reset(self) -> None:
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


def _arrived(request: h11.Request, content: bytes, fault: str | None) -> Arrived:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in request.headers.raw_items()
    )
    method, target = request.method.decode("latin-1"), request.target.decode("latin-1")
    return Arrived(method, target, headers, content, fault)
