"""The recorder: loopback endpoints that answer by a script and keep what arrives, byte by byte.

Each client of an SDK has an endpoint of its own, so that a request is known by where it arrived,
wherever below or beside the base path it went. An endpoint has two origins: its own, and that of
the "other host", to which a redirect can lead.
"""

import asyncio
import inspect
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from conformance.targets.hook_server import bound_socket
from conformance.targets.raw_http import (
    RawConnection,
    RawRequest,
    Unreadable,
    answer_bytes,
    framed,
)
from conformance.targets.wire import Record
from conformance.transcript import Body, Edge, Exchange, Failure, Headers, Request, Response

_OWN_HOST, _OTHER_HOST = "127.0.0.1", "localhost"
JSON: Headers = (("content-type", "application/json"),)
# Stands in a place to go for the origin of the endpoint, or that of the other host.
OWN, OTHER = "{own}", "{other}"
_UNANSWERED = Failure("timeout", "no answer was given yet")
_CUT = Failure("protocol", "the recorder cut the connection, as it was told to")
_GONE = Failure("timeout", "the sender hung up before the answer")
_SHOWN = 2000


@dataclass(frozen=True)
class Reply:
    """An answer: after `wait_s`, or `cut` in its place; `to` is where a redirect leads."""

    status: int = 200
    body: bytes = b""
    headers: Headers = JSON
    wait_s: float = 0.0
    cut: bool = False
    to: str | None = None


Script = Callable[[RawRequest], Reply | Awaitable[Reply]]


class Clock(Protocol):
    """Where the times of exchanges come from."""

    def now_ms(self) -> int:
        """The time since the scenario began."""


def always(reply: Reply) -> Script:
    """The script that gives one answer to everything."""
    return lambda request: reply


class Endpoint:
    """One endpoint: what arrives becomes exchanges of `record`, and `script` answers."""

    def __init__(self, record: Record, script: Script, clock: Clock) -> None:
        self.script = script
        # What the exchanges are labelled with from now on.
        self.label: str | None = None
        self._record = record
        self._clock = clock
        # What broke a script: a fault of the suite, which must not pass for one of the SDK.
        self.crash: Exception | None = None
        self._servers: list[asyncio.Server] = []
        self._talks: set[asyncio.Task[None]] = set()
        self.origin = self.other_origin = ""

    async def start(self) -> None:
        """Listen at both origins."""
        self.origin = await self._listen(_OWN_HOST, _OWN_HOST)
        self.other_origin = await self._listen(_OTHER_HOST, _OWN_HOST)
        with suppress(OSError):
            # Where the name means the newer address first, it leads here too.
            port = int(self.other_origin.rpartition(":")[2])
            await self._listen(_OTHER_HOST, "::1", port)

    async def _listen(self, name: str, address: str, port: int = 0) -> str:
        origin = ""

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talk = asyncio.create_task(_Talk(self, origin, reader, writer).serve())
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)

        server = await asyncio.start_server(accept, address, port)
        self._servers.append(server)
        origin = f"http://{name}:{server.sockets[0].getsockname()[1]}"
        return origin

    async def close(self) -> None:
        """Listen no more and let go of every connection."""
        for server in self._servers:
            server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def arrived(self, origin: str, request: RawRequest) -> Exchange:
        """Put a request on record, which was not answered yet."""
        redactor = self._record.redactor
        content = redactor.content(request.content)
        shown = Request(
            request.method,
            redactor.text(origin + _from_slash(request.target)),
            redactor.headers(request.headers),
            Body(content, exact=content == request.content) if request.content else None,
        )
        now_ms = self._clock.now_ms()
        exchange = Exchange(shown, None, _UNANSWERED, now_ms, now_ms, self.label)
        self._record.steps.append(exchange)
        return exchange

    def settle(self, exchange: Exchange, came: Response | Failure) -> None:
        """Say on record what came of a request."""
        response = came if isinstance(came, Response) else None
        failure = came if isinstance(came, Failure) else None
        found = replace(
            exchange, response=response, failure=failure, ended_at_ms=self._clock.now_ms()
        )
        steps = self._record.steps
        place = next(i for i in reversed(range(len(steps))) if steps[i] is exchange)
        steps[place] = found

    def garbled(self, origin: str, head: bytes) -> None:
        """Put on record that what arrived is no request."""
        text = self._record.redactor.content(head)[:_SHOWN].decode("latin-1")
        self._record.steps.append(
            Edge("unreadable_request", {"origin": origin, "head": text}, self._clock.now_ms())
        )

    def shown(self, status: int, headers: Headers, body: bytes) -> Response:
        """An answer as it stands on record."""
        redactor = self._record.redactor
        content = redactor.content(body)
        return Response(status, redactor.headers(headers), Body(content, exact=content == body))

    def placed(self, reply: Reply) -> Headers:
        """The headers of an answer, with the place to go."""
        if reply.to is None:
            return reply.headers
        place = reply.to.replace(OWN, self.origin).replace(OTHER, self.other_origin)
        return (*reply.headers, ("location", place))


def _from_slash(target: str) -> str:
    """A target as it stands behind an origin."""
    return target if target.startswith("/") else f"/{target}"


class _Talk:
    """One connection to an endpoint."""

    def __init__(
        self,
        endpoint: Endpoint,
        origin: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._endpoint = endpoint
        self._origin = origin
        self._requests = RawConnection(reader, writer)
        self._writer = writer

    async def serve(self) -> None:
        """One exchange after the other, until either side has enough."""
        try:
            while await self._exchange():
                await self._writer.drain()
        except Unreadable as found:
            self._endpoint.garbled(self._origin, found.head)
            self._writer.write(answer_bytes(400, framed(400, (), b""), b""))
        except OSError:
            pass
        except Exception as error:
            self._endpoint.crash = error
        finally:
            self._writer.close()

    async def _exchange(self) -> bool:
        request = await self._requests.request()
        if request is None:
            return False
        exchange = self._endpoint.arrived(self._origin, request)
        made = self._endpoint.script(request)
        reply = await made if inspect.isawaitable(made) else made
        if not await self._requests.stays_for(reply.wait_s):
            self._endpoint.settle(exchange, _GONE)
            return False
        if reply.cut:
            self._endpoint.settle(exchange, _CUT)
            self._reset()
            return False
        self._answer(request, exchange, reply)
        return not request.closes

    def _answer(self, request: RawRequest, exchange: Exchange, reply: Reply) -> None:
        headers = framed(reply.status, self._endpoint.placed(reply), reply.body)
        # On record first: whoever reads the answer may look at the record at once.
        self._endpoint.settle(exchange, self._endpoint.shown(reply.status, headers, reply.body))
        head_only = request.method == "HEAD"
        self._writer.write(answer_bytes(reply.status, headers, reply.body, head_only=head_only))

    def _reset(self) -> None:
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class ClosedPort:
    """An address of this machine at which nobody listens, as long as it is kept."""

    def __init__(self) -> None:
        self._socket = bound_socket()
        self.origin = f"http://{_OWN_HOST}:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()
