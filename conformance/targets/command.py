"""An SDK in another process: one for the whole run, and one for each client that wants its own."""

import asyncio
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance import __version__
from conformance.adapters.greeting import BadHello
from conformance.adapters.outcomes import Outcome, broken, named
from conformance.errors import AdapterError, ConfigError, ConformanceError
from conformance.targets.command_process import AdapterProcess, Broke
from conformance.targets.command_wire import (
    PROTOCOLS,
    BadLine,
    OtherProtocol,
    hello_of,
    outcome_of,
)
from conformance.targets.hosting import Endurance, Environment, SdkLimits, not_started
from conformance.targets.starting import start_of

_SUITE = {"name": "ai-stats-conformance", "version": __version__}


@dataclass
class _Home:
    """A process and the clients that live in it, which are opened again in the next one."""

    env: Environment
    process: AdapterProcess | None = None
    clients: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    # What came of opening a client again.
    trouble: dict[str, Outcome] = field(default_factory=dict)
    moving: asyncio.Lock = field(default_factory=asyncio.Lock)


class CommandHost:
    """A command that speaks the adapter protocol on its standard streams."""

    def __init__(
        self,
        command: Sequence[str],
        limits: SdkLimits | None = None,
        name: str | None = None,
        env: Environment | None = None,
    ) -> None:
        self.name = name or f"--adapter-cmd {shlex.join(command)}"
        self.notes: list[str] = []
        self._command = list(command)
        self._limits = limits or SdkLimits()
        self._env = dict(env or {})
        self._main = _Home({})
        self._homes: dict[str, _Home] = {}
        self._hello: dict[str, Any] | None = None
        self._endurance = Endurance(self.name, self._limits.restarts)

    @property
    def has_processes(self) -> bool:
        """It is one."""
        return True

    async def hello(self) -> dict[str, Any]:
        """What the adapter declares; raises AdapterError and ConfigError."""
        await self._alive(self._main)
        assert self._hello is not None  # noqa: S101 - known of every process that is alive
        return self._hello

    async def open(
        self, client: str, settings: Mapping[str, Any], env: Environment | None = None
    ) -> Outcome:
        """Open a client; with `env` in a process of its own."""
        home = self._main if env is None else _Home(env)
        try:
            process = await self._alive(home)
        except ConformanceError as error:
            if env is None:
                raise
            return broken("other", str(error))
        what = f"open {client}"
        outcome = await self._ask(process, "open", what, _opening(client, settings))
        if "error" not in outcome:
            home.clients[client] = settings
            self._homes[client] = home
        elif home is not self._main:
            await self._leave(home)
        return outcome

    async def call(
        self, client: str, method: str, args: Mapping[str, Any], bound_s: float | None = None
    ) -> Outcome:
        """Call a method by its contract name."""
        home = self._homes.get(client)
        if home is None:
            return broken("other", f"{self.name}: {method}: client {client} is not open")
        process = await self._alive(home)
        if client in home.trouble:
            return home.trouble[client]
        members = {"client": client, "method": method, "args": dict(args)}
        bound_s = self._limits.call_s if bound_s is None else bound_s
        return await self._ask(process, "call", method, members, bound_s + self._limits.grace_s)

    async def close(self, client: str) -> Outcome:
        """Close a client, and the process that was its own."""
        home = self._homes.pop(client, None)
        if home is None:
            return {"value": {}, "type": ""}
        home.clients.pop(client, None)
        outcome: Outcome = {"value": {}, "type": ""}
        # With a process that broke its clients are gone.
        if home.process is not None and home.process.broke is None:
            what = f"close {client}"
            outcome = await self._ask(home.process, "close", what, {"client": client})
        if home is not self._main:
            await self._leave(home)
        return outcome

    async def starts(self) -> list[dict[str, Any]]:
        """The one start that the command makes."""
        return [await start_of(self, self._command[0])]

    async def exit(self) -> None:
        """End every process; what is not right about it becomes a note."""
        homes = {id(home): home for home in (self._main, *self._homes.values())}
        await asyncio.gather(*(self._leave(home) for home in homes.values()))
        self._homes.clear()

    async def _leave(self, home: _Home) -> None:
        if home.process is not None:
            cause = await home.process.leave()
            if cause is not None:
                self.notes.append(f"{self.name}: {cause}")

    async def _ask(
        self,
        process: AdapterProcess,
        op: str,
        what: str,
        members: Mapping[str, Any],
        deadline_s: float | None = None,
    ) -> Outcome:
        try:
            answer = await process.ask(op, what, members, deadline_s or self._limits.open_s)
            return named(outcome_of(op, answer), f"{self.name}: {what}")
        except BadLine as bad:
            broke = await process.refuse(str(bad))
        except Broke as ended:
            broke = ended
        line = f"{self.name}: {what}: {broke.cause}"
        return broken(broke.kind, line, stderr=list(broke.tail))

    async def _alive(self, home: _Home) -> AdapterProcess:
        """The process of a home, a new one when the last one broke."""
        async with home.moving:
            if home.process is None:
                home.process = await self._start(home)
            elif home.process.broke is not None:
                home.process = await self._revive(home, home.process.broke.cause)
            return home.process

    async def _revive(self, home: _Home, cause: str) -> AdapterProcess:
        """A new process with the clients of the last one; raises ScenarioStopped at last."""
        while True:
            self._endurance.check()
            self._endurance.spend(cause)
            self._endurance.check()
            self.notes.append(f"{self.name}: started again: {cause}")
            try:
                process = await self._start(home)
                await self._open_again(home, process)
            except (AdapterError, ConfigError) as error:
                cause = str(error).partition("\n")[0]
                continue
            if process.broke is None:
                return process
            cause = process.broke.cause

    async def _open_again(self, home: _Home, process: AdapterProcess) -> None:
        home.trouble.clear()
        for client, settings in home.clients.items():
            what = f"open {client} again"
            outcome = await self._ask(process, "open", what, _opening(client, settings))
            if "error" in outcome:
                home.trouble[client] = outcome

    async def _start(self, home: _Home) -> AdapterProcess:
        """A process that has introduced itself; raises AdapterError and ConfigError."""
        process = AdapterProcess(self._command, self._limits, {**self._env, **home.env})
        try:
            await process.start()
            members = {"protocol": list(PROTOCOLS), "suite": _SUITE}
            answer = await process.ask("hello", "hello", members, self._limits.hello_s)
            hello, odd = hello_of(answer)
        except Broke as broke:
            raise not_started(self.name, f"hello: {broke.cause}", broke.tail) from broke
        except BadHello as bad:
            refused = await process.refuse(str(bad))
            raise not_started(self.name, str(bad), refused.tail) from bad
        except OtherProtocol as other:
            await process.refuse(str(other))
            ours = ", ".join(map(str, PROTOCOLS))
            raise ConfigError(f"{self.name}: {other}; the suite offers {ours}") from other
        process.allow(hello["concurrency"])
        if self._hello is None:
            self._hello = hello
            self.notes += [f"{self.name}: {note}" for note in odd]
        return process


def _opening(client: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"client": client, "settings": dict(settings)}


def command_host(text: str, limits: SdkLimits | None = None) -> CommandHost:
    """The host of a command as typed; raises ConfigError."""
    try:
        command = shlex.split(text)
    except ValueError as error:
        raise ConfigError(f"--adapter-cmd {text}: cannot be taken apart: {error}") from error
    if not command:
        raise ConfigError("--adapter-cmd: the command is empty")
    return CommandHost(command, limits, f"--adapter-cmd {text}")
