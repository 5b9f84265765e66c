"""The calls that one scenario makes: keys, budget, what is counted, and their record."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from conformance.json_text import at, dump
from conformance.redact import Redactor
from conformance.routes import canonical_status
from conformance.targets.limits import Budget, Existing, Polling, ScenarioStopped, Work
from conformance.targets.receiver import Receivers
from conformance.targets.sdk_caller import SdkHost
from conformance.targets.stream import Dialler
from conformance.targets.wire import Outgoing
from conformance.transcript import Exchange, Headers, Part, Step

_CREATE = frozenset({"/batches", "/batch"})
MOST_UNANSWERED = 5


class Sender(Protocol):
    """What a session needs of a wire."""

    async def send(self, outgoing: Outgoing, redactor: Redactor, start: float) -> Exchange:
        """Send the request and return what happened, redacted."""


Act = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]
ReadWallet = Callable[[str], Awaitable[tuple[int, int, int | None]]]
Unsettled = Callable[[], Sequence[str]]


@dataclass
class Calls:
    """One scenario's calls of a target. Every one becomes a step of the transcript."""

    scenario: str
    base_url: str
    wire: Sender
    keys: Mapping[str, str] = field(repr=False)
    redactor: Redactor
    work: Work = field(default_factory=Work)
    polling: Polling = field(default_factory=Polling)
    budget: Budget = field(default_factory=Budget)
    control: Act | None = None
    read_wallet: ReadWallet | None = None
    # The keys whose balance can be read; None means every one.
    wallets: frozenset[str] | None = None
    # Batches of the run that may still move the balance; None where nobody else is in it.
    unsettled: Unsettled | None = None
    prices: Sequence[Mapping[str, Any]] | None = None
    existing: Existing = field(default_factory=Existing)
    # How streams are opened and where webhooks arrive; None where the target has no such thing.
    ws_wire: Dialler | None = None
    receivers: Receivers | None = None
    # How a create names a webhook: inline, by its address; managed, by an endpoint that the target
    # is made to register; none, where it must be such an endpoint and nobody can make one.
    webhooks: str = "inline"
    # Who calls the SDK that is under test; None where the target is a gateway alone.
    sdk_host: SdkHost | None = None
    notes: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    created: dict[str, str] = field(default_factory=dict)
    uploaded: set[str] = field(default_factory=set)
    unanswered: int = 0
    # How much the scenario has done so far, and how much it is doing.
    doings: int = 0
    under_way: int = 0
    start: float = field(default_factory=time.monotonic)
    started_at: str = field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds")
    )

    def now_ms(self) -> int:
        """The time since the scenario began."""
        return round((time.monotonic() - self.start) * 1000)

    def skip_to(self, at_ms: int) -> None:
        """Let the time go on to this moment at once; it never goes back."""
        self.start = min(self.start, time.monotonic() - at_ms / 1000)

    @contextmanager
    def doing(self) -> Iterator[None]:
        """Around everything that may have effects at the target."""
        self.doings += 1
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    async def call(
        self,
        method: str,
        path: str,
        *,
        key: str | None = "a",
        body: Any = None,
        raw: bytes | None = None,
        parts: tuple[Part, ...] = (),
        headers: Headers = (),
        query: str = "",
        label: str | None = None,
    ) -> Exchange:
        """Send one request below the base URL; `path` may also be an absolute URL of the target.

        `key` is the name of a key or None; `body` is a JSON value, `raw` bytes sent as JSON.
        """
        pairs = list(headers)
        if key is not None:
            pairs.append(("authorization", f"Bearer {self.keys[key]}"))
        if body is not None:
            raw = dump(body).encode()
        if raw is not None and not any(name.lower() == "content-type" for name, _ in pairs):
            pairs.append(("content-type", "application/json"))
        url = self.url_of(path) + (f"?{query}" if query else "")
        outgoing = Outgoing(method, url, tuple(pairs), raw, parts, label)
        if self._may_cost(method, path, body):
            async with self.budget.turn():
                exchange = await _wholly(self._sent(outgoing, path, key))
        else:
            exchange = await self._sent(outgoing, path, key)
        self.heard(exchange.response is not None, came(exchange))
        return exchange

    def _may_cost(self, method: str, path: str, body: Any) -> bool:
        """Whether a batch may come of a request: a create that names a file of this session."""
        named = at(body, "/input_file_id")
        is_create = method == "POST" and path in _CREATE
        return is_create and isinstance(named, str) and named in self.uploaded

    async def _sent(self, outgoing: Outgoing, path: str, key: str | None) -> Exchange:
        with self.doing():
            exchange = await self.wire.send(outgoing, self.redactor, self.start)
        self._note(outgoing.method, path, key, exchange)
        return exchange

    def url_of(self, path: str) -> str:
        """The address of a path; one at another host is refused, for it would be told the key."""
        if not path.startswith(("http://", "https://")):
            return self.base_url + path
        if urlsplit(path)[:2] != urlsplit(self.base_url)[:2]:
            raise ScenarioStopped(
                f"{path} is at another host than {self.base_url}; the key is not sent there"
            )
        return path

    def _note(self, method: str, path: str, key: str | None, exchange: Exchange) -> None:
        self.steps.append(exchange)
        response = exchange.response
        if method != "POST" or response is None or not response.ok:
            return
        found = at(response.json, "/id")
        if not isinstance(found, str):
            return
        if path == "/files":
            self.uploaded.add(found)
        else:
            self.count(path, response.json, key or "a")

    def count(self, path: str, answer: Any, key: str = "a") -> None:
        """Count what a POST of this path was answered, where it made a batch with this key."""
        found = at(answer, "/id")
        if path in _CREATE and isinstance(found, str) and found not in self.created:
            self.created[found] = key
            self.budget.note(answer)

    def heard(self, answered: bool, last: str) -> None:  # noqa: FBT001 - a fact, no switch
        """Count what nobody answers; ScenarioStopped when it is too much in a row."""
        self.unanswered = 0 if answered else self.unanswered + 1
        if self.unanswered >= MOST_UNANSWERED:
            raise ScenarioStopped(
                f"{self.unanswered} calls in a row got no answer, the last: {last}"
            )


async def _wholly(work: Coroutine[Any, Any, Exchange]) -> Exchange:
    """The outcome of work that an interrupt must not cut short: it may make a batch."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def came(exchange: Exchange) -> str:
    """In a few words what came of a call."""
    response, failure = exchange.response, exchange.failure
    if response is not None:
        return f"HTTP {response.status}"
    return f"{failure.message} ({failure.kind})" if failure else "no answer"


def status_of(exchange: Exchange) -> str | None:
    """The status word of a batch body, None when there is none."""
    return canonical_status(at(exchange.response.json, "/status")) if exchange.response else None
