"""A stream of the target as a scenario uses it: frames awaited with deadlines, all on record."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

from conformance.json_text import NotJson, at, parse
from conformance.redact import Redactor
from conformance.targets.limits import EventLimits, ScenarioStopped
from conformance.targets.silence import PATIENCE_S, Silence
from conformance.targets.wire import Record, retry_wait_s
from conformance.targets.ws_wire import Dialled, Ear, Line, Upgrade
from conformance.transcript import Close, Frame, Response, Stream

Wanted = Callable[[Frame], bool]
# Told of each handshake whether it was answered, and what came of it.
Heard = Callable[[bool, str], None]


class Dialler(Protocol):
    """What a stream needs of a wire."""

    @property
    def limits(self) -> EventLimits:
        """What bounds the streams."""

    async def dial(self, upgrade: Upgrade, ear: Ear, redactor: Redactor) -> Dialled:
        """Ask for the upgrade once; whatever comes of it is a value."""


def typed(*words: str) -> Wanted:
    """Whether a frame is JSON of one of these types."""

    def is_wanted(frame: Frame) -> bool:
        try:
            return at(parse(_as_text(frame)), "/type") in words
        except (NotJson, UnicodeDecodeError):
            return False

    return is_wanted


def showing(*statuses: str) -> Wanted:
    """Whether the data of a frame shows one of these statuses."""

    def is_wanted(frame: Frame) -> bool:
        try:
            return at(parse(_as_text(frame)), "/data/status") in statuses
        except (NotJson, UnicodeDecodeError):
            return False

    return is_wanted


def _as_text(frame: Frame) -> str:
    return frame.content if isinstance(frame.content, str) else frame.content.decode()


class LiveStream:
    """One stream, open within `async with`; whatever came of it becomes a step at the end.

    A refused handshake is no error: `opened` is false and `response` has the refusal. `heard` may
    stop the scenario.
    """

    def __init__(
        self,
        dialler: Dialler,
        upgrade: Upgrade,
        record: Record,
        label: str | None,
        heard: Heard = lambda answered, came: None,
        silence: Silence | None = None,
    ) -> None:
        self._dialler = dialler
        self._upgrade = upgrade
        self._record = record
        self._label = label
        self._answered = heard
        self._silence = silence
        self._limits = dialler.limits
        self._dialled: Dialled | None = None
        self._frames: list[Frame] = []
        self._next = 0
        self._news = asyncio.Event()
        self._at_ms = 0
        self._ended_at_ms: int | None = None
        self._deadline = 0.0

    async def __aenter__(self) -> Self:
        attempt = 0
        while True:
            attempt += 1
            self._at_ms = self._record.now_ms()
            self._deadline = asyncio.get_running_loop().time() + self._limits.stream_s
            redactor = self._record.redactor
            self._dialled = await self._dialler.dial(self._upgrade, self, redactor)
            wait_s = retry_wait_s(self._dialled.response, attempt)
            if wait_s is None:
                self._tell()
                return self
            self._write_down()
            await asyncio.sleep(wait_s)

    def _tell(self) -> None:
        if self._silence is not None and self.opened:
            self._silence.join(self)
        try:
            self._answered(self.response is not None, self.came)
        except ScenarioStopped:
            self._write_down()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._silence is not None:
            self._silence.leave(self)
        line = self._dialled.line if self._dialled else None
        try:
            if line is not None and (kind is None or issubclass(kind, Exception)):
                await self.close()
        finally:
            self._write_down()
            if line is not None:
                line.transport.abort()

    @property
    def response(self) -> Response | None:
        """The answer to the handshake."""
        return self._dialled.response if self._dialled else None

    @property
    def opened(self) -> bool:
        """Whether the upgrade was granted."""
        return self._dialled is not None and self._dialled.line is not None

    @property
    def ended(self) -> bool:
        """Whether no further frame can come."""
        line = self._dialled.line if self._dialled else None
        return line is None or not line.is_open

    @property
    def port(self) -> int | None:
        """The port of this side, None where there is no connection."""
        line = self._dialled.line if self._dialled else None
        return int(line.local_address[1]) if line is not None else None

    @property
    def counts(self) -> tuple[int, int]:
        """How many messages were sent, and how many have come."""
        sent = sum(frame.sender == "client" for frame in self._frames)
        return sent, len(self._frames) - sent

    @property
    def came(self) -> str:
        """In a few words what has come of the stream."""
        dialled = self._dialled
        if dialled is None:
            return "no handshake"
        failure = dialled.line.fault() if dialled.line else dialled.failure
        if failure is not None:
            return f"{failure.message} ({failure.kind})"
        if dialled.line is None:
            return f"HTTP {dialled.response.status}" if dialled.response else "no answer"
        words = dialled.line.last_words()
        return f"closed with {words[0]}" if words else "nothing on an open stream"

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Every frame of both sides so far."""
        return tuple(self._frames)

    def heard(self, content: str | bytes) -> None:
        """A message has come."""
        self._frames.append(self._frame("server", content))

    def stirred(self) -> None:
        """Whoever waits looks again."""
        if self.opened and self.ended:
            self._note_end()
        self._news.set()

    async def frame(self, timeout_s: float | None = None) -> Frame | None:
        """The next frame of the server; None when the stream ends or the time is over."""
        return await self.until(lambda _frame: True, timeout_s)

    async def until(self, wanted: Wanted, timeout_s: float | None = None) -> Frame | None:
        """The first frame of the server, after those returned before, that is wanted.

        None when the stream ends or the time is over. ScenarioStopped when the stream has been
        open for longer than any may be.
        """
        self._check_age()
        found: list[Frame] = []

        def is_there() -> bool:
            while not found and self._next < len(self._frames):
                frame = self._frames[self._next]
                self._next += 1
                if frame.sender == "server" and wanted(frame):
                    found.append(frame)
            return bool(found)

        await self._wait(lambda: is_there() or self.ended, timeout_s)
        return found[0] if found or is_there() else None

    async def end(self, timeout_s: float | None = None) -> bool:
        """Wait for the server to close or to be lost; whether it was within the time."""
        self._check_age()
        await self._wait(lambda: self.ended, timeout_s)
        return self.ended

    async def send(self, content: str | bytes) -> bool:
        """Send text or bytes as they are; False when the stream takes nothing more."""
        line = self._dialled.line if self._dialled else None
        if line is None or not line.is_open:
            return False
        self._frames.append(self._frame("client", content))
        return await line.say(content)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close from this side and wait for the answer; harmless when it is closed."""
        line = self._dialled.line if self._dialled else None
        if line is None:
            return
        if line.is_open:
            self._note_end()
        await line.hang_up(code, reason)

    def _frame(self, sender: str, content: str | bytes) -> Frame:
        hide = self._record.redactor
        hidden = hide.text(content) if isinstance(content, str) else hide.content(content)
        return Frame(sender, self._record.now_ms(), hidden)

    def _note_end(self) -> None:
        if self._ended_at_ms is None:
            self._ended_at_ms = self._record.now_ms()

    def _check_age(self) -> None:
        if self.opened and asyncio.get_running_loop().time() > self._deadline:
            raise ScenarioStopped(f"a stream is open for more than {self._limits.stream_s:g} s")

    async def _wait(self, done: Callable[[], bool], timeout_s: float | None) -> None:
        seconds = self._limits.wait_s if timeout_s is None else timeout_s
        most_s = seconds if self._silence is None else max(seconds, PATIENCE_S)
        until = min(asyncio.get_running_loop().time() + most_s, self._deadline)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                if self._silence is not None:
                    await self._silence.wait(done, self._news, seconds)
                while not done() and self._silence is None:
                    self._news.clear()
                    await self._news.wait()

    def _write_down(self) -> None:
        """Put what came of the handshake on record."""
        dialled = self._dialled
        if dialled is None:
            return
        line = dialled.line
        stream = Stream(
            dialled.request,
            dialled.response,
            tuple(self._frames),
            self._close(line) if line else None,
            self._at_ms,
            self._label,
            line.fault() if line else dialled.failure,
        )
        self._record.steps.append(stream)

    def _close(self, line: Line) -> Close | None:
        words = line.last_words()
        if words is None:
            return None
        code, reason, by = words
        at_ms = self._record.now_ms() if self._ended_at_ms is None else self._ended_at_ms
        return Close(at_ms, code, self._record.redactor.text(reason), by)
