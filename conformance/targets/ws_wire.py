"""One WebSocket as it was: whole messages with their bytes, bounded, and no redirect followed.

The only module that knows the WebSocket library.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, SecurityError, WebSocketException
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.typing import Subprotocol

from conformance.redact import Redactor
from conformance.targets.limits import EventLimits
from conformance.transcript import Body, Failure, Headers, Request, Response

_LOST = int(CloseCode.ABNORMAL_CLOSURE)
_DATA = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})


@dataclass(frozen=True)
class Upgrade:
    """A handshake to be sent: headers hold real secrets."""

    url: str
    headers: Headers = field(default=(), repr=False)
    subprotocols: tuple[str, ...] = ()


class Ear(Protocol):
    """Who hears what the server says; called as it arrives."""

    def heard(self, content: str | bytes) -> None:
        """A whole message has come; text that is no UTF-8 comes as bytes."""

    def stirred(self) -> None:
        """Something has come, or the connection has ended."""


class Line(ClientConnection):
    """A connection that hands over each message as it arrives instead of queueing it."""

    def __init__(self, *args: Any, ear: Ear, limits: EventLimits, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._ear = ear
        self._limits = limits
        self._pieces: list[bytes] = []
        self._is_text = False
        self._frames = self._bytes = 0
        self.overflow: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether neither side has closed."""
        return self.protocol.state is State.OPEN and self.overflow is None

    def process_event(self, event: Any) -> None:
        """Take a frame in; the answer to the handshake is left to the library."""
        if isinstance(event, Frame):
            self._count(event)
            if event.opcode in _DATA and self.overflow is None:
                self._take(event)
            if event.opcode not in _DATA:
                super().process_event(event)
        else:
            super().process_event(event)

    def data_received(self, data: bytes) -> None:
        """Take bytes in."""
        super().data_received(data)
        self._ear.stirred()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of the end."""
        super().connection_lost(exc)
        self._ear.stirred()

    def _count(self, frame: Frame) -> None:
        """Hang up on a server that sends without end: pings and pieces count as well."""
        self._frames += 1
        self._bytes += len(frame.data)
        if self.overflow is None and self._frames > self._limits.frames:
            self.overflow = f"more than {self._limits.frames} frames"
        elif self.overflow is None and self._bytes > self._limits.stream_bytes:
            self.overflow = f"more than {self._limits.stream_bytes} bytes"
        if self.overflow is not None:
            self.transport.abort()

    def _take(self, frame: Frame) -> None:
        if frame.opcode is not Opcode.CONT:
            self._is_text = frame.opcode is Opcode.TEXT
        self._pieces.append(bytes(frame.data))
        if frame.fin:
            content = b"".join(self._pieces)
            self._pieces.clear()
            self._ear.heard(_text(content) if self._is_text else content)

    async def say(self, content: str | bytes) -> bool:
        """Send a text or a binary message; False when the connection takes it no more."""
        try:
            async with asyncio.timeout(self._limits.close_s):
                await self.send(content)
        except (ConnectionClosed, TimeoutError):
            return False
        return True

    async def hang_up(self, code: int = 1000, reason: str = "") -> None:
        """Close in order, and by force when the server does not answer in time."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.close_s + 1):
                    await self.close(code, reason)
        finally:
            self.transport.abort()

    def last_words(self) -> tuple[int, str, str] | None:
        """Code, reason and side of the close; None when it was cut here, which `fault` explains."""
        protocol = self.protocol
        received, sent = protocol.close_rcvd, protocol.close_sent
        if received is not None:
            by = "server" if sent is None or protocol.close_rcvd_then_sent else "client"
            return int(received.code), received.reason, by
        if self.overflow is not None or self.fault() is not None:
            return None
        if sent is not None:
            return _LOST, "", "client"
        return (_LOST, "", "server") if self._is_lost() else None

    def _is_lost(self) -> bool:
        return self.protocol.state is State.CLOSED

    def fault(self) -> Failure | None:
        """Why this side had to end it: a message past the limits, or no WebSocket frames."""
        if self.overflow is not None:
            return Failure("too-large", self.overflow)
        sent = self.protocol.close_sent
        error = self.protocol.parser_exc
        if sent is None or error is None or isinstance(error, EOFError):
            return None
        kind = "too-large" if sent.code == CloseCode.MESSAGE_TOO_BIG else "protocol"
        return Failure(kind, sent.reason or type(error).__name__)


