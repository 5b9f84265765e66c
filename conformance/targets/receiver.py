"""Receivers of webhooks: where deliveries of a scenario arrive, are answered and put on record."""

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from conformance.signature import trimmed, verify
from conformance.targets.hook_plans import Plans
from conformance.targets.hook_server import (
    HOST,
    Answer,
    Arrived,
    Guest,
    HookServer,
    bound_socket,
    is_local,
)
from conformance.targets.limits import EventLimits, ScenarioStopped
from conformance.targets.wire import Record
from conformance.transcript import Body, Delivery, Edge

__all__ = ["FRESH", "Answer", "Hook", "Receivers"]

# What a webhook is told of unless it says otherwise. What a managed endpoint adds is not known.
ENDS = ("job.completed", "job.failed", "job.cancelled", "job.expired")
# Stands for a new secret; an empty text would be none.
FRESH = ""
_PREFIXES = ("x-ai-stats-", "x-phaseo-")
_MOST_DELIVERIES = 1000
_MOST_BYTES = 32 * 1024 * 1024
# Of a body past the limit only the beginning is kept.
_KEPT_BYTES = 64 * 1024

Knock = Callable[[str], Awaitable[str]]


class Hook:
    """One receiver of a scenario: its address and secret, and what has arrived there.

    A delivery is there when it was answered, or when its sender has given up.
    """

    def __init__(
        self, record: Record, url: str, secret: str | None, limits: EventLimits, plans: Plans
    ) -> None:
        self.url = url
        self.secret = secret
        # Of a managed endpoint that leads here; None where a create names the address itself.
        self.endpoint_id: str | None = None
        self._record = record
        self._limits = limits
        self._plans = plans
        self._room = _MOST_BYTES
        self._script: list[Answer] = []
        self._pending: dict[int, Delivery] = {}
        self._answers: dict[int, int] = {}
        self._settled: list[Delivery] = []
        self._came = asyncio.Event()

    @property
    def path(self) -> str:
        """The path of the address."""
        return urlsplit(self.url).path

    def webhook(self, **members: Any) -> dict[str, Any]:
        """The `webhook` of a create request, with further members such as `events`."""
        if self.endpoint_id is not None:
            return {"endpoint_id": self.endpoint_id, "events": list(ENDS), **members}
        signing = {} if self.secret is None else {"secret": self.secret}
        return {"url": self.url, **signing, **members}

    def answer_with(self, *answers: Answer | int) -> None:
        """Give these answers in turn from now on; the last one stays. Put on record as an edge."""
        self._script = [Answer(one) if isinstance(one, int) else one for one in answers]
        self._plans.put(self._record, self.path, self._script)

    async def deliveries(self, count: int = 1, timeout_s: float | None = None) -> list[Delivery]:
        """What has arrived so far, as soon as it is so many or the time is over."""
        seconds = self._limits.wait_s if timeout_s is None else timeout_s
        await self._until(lambda: len(self._settled) >= count, seconds)
        return list(self._settled)

    async def settled(self) -> list[Delivery]:
        """What has arrived so far, as soon as all of it is there; nothing else is waited for."""
        await self._until(lambda: not self._pending, self._limits.wait_s)
        return list(self._settled)

    async def called(self) -> None:
        """Wait for a request that has no answer yet."""
        await self._until(lambda: bool(self._pending), None)

    async def _until(self, done: Callable[[], bool], wait_s: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while not done():
                    self._came.clear()
                    await self._came.wait()

    def arrive(self, arrived: Arrived) -> Answer:
        """Put a request on record; the answer to give."""
        if len(self._pending) + len(self._settled) >= _MOST_DELIVERIES or self._room <= 0:
            return Answer(429)
        if not (arrived.method.isascii() and arrived.method.isalpha() and arrived.method.isupper()):
            return Answer(405)
        self._plans.arrived()
        delivery = self._delivery(arrived)
        self._room -= len(delivery.body.content)
        self._pending[id(arrived)] = delivery
        self._came.set()
        self._record.steps.append(delivery)
        return self._answer(arrived)

    def _answer(self, arrived: Arrived) -> Answer:
        if arrived.fault is not None:
            answer = Answer(413) if arrived.fault == "too-large" else Answer(drop=True)
        else:
            answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if not answer.drop:
            self._answers[id(arrived)] = answer.status
        return answer

    def settle(self, arrived: Arrived, *, answered: bool) -> None:
        """The answer is sent, or will not be."""
        delivery = self._pending.pop(id(arrived), None)
        status = self._answers.pop(id(arrived), None)
        if delivery is None:
            return
        if answered and status is not None:
            found = replace(delivery, answered={"status": status})
            place = next(i for i, one in enumerate(self._record.steps) if one is delivery)
            self._record.steps[place] = found
            delivery = found
        self._settled.append(delivery)
        self._came.set()

    def _delivery(self, arrived: Arrived) -> Delivery:
        """The step of a request that was not answered yet, which reads as dropped."""
        redactor = self._record.redactor
        query = urlsplit(arrived.target).query
        content = redactor.content(arrived.content)
        if arrived.fault is not None:
            content = content[:_KEPT_BYTES]
        exact = arrived.fault is None and content == arrived.content
        return Delivery(
            arrived.method,
            redactor.text(self.path + (f"?{query}" if query else "")),
            redactor.headers(arrived.headers),
            Body(content, exact=exact),
            self._record.now_ms(),
            {"dropped": True},
            self._signature_valid(arrived),
        )

    def _signature_valid(self, arrived: Arrived) -> bool | None:
        if self.secret is None or arrived.fault is not None:
            return None
        return any(
            verify(
                self.secret,
                arrived.headers,
                arrived.content,
                now_s=0,
                tolerance_s=None,
                prefix=prefix,
            )
            for prefix in _PREFIXES
        )


class _Doorbell:
    """Finds out whether an address leads here."""

    def __init__(self) -> None:
        self.rung = False

    def arrive(self, _arrived: Arrived) -> Answer:
        """It does."""
        self.rung = True
        return Answer(204)

    def settle(self, _arrived: Arrived, *, answered: bool) -> None:
        """All is said."""


class Receivers:
    """All receivers of one run, behind one port.

    With a `public_url` the port is taken at once (PortInUse), and `knock` calls an address from
    outside, saying what came of it, before the first receiver is handed out. A `host` that is not
    of this machine alone is for a gateway that sees other addresses than we do: no knock is made,
    and that nothing comes says nothing.
    """

    def __init__(
        self,
        limits: EventLimits,
        public_url: str | None = None,
        port: int = 0,
        knock: Knock | None = None,
        host: str = HOST,
    ) -> None:
        self._limits = limits
        self._public_url = public_url.rstrip("/") if public_url else None
        self._knock = knock if is_local(host) else None
        self._plans = Plans(is_sure=is_local(host))
        self._guests: dict[str, Guest] = {}
        self._server = HookServer(self._find, port, host) if public_url else None
        self._closed_port: socket.socket | None = None
        self._lock = asyncio.Lock()
        self._doubt: str | None = None
        self._is_ready = False

    async def open(
        self, record: Record, secret: str | None, answers: Sequence[Answer | int]
    ) -> Hook:
        """A receiver; without answers nobody listens at its address."""
        if secret == FRESH:
            secret = f"whsec_{secrets.token_hex(16)}"
        if secret is not None:
            record.redactor.learn("webhook", trimmed(secret))
        if not answers:
            return self._nobody(record, secret)
        base = await self._ready()
        name = self._new_name()
        hook = Hook(record, base + name, secret, self._limits, self._plans)
        hook.answer_with(*answers)
        self._guests[name] = hook
        return hook

    @property
    def unheard(self) -> str | None:
        """The address that was handed out, when nobody knows whether it leads here."""
        return self._public_url if self._plans.kept_back else None

    def _new_name(self) -> str:
        return f"/hook-{len(self._guests) + 1}-{secrets.token_hex(16)}"

    def _nobody(self, record: Record, secret: str | None) -> Hook:
        if self._public_url is not None:
            raise ScenarioStopped("--webhook-url has no address at which nobody listens")
        if self._closed_port is None:
            self._closed_port = bound_socket()
        base = f"http://{HOST}:{self._closed_port.getsockname()[1]}"
        hook = Hook(record, base + self._new_name(), secret, self._limits, self._plans)
        detail = {"path": hook.path}
        record.steps.append(Edge("webhook_receiver_closed", detail, record.now_ms()))
        return hook

    async def _ready(self) -> str:
        """The address of all receivers; ScenarioStopped where it does not lead here."""
        async with self._lock:
            if self._server is None:
                self._server = HookServer(self._find)
            await self._server.start()
            if self._public_url is None:
                return f"http://{HOST}:{self._server.port}"
            if not self._is_ready:
                self._doubt = await self._doubt_of(self._public_url, self._server.port)
                self._is_ready = True
        if self._doubt is not None:
            raise ScenarioStopped(self._doubt)
        return self._public_url

    async def _doubt_of(self, base: str, port: int) -> str | None:
        if self._knock is None:
            return None
        bell, name = _Doorbell(), self._new_name()
        self._guests[name] = bell
        outcome = await self._knock(base + name)
        if bell.rung:
            return None
        return (
            f"--webhook-url {base} does not lead to port {port} of this machine: a call of it "
            f"gives {outcome}"
        )

    def _find(self, target: str) -> Guest | None:
        """The guest at a path; a tunnel may keep its own path in front of it or take it off."""
        try:
            path = urlsplit(target).path
        except ValueError:
            return None
        if self._public_url is not None:
            path = path[max(0, path.rfind("/")) :]
        return self._guests.get(path)

    async def close(self) -> None:
        """Receive nothing more."""
        if self._server is not None:
            await self._server.close()
        if self._closed_port is not None:
            self._closed_port.close()
