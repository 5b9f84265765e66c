"""A Python SDK in this process: calls in threads, awaitables in a loop of their own."""

import asyncio
import inspect
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from conformance.adapters import SdkAdapter, Settings
from conformance.adapters.awaiting import AwaitingLoop
from conformance.adapters.greeting import BadHello, checked_hello
from conformance.adapters.loading import load_adapter, one_line
from conformance.adapters.outcomes import (
    Outcome,
    broken,
    error_outcome,
    named,
    perform,
    value_outcome,
)
from conformance.targets.command import CommandHost
from conformance.targets.hosting import Endurance, Environment, SdkLimits, not_started
from conformance.targets.starting import start_of


@dataclass
class _Client:
    settings: Mapping[str, Any]
    handle: object
    slots: asyncio.Semaphore
    # A call on it did not come back: it is built anew before the next one.
    is_stuck: bool = False
    renewing: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class _Done:
    """What a thread came to."""

    value: Any = None
    error: BaseException | None = None

    def taken(self) -> Any:
        """The value; raises what the thread raised."""
        if self.error is not None:
            raise self.error
        return self.value


@dataclass
class AdapterHost:
    """An adapter object, called by up to `concurrency` threads for each client.

    `children` starts it again in processes of their own, for clients that need one, `anew` once
    with each interpreter.
    """

    adapter: SdkAdapter
    name: str
    limits: SdkLimits = field(default_factory=SdkLimits)
    children: CommandHost | None = None
    # By interpreter: who starts it there.
    anew: Mapping[str, CommandHost] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _clients: dict[str, _Client] = field(default_factory=dict)
    _loop: AwaitingLoop = field(default_factory=AwaitingLoop)
    _hello: dict[str, Any] | None = None
    _elsewhere: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._endurance = Endurance(self.name, self.limits.restarts)

    @property
    def has_processes(self) -> bool:
        """Whether it can be started again in a process."""
        return self.children is not None

    async def hello(self) -> dict[str, Any]:
        """What the adapter declares; raises AdapterError."""
        if self._hello is None:
            try:
                said = await _in_thread(self.adapter.hello, self.limits.hello_s)
                checked, odd = checked_hello(said.taken())
            except TimeoutError as error:
                cause = f"hello: no answer within {self.limits.hello_s:g} s"
                raise not_started(self.name, cause) from error
            except BadHello as error:
                raise not_started(self.name, str(error)) from error
            except (Exception, SystemExit) as error:
                raise not_started(self.name, f"hello: {one_line(error)}") from error
            # What a call does to its arguments can be seen.
            self._hello = {**checked, "in_process": True}
            self.notes += [f"{self.name}: {note}" for note in odd]
        return self._hello

    async def open(
        self, client: str, settings: Mapping[str, Any], env: Environment | None = None
    ) -> Outcome:
        """Build a client; with `env` in a process of its own."""
        if env is not None and self.children is not None:
            self._elsewhere.add(client)
            return await self.children.open(client, settings, env)
        self._endurance.check()
        slots = asyncio.Semaphore((await self.hello())["concurrency"])
        outcome, handle = await self._built(client, settings)
        if "error" not in outcome:
            self._clients[client] = _Client(settings, handle, slots)
        return outcome

    async def _built(self, client: str, settings: Mapping[str, Any]) -> tuple[Outcome, object]:
        def build() -> object:
            return self._settled(self.adapter.open(cast("Settings", dict(settings))))

        outcome, handle = await self._outcome(f"open {client}", build)
        return (outcome if "error" in outcome else {"value": {}, "type": ""}), handle

    async def _outcome(self, what: str, work: Callable[[], Any]) -> tuple[Outcome, Any]:
        try:
            done = await _in_thread(work, self.limits.open_s)
        except TimeoutError:
            return self._late(what, self.limits.open_s), None
        if done.error is not None:
            return error_outcome(done.error), None
        return {"value": None, "type": ""}, done.value

    def _late(self, what: str, deadline_s: float) -> Outcome:
        line = f"{self.name}: {what}: no answer within {deadline_s:g} s"
        self._endurance.spend(line)
        return broken("timeout", line)

    def _settled(self, value: Any) -> Any:
        return self._loop.settle(value) if inspect.isawaitable(value) else value

    async def call(
        self, client: str, method: str, args: Mapping[str, Any], bound_s: float | None = None
    ) -> Outcome:
        """Call a method in a thread; the outcome also says how the arguments were changed."""
        if client in self._elsewhere and self.children is not None:
            return await self.children.call(client, method, args, bound_s)
        found = self._clients.get(client)
        if found is None:
            return broken("other", f"{self.name}: {method}: client {client} is not open")
        async with found.slots:
            self._endurance.check()
            outcome = await self._renewed(client, found)
            return outcome or await self._called(found, method, args, bound_s)

    async def _renewed(self, client: str, found: _Client) -> Outcome | None:
        """Build a client that is stuck anew; what went wrong with it."""
        async with found.renewing:
            if found.is_stuck:
                outcome, found.handle = await self._built(client, found.settings)
                if "error" in outcome:
                    return outcome
                found.is_stuck = False
        return None

    async def _called(
        self, found: _Client, method: str, args: Mapping[str, Any], bound_s: float | None
    ) -> Outcome:
        deadline_s = (self.limits.call_s if bound_s is None else bound_s) + self.limits.grace_s
        handle, loop = found.handle, self._loop
        try:
            done = await _in_thread(
                lambda: perform(self.adapter, handle, method, args, loop.settle), deadline_s
            )
        except TimeoutError:
            found.is_stuck = True
            # It may be the loop that is blocked.
            self._loop.leave()
            return self._late(method, deadline_s)
        return named(done.taken(), f"{self.name}: {method}")

    async def close(self, client: str) -> Outcome:
        """Let go of a client."""
        if client in self._elsewhere and self.children is not None:
            self._elsewhere.discard(client)
            return await self.children.close(client)
        found = self._clients.pop(client, None)
        if found is None or found.is_stuck:
            return value_outcome({})
        outcome, _ = await self._outcome(
            f"close {client}", lambda: self._settled(self.adapter.close(found.handle))
        )
        return outcome if "error" in outcome else value_outcome({})

    async def starts(self) -> list[dict[str, Any]]:
        """How it starts with each interpreter, all at the same time."""
        starts = await asyncio.gather(*(start_of(host, one) for one, host in self.anew.items()))
        await asyncio.gather(*(host.exit() for host in self.anew.values()))
        return starts

    async def exit(self) -> None:
        """Close what is open, and end the processes."""
        for client in list(self._clients):
            await self.close(client)
        self._loop.leave()
        if self.children is not None:
            await self.children.exit()
            self.notes += self.children.notes


