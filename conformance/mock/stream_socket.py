"""A WebSocket that carries one watch: frames out in order, messages of the client in."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from conformance.mock.watch import StreamRules, StreamTerms, Watch


class Timer(Protocol):
    """A call that will be made and can be called off."""

    def cancel(self) -> None:
        """Call it off."""
        ...


CallLater = Callable[[float, Callable[[], None]], Timer]


class Reminder:
    """At most one reminder at a time; the first that is asked for stands."""

    def __init__(self, call_later: CallLater, action: Callable[[], None]) -> None:
        self._call_later = call_later
        self._action = action
        self._timer: Timer | None = None

    def ask(self, after_ms: int) -> None:
        """Act once when the time is over, unless that is going to happen anyway."""
        if self._timer is None:
            self._timer = self._call_later(after_ms / 1000, self._act)

    def forget(self) -> None:
        """Do not act."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _act(self) -> None:
        self._timer = None
        self._action()


class StreamSocket:
    """Serves a stream until either side closes; the outlet of its watch."""

    def __init__(self, socket: WebSocket, rules: StreamRules, terms: StreamTerms) -> None:
        self._socket = socket
        self._frames: asyncio.Queue[str | tuple[int, str]] = asyncio.Queue()
        self._watch = Watch(rules, terms, self)
        loop = asyncio.get_running_loop()
        self._reminder = Reminder(loop.call_later, self._watch.reminded)

    def send(self, text: str) -> None:
        """Send a text frame."""
        self._frames.put_nowait(text)

    def close(self, code: int, reason: str) -> None:
        """Close, after all that was sent before."""
        self._frames.put_nowait((code, reason))

    def remind(self, after_ms: int) -> None:
        """Remind the watch once when that much real time is over."""
        self._reminder.ask(after_ms)

    def forget_reminder(self) -> None:
        """Remind no more."""
        self._reminder.forget()

    async def serve(self) -> None:
        """Upgrade and carry the stream to its end."""
        await self._socket.accept()
        self._watch.open()
        sending = asyncio.create_task(self._send_all())
        try:
            await self._receive_all()
        finally:
            self._watch.end()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send_all(self) -> None:
        with suppress(WebSocketDisconnect):
            while not isinstance(item := await self._frames.get(), tuple):
                await self._socket.send_text(item)
            await self._socket.close(*item)

    async def _receive_all(self) -> None:
        while (message := await self._socket.receive())["type"] == "websocket.receive":
            text = message.get("text")
            self._watch.heard(message["bytes"] if text is None else text)
