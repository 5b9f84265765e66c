"""A WebSocket that carries one watch: frames out in order, messages of the client in."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from conformance.mock.watch import StreamRules, StreamTerms, Watch


class Timer(Protocol):
    """A call that will be made and can be called off."""

    def cancel(self) -> None:
        """Call it off."""
        ...

    def when(self) -> float:
        """The time of the loop at which it will be made."""
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

    @property
    def due_at_s(self) -> float | None:
        """When it will act, by the time of the loop; None when it will not."""
        return None if self._timer is None else self._timer.when()

    def put_at(self, due_at_s: float, now_s: float) -> None:
        """Act at another time than was asked for."""
        self.forget()
        self._timer = self._call_later(max(0.0, due_at_s - now_s), self._act)

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
        self._lines = terms.workspace.home.hub.lines
        self._heard = self._said = 0
        self._is_over = False
        self._watch = Watch(rules, terms, self)
        self._loop = asyncio.get_running_loop()
        self._reminder = Reminder(self._loop.call_later, self._watch.reminded)

    def send(self, text: str) -> None:
        """Send a text frame."""
        self._said += 1
        self._frames.put_nowait(text)

    def close(self, code: int, reason: str) -> None:
        """Close, after all that was sent before."""
        self._is_over = True
        self._frames.put_nowait((code, reason))

    def remind(self, after_ms: int) -> None:
        """Remind the watch once when that much real time is over."""
        self._reminder.ask(after_ms)

    def forget_reminder(self) -> None:
        """Remind no more."""
        self._reminder.forget()

    def tally(self) -> dict[str, Any]:
        """Whose it is, the messages heard and said, whether it is closed, when it is reminded."""
        due_at_s = self._reminder.due_at_s
        due_in_ms = None if due_at_s is None else round((due_at_s - self._loop.time()) * 1000)
        client = self._socket.client
        port = client.port if client else None
        counts = {"heard": self._heard, "said": self._said}
        return {"port": port, **counts, "closed": self._is_over, "due_in_ms": due_in_ms}

    def take_for_passed(self, by_ms: int) -> None:
        """Let a reminder come so much sooner."""
        due_at_s = self._reminder.due_at_s
        if due_at_s is not None:
            self._reminder.put_at(due_at_s - by_ms / 1000, self._loop.time())

    async def serve(self) -> None:
        """Upgrade and carry the stream to its end."""
        # Before the client knows that it is open: whoever asks for its tally then finds it.
        self._lines[self] = None
        try:
            self._watch.open()
            await self._socket.accept()
            await self._carry()
        finally:
            self._lines.pop(self, None)
            self._watch.end()

    async def _carry(self) -> None:
        sending = asyncio.create_task(self._send_all())
        try:
            await self._receive_all()
        finally:
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
            self._heard += 1