async def _in_thread(work: Callable[[], Any], deadline_s: float) -> _Done:
    """What the work comes to in a thread of its own; raises TimeoutError and leaves it running."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Done] = loop.create_future()

    def tell(done: _Done) -> None:
        if not future.done():
            future.set_result(done)

    def run() -> None:
        try:
            done = _Done(work())
        except BaseException as error:
            done = _Done(error=error)
        # The run may have ended without waiting any longer.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, done)

    threading.Thread(target=run, daemon=True).start()
    async with asyncio.timeout(deadline_s):
        return await future


def python_command(name: str, python: str = sys.executable) -> list[str]:
    """The command that serves an adapter of an interpreter's environment to another process."""
    return [python, "-m", "conformance.adapters.stdio", name]


def adapter_host(
    name: str, limits: SdkLimits | None = None, pythons: Sequence[str] = ()
) -> AdapterHost:
    """The host of the adapter `package.module:Name`; raises ConfigError.

    It can be started anew with this interpreter and with `pythons`, which have its package too.
    """
    limits = limits or SdkLimits()
    adapter = load_adapter(name)

    def child(python: str) -> CommandHost:
        said = f"--adapter {name}" + (f" with {python}" if python != sys.executable else "")
        path = {"PYTHONPATH": os.pathsep.join(_found_by(python))}
        return CommandHost(python_command(name, python), limits, said, path)

    anew = {python: child(python) for python in (sys.executable, *pythons)}
    return AdapterHost(adapter, f"--adapter {name}", limits, child(sys.executable), anew)


def _found_by(python: str) -> list[str]:
    """Where a child finds modules: as here; another interpreter has packages of its own."""
    own = () if python == sys.executable else (sys.prefix, sys.base_prefix)
    return [one for one in sys.path if one and not one.startswith(own)]
