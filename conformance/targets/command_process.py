"""One process of an adapter: started, asked, and ended whatever it does."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from conformance.targets.command_wire import BadLine, Ledger, Lines, Tail, request_line, shown
from conformance.targets.hosting import Environment, SdkLimits

_CHUNK = 64 * 1024
# The keys of the user are nobody's but the suite's: an SDK is told which one to use.
_KEPT_BACK = ("AI_STATS_API_KEY", "PHASEO_API_KEY", "OPENAI_API_KEY")
# After it is gone, what it wrote last is read for so long.
_LAST_WORDS_S = 1.0
_TICK_S = 0.1


class Broke(Exception):
    """A process is of no more use: what it did, and what it wrote on stderr."""

    def __init__(self, kind: str, cause: str, tail: Sequence[str] = ()) -> None:
        super().__init__(cause)
        self.kind = kind
        self.cause = cause
        self.tail = tuple(tail)


def _environment(given: Environment) -> dict[str, str]:
    mixed = {name: text for name, text in os.environ.items() if not name.startswith(_KEPT_BACK)}
    return {name: text for name, text in {**mixed, **given}.items() if text is not None}


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Wait for the end of a process; of itself asyncio may wait for that of its pipes too."""
    while process.returncode is None:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _TICK_S)


class AdapterProcess:
    """A running adapter. `concurrency` is set when its hello is known."""

    def __init__(self, command: Sequence[str], limits: SdkLimits, env: Environment) -> None:
        self._command = command
        self._limits = limits
        self._env = env
        self._process: asyncio.subprocess.Process | None = None
        self._ledger = Ledger()
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tail = Tail(limits.stderr_lines)
        self._readers: list[asyncio.Task[None]] = []
        self._watcher: asyncio.Task[None] | None = None
        self._slots = asyncio.Semaphore(1)
        self._writing = asyncio.Lock()
        self.broke: Broke | None = None

    async def start(self) -> None:
        """Start the command in a session of its own; raises Broke when it cannot be."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=_environment(self._env),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.broke = Broke("other", f"cannot be started: {why}")
            raise self.broke from error
        self._readers = [
            asyncio.create_task(self._read_answers(self._process)),
            asyncio.create_task(self._read_notes(self._process)),
        ]
        self._watcher = asyncio.create_task(self._watch(self._process))

    def allow(self, concurrency: int) -> None:
        """From now on so many requests may be open at once."""
        self._slots = asyncio.Semaphore(concurrency)

    async def ask(self, op: str, what: str, members: Mapping[str, Any], deadline_s: float) -> Any:
        """The answer to a request; raises Broke, and ends the process when it is late."""
        async with self._slots:
            if self.broke is not None:
                raise self.broke
            number = self._ledger.enter(what)
            future = asyncio.get_running_loop().create_future()
            self._waiting[number] = future
            try:
                async with asyncio.timeout(deadline_s):
                    await self._write(request_line(number, op, members))
                    return await future
            except TimeoutError:
                self._waiting.pop(number, None)
                late = f"no answer within {deadline_s:g} s"
                await self._end(Broke("other", f"the process was ended, for {what} had {late}"))
                raise Broke("timeout", late, self._tail.lines) from None
            finally:
                self._waiting.pop(number, None)

    async def refuse(self, cause: str) -> Broke:
        """End the process for an answer that is of no form; the reason, to be raised."""
        broke = Broke("protocol", cause)
        await self._end(broke)
        return broke

    async def _write(self, line: bytes) -> None:
        assert self._process is not None  # noqa: S101 - asked only when started
        assert self._process.stdin is not None  # noqa: S101 - a pipe
        # A process that is gone is noticed by its reader.
        with suppress(OSError):
            async with self._writing:
                self._process.stdin.write(line)
                await self._process.stdin.drain()

    async def _read_answers(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - a pipe
        lines = Lines(self._limits.line_bytes)
        try:
            while chunk := await process.stdout.read(_CHUNK):
                for line in lines.feed(chunk):
                    self._take(line)
        except BadLine as bad:
            await self._end(Broke("protocol", str(bad)), but=asyncio.current_task())
        else:
            with suppress(TimeoutError):
                await asyncio.wait_for(_gone(process), _LAST_WORDS_S)
            await self._ended(process, lines.rest)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """Notice the end of a process whose children keep its stdout open."""
        await _gone(process)
        answers = self._readers[0]
        await asyncio.wait([answers], timeout=_LAST_WORDS_S)
        if not answers.done():
            await self._ended(process, b"")

    async def _ended(self, process: asyncio.subprocess.Process, rest: bytes) -> None:
        """What is still asked will not be answered."""
        status = process.returncode
        how = "closed its stdout" if status is None else f"ended with status {status}"
        amid = f" amid the line {shown(rest)!r}" if rest else ""
        await self._end(Broke("other", f"the process {how}{amid}"), but=asyncio.current_task())

    def _take(self, line: bytes) -> None:
        number, answer = self._ledger.read(line)
        future = self._waiting.get(number)
        if future is not None and not future.done():
            future.set_result(answer)

    async def _read_notes(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None  # noqa: S101 - a pipe
        while chunk := await process.stderr.read(_CHUNK):
            self._tail.feed(chunk)

    async def _end(self, broke: Broke, but: asyncio.Task[Any] | None = None) -> None:
        """Kill what is left, then tell everybody who waits."""
        if self.broke is not None:
            return
        self.broke = broke
        await self._kill(but)
        broke.tail = tuple(self._tail.lines)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(broke)

    async def _kill(self, but: asyncio.Task[Any] | None = None) -> None:
        if self._process is None:
            return
        # The whole session: a shell or a launcher has children.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with suppress(TimeoutError):
            await asyncio.wait_for(_gone(self._process), _LAST_WORDS_S)
        if self._watcher is not None and self._watcher is not but:
            self._watcher.cancel()
        others = [task for task in self._readers if task is not but]
        done, late = await asyncio.wait(others, timeout=_LAST_WORDS_S) if others else ((), ())
        for task in late:
            task.cancel()
        await asyncio.gather(*done, *late, return_exceptions=True)

    async def leave(self) -> str | None:
        """Say exit and wait for the end; what was not right about it."""
        if self._process is None or self.broke is not None:
            return None
        deadline_s = self._limits.exit_s
        try:
            async with asyncio.timeout(deadline_s):
                await self._say_exit(deadline_s)
                await _gone(self._process)
        except TimeoutError:
            cause: str | None = f"exit: did not end within {deadline_s:g} s"
        except Broke as broke:
            cause = None if self._process.returncode is not None else broke.cause
        else:
            cause = None
        status = self._process.returncode
        await self._end(Broke("other", "has been ended"))
        if cause is None and status:
            cause = f"exit: ended with status {status}"
        return cause

    async def _say_exit(self, deadline_s: float) -> None:
        await self.ask("exit", "exit", {}, deadline_s * 2)
        assert self._process is not None  # noqa: S101 - left only when started
        if self._process.stdin is not None:
            self._process.stdin.close()