class _Connect(connect):
    """Connects to what it is told and nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception:
        """An answer that points elsewhere is an answer: the key is not sent there."""
        return exc


@dataclass(frozen=True)
class Dialled:
    """What came of a handshake, redacted; `line` is there when the stream is open."""

    request: Request
    response: Response | None = None
    failure: Failure | None = None
    line: Line | None = None


@dataclass(frozen=True)
class WsWire:
    """Opens the streams of one target; a proxy of the environment is used with `trust_env`."""

    trust_env: bool = False
    trusted: ssl.SSLContext | None = None
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: EventLimits = field(default_factory=EventLimits)

    async def dial(self, upgrade: Upgrade, ear: Ear, redactor: Redactor) -> Dialled:
        """Ask for the upgrade once; whatever comes of it is a value."""
        made: list[Line] = []
        failure: Failure | None = None
        opened: Line | None = None

        def line(*args: Any, **settings: Any) -> Line:
            made.append(Line(*args, ear=ear, limits=self.limits, **settings))
            return made[-1]

        try:
            await _Connect(upgrade.url, **self._settings(upgrade, line))
            opened = made[-1]
        except InvalidStatus:
            pass
        except (OSError, WebSocketException, ValueError, ImportError) as error:
            # A flood that comes with the answer takes longer to read than a handshake may.
            failure = (made[-1].fault() if made else None) or _failure(error, redactor)
        last = made[-1] if made else None
        request = self._as_sent(upgrade, last, redactor)
        return Dialled(request, _answer(last, redactor), failure, opened)

    def _settings(self, upgrade: Upgrade, line: Callable[..., Line]) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "create_connection": line,
            "additional_headers": [*self.extra_headers.items(), *upgrade.headers],
            "subprotocols": [Subprotocol(one) for one in upgrade.subprotocols] or None,
            "proxy": True if self.trust_env else None,
            # Inflated, a small frame could fill the memory.
            "compression": None,
            "open_timeout": self.limits.open_s,
            "close_timeout": self.limits.close_s,
            "ping_interval": None,
            "max_size": self.limits.frame_bytes,
        }
        if upgrade.url.startswith("wss:") and self.trusted is not None:
            settings["ssl"] = self.trusted
        return settings

    def _as_sent(self, upgrade: Upgrade, line: Line | None, redactor: Redactor) -> Request:
        sent = line.request if line is not None else None
        extra = {name.lower() for name in self.extra_headers}
        pairs = [*self.extra_headers.items(), *upgrade.headers]
        if sent is not None:
            pairs = list(sent.headers.raw_items())
        shown = tuple(
            (name, f"{{{{header:{name}}}}}") if name.lower() in extra else (name, value)
            for name, value in pairs
        )
        return Request("GET", redactor.text(upgrade.url), redactor.headers(shown))


def _text(content: bytes) -> str | bytes:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content


def _answer(line: Line | None, redactor: Redactor) -> Response | None:
    found = line.response if line is not None else None
    if found is None:
        return None
    body = Body(redactor.content(bytes(found.body))) if found.status_code != 101 else None
    return Response(found.status_code, redactor.headers(tuple(found.headers.raw_items())), body)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _failure(error: Exception, redactor: Redactor) -> Failure:
    causes = list(_causes(error))
    kind = "protocol"
    if any(isinstance(one, ssl.SSLError) for one in causes):
        kind = "tls"
    elif isinstance(error, TimeoutError):
        kind = "timeout"
    elif isinstance(error, OSError):
        kind = "connect"
    elif any(isinstance(one, SecurityError) for one in causes):
        kind = "too-large"
    text = "; ".join(dict.fromkeys(str(one) for one in causes if str(one)))
    return Failure(kind, redactor.text(text) or type(error).__name__)
