"""The session in which one scenario talks to a target: calls, control actions, and their record."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from conformance.json_text import at, dump
from conformance.redact import Redactor
from conformance.routes import TERMINAL, canonical_status
from conformance.targets.limits import Budget, Polling, ScenarioStopped, Work
from conformance.targets.wire import Outgoing
from conformance.transcript import Edge, Exchange, Headers, Part, Step, Transcript, Wallet

__all__ = ["Budget", "Polling", "ScenarioStopped", "Session", "Work", "status_of"]

_CREATE = frozenset({"/batches", "/batch"})
_MOST_UNANSWERED = 5


class Sender(Protocol):
    """What a session needs of a wire."""

    async def send(self, outgoing: Outgoing, redactor: Redactor, start: float) -> Exchange:
        """Send the request and return what happened, redacted."""


Act = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]
ReadWallet = Callable[[str], Awaitable[tuple[int, int, int | None]]]


@dataclass
class Session:
    """One scenario's talk with a target. Every call and action becomes a step of the transcript."""

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
    steps: list[Step] = field(default_factory=list)
    created: dict[str, str] = field(default_factory=dict)
    uploaded: set[str] = field(default_factory=set)
    unanswered: int = 0
    start: float = field(default_factory=time.monotonic)
    started_at: str = field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds")
    )

    def _now_ms(self) -> int:
        return round((time.monotonic() - self.start) * 1000)

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
        url = self._url(path) + (f"?{query}" if query else "")
        outgoing = Outgoing(method, url, tuple(pairs), raw, parts, label)
        if self._may_cost(method, path, body):
            async with self.budget.turn():
                exchange = await _wholly(self._sent(outgoing, path, key))
        else:
            exchange = await self._sent(outgoing, path, key)
        self._stop_when_mute(exchange)
        return exchange

    def _may_cost(self, method: str, path: str, body: Any) -> bool:
        """Whether a batch may come of a request: a create that names a file of this session."""
        named = at(body, "/input_file_id")
        is_create = method == "POST" and path in _CREATE
        return is_create and isinstance(named, str) and named in self.uploaded

    async def _sent(self, outgoing: Outgoing, path: str, key: str | None) -> Exchange:
        exchange = await self.wire.send(outgoing, self.redactor, self.start)
        self._note(outgoing.method, path, key, exchange)
        return exchange

    def _url(self, path: str) -> str:
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
        elif path in _CREATE and found not in self.created:
            self.created[found] = key or "a"
            self.budget.note(response.json)

    def _stop_when_mute(self, exchange: Exchange) -> None:
        self.unanswered = 0 if exchange.response is not None else self.unanswered + 1
        if self.unanswered >= _MOST_UNANSWERED:
            raise ScenarioStopped(
                f"{self.unanswered} calls in a row got no answer, the last: {_came(exchange)}"
            )

    async def upload(
        self, content: bytes, *, key: str = "a", purpose: str | None = "batch"
    ) -> Exchange:
        """Upload a file; `purpose` None leaves the part out."""
        parts = [Part("file", content, "requests.jsonl", "application/jsonl")]
        if purpose is not None:
            parts.insert(0, Part("purpose", purpose.encode()))
        return await self.call("POST", "/files", key=key, parts=tuple(parts))

    async def file(self, content: bytes | None = None, *, key: str = "a") -> str:
        """The id of a freshly uploaded input file (default: two good rows)."""
        content = self.rows(2) if content is None else content
        return self.expect_id(await self.upload(content, key=key), "an uploaded file")

    async def create(
        self, body: Mapping[str, Any], *, path: str = "/batches", key: str = "a"
    ) -> Exchange:
        """POST a create request as it stands; ScenarioStopped when the budget is used up."""
        return await self.call("POST", path, key=key, body=dict(body))

    async def batch(self, *, rows: int = 2, key: str = "a", **members: Any) -> str:
        """Upload `rows` good rows and create a batch of them; `members` go into the request."""
        request = {
            "input_file_id": await self.file(self.rows(rows), key=key),
            "endpoint": self.work.endpoint,
            "completion_window": "24h",
            **members,
        }
        return self.expect_id(await self.create(request, key=key), "an accepted batch")

    async def get(
        self, batch_id: str, *, key: str = "a", prefix: str = "/batches", query: str = ""
    ) -> Exchange:
        """GET one batch."""
        return await self.call("GET", f"{prefix}/{_quoted(batch_id)}", key=key, query=query)

    async def cancel(self, batch_id: str, *, key: str = "a", prefix: str = "/batches") -> Exchange:
        """Cancel one batch, without a body."""
        return await self.call("POST", f"{prefix}/{_quoted(batch_id)}/cancel", key=key)

    async def list(self, query: str = "", *, key: str = "a", prefix: str = "/batches") -> Exchange:
        """List the batches of a workspace."""
        return await self.call("GET", prefix, key=key, query=query)

    async def metadata(self, file_id: str, *, key: str = "a") -> Exchange:
        """GET what is known of a file."""
        return await self.call("GET", f"/files/{_quoted(file_id)}", key=key)

    async def content(self, file_id: str, *, key: str = "a") -> Exchange:
        """Download a file."""
        return await self.call("GET", f"/files/{_quoted(file_id)}/content", key=key)

    async def poll_until(self, batch_id: str, words: frozenset[str] = TERMINAL) -> Exchange:
        """GET a batch until its status is one of `words`; ScenarioStopped at the deadline.

        It also stops after some answers in a row that show no status.
        """
        wait_s = self.polling.first_s
        deadline = time.monotonic() + self.polling.deadline_s
        unreadable = reads = 0
        while True:
            reads += 1
            exchange = await self.get(batch_id)
            status = status_of(exchange)
            if status in words or status in TERMINAL:
                return exchange
            unreadable = unreadable + 1 if status is None else 0
            if unreadable >= _MOST_UNANSWERED:
                raise ScenarioStopped(
                    f"{unreadable} reads of batch {batch_id} in a row show no status, "
                    f"the last is {_came(exchange)}"
                )
            if time.monotonic() > deadline or reads == self.polling.most_reads:
                raise ScenarioStopped(
                    f"batch {batch_id} is {status} after {reads} reads; "
                    "a longer --settlement-deadline gives it time to end"
                )
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 1.5, self.polling.longest_s)

    async def act(self, action: str, **detail: Any) -> dict[str, Any]:
        """Do something outside the API (clock, provider, operator) and record it as an edge."""
        if self.control is None:
            raise ScenarioStopped(f"the target has no control for {action}")
        outcome = await self.control(action, detail)
        shown = json.loads(self.redactor.text(json.dumps({**detail, **outcome})))
        shown.pop("action", None)
        self.steps.append(Edge(action, shown, self._now_ms()))
        return outcome

    async def wallet(self, key: str = "a") -> Wallet:
        """Read the balance of a workspace, in nano-dollars, and record it."""
        if self.read_wallet is None:
            raise ScenarioStopped("the target does not show its wallet")
        balance, reserved, available = await self.read_wallet(key)
        reading = Wallet(key, balance, reserved, available, self._now_ms())
        self.steps.append(reading)
        return reading

    def rows(self, count: int, **body: Any) -> bytes:
        """`count` good input rows as JSON Lines for the endpoint and model of this run."""
        return b"".join(self.row(f"row-{index}", **body) for index in range(1, count + 1))

    def row(self, custom_id: str, *, url: str | None = None, **body: Any) -> bytes:
        """One input row; `body` members are laid over a good request of the endpoint."""
        line = {
            "custom_id": custom_id,
            "method": "POST",
            "url": url or self.work.endpoint,
            "body": {**_good_body(self.work), **body},
        }
        return dump(line).encode() + b"\n"

    @staticmethod
    def expect_id(exchange: Exchange, wanted: str) -> str:
        """The id in a 2xx answer; ScenarioStopped when it is not there."""
        response = exchange.response
        value = at(response.json, "/id") if response is not None and response.ok else None
        if isinstance(value, str) and value:
            return value
        raise ScenarioStopped(f"needed {wanted}, got {_came(exchange)} from {exchange.request.url}")

    def transcript(self, failure: str | None = None) -> Transcript:
        """What was seen so far."""
        return Transcript(
            self.scenario,
            tuple(sorted(self.steps, key=lambda step: step.at_ms)),
            started_at=self.started_at,
            complete=failure is None,
            failure=failure,
        )


def _quoted(name: str) -> str:
    return quote(name, safe="")


async def _wholly(work: Coroutine[Any, Any, Exchange]) -> Exchange:
    """The outcome of work that an interrupt must not cut short: it may make a batch."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _came(exchange: Exchange) -> str:
    response, failure = exchange.response, exchange.failure
    if response is not None:
        return f"HTTP {response.status}"
    return f"{failure.message} ({failure.kind})" if failure else "no answer"


def _good_body(work: Work) -> dict[str, Any]:
    if work.endpoint.endswith("/chat/completions"):
        question = [{"role": "user", "content": "Answer with one word."}]
        return {"model": work.model, "messages": question, "max_tokens": 16}
    if work.endpoint.endswith("/embeddings"):
        return {"model": work.model, "input": "one word"}
    return {"model": work.model, "input": "Answer with one word.", "max_output_tokens": 16}


def status_of(exchange: Exchange) -> str | None:
    """The status word of a batch body, None when there is none."""
    return canonical_status(at(exchange.response.json, "/status")) if exchange.response else None
