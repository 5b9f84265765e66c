"""One recorded stream, played to a client."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from conformance.json_text import NotJson, at, parse
from conformance.transcript import Close, Frame, Stream

Pause = Callable[[float], Awaitable[None]]
Change = Callable[[bytes], bytes]

_OWN_HEADERS = ("upgrade", "connection", "sec-websocket-", "content-length", "transfer-encoding")
# What no close frame can say: no code at all, and a connection that was lost.
_NO_CODE, _LOST = 1005, 1006
_POLICY = 1008


async def at_once(_seconds: float) -> None:
    """A pause that is none."""


def _command(message: str | bytes) -> str | bytes:
    """A message, one in JSON of a type as the bare word."""
    with suppress(NotJson):
        word = at(parse(message), "/type") if isinstance(message, str) else None
        if isinstance(word, str):
            return word
    return message


class PlayedStream:
    """Sends the recorded frames in order; those after a message of the client wait for one.

    Any message is taken for the recorded one; `strict` ends the stream at another one.
    """

    def __init__(
        self,
        socket: WebSocket,
        stream: Stream,
        *,
        strict: bool = False,
        pause: Pause = at_once,
        change: Change = bytes,
    ) -> None:
        self._socket = socket
        self._stream = stream
        self._strict = strict
        self._pause = pause
        self._change = change

    async def serve(self) -> None:
        """Upgrade, and play the stream to its end."""
        with suppress(WebSocketDisconnect):
            await self._accept()
            at_ms = self._stream.at_ms
            for frame in self._stream.frames:
                if frame.sender == "server":
                    await self._pause(max(0, frame.at_ms - at_ms) / 1000)
                    await self._send(frame)
                elif not await self._hear(frame):
                    return
                at_ms = frame.at_ms
            await self._end(at_ms)

    async def _accept(self) -> None:
        response = self._stream.response
        headers = response.headers if response else ()
        protocol = response.header("sec-websocket-protocol") if response else None
        kept = [
            (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in headers
            if not name.lower().startswith(_OWN_HEADERS)
        ]
        await self._socket.accept(protocol, kept)

    async def _send(self, frame: Frame) -> None:
        if isinstance(frame.content, bytes):
            await self._socket.send_bytes(frame.content)
        else:
            content = self._change(frame.content.encode("utf-8", "surrogatepass"))
            await self._socket.send_text(content.decode("utf-8", "replace"))

    async def _hear(self, frame: Frame) -> bool:
        """Wait for a message of the client; False when the stream is over."""
        message = await self._socket.receive()
        if message["type"] != "websocket.receive":
            return False
        text = message.get("text")
        heard = message["bytes"] if text is None else text
        if self._strict and _command(heard) != _command(frame.content):
            await self._socket.close(_POLICY, "another message was recorded here")
            return False
        return True

    async def _end(self, at_ms: int) -> None:
        close = self._stream.close
        if close is None or close.by == "client":
            while (await self._socket.receive())["type"] == "websocket.receive":
                pass
            return
        await self._pause(max(0, close.at_ms - at_ms) / 1000)
        await self._close(close)

    async def _close(self, close: Close) -> None:
        if close.code is None or close.code == _LOST:
            # Who returns without a close frame lets the connection drop.
            return
        code = 1000 if close.code == _NO_CODE else close.code
        await self._socket.close(code, close.reason)


async def recorded_pause(seconds: float) -> None:
    """A pause as long as the recorded one."""
    await asyncio.sleep(seconds)
