"""The session in which one scenario talks to a target: calls, control actions, and their record."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from conformance.json_text import at, dump
from conformance.routes import TERMINAL
from conformance.targets.calls import MOST_UNANSWERED, came, status_of
from conformance.targets.limits import Budget, Existing, Polling, ScenarioStopped, Work
from conformance.targets.others import Others, moved_between, others_in
from conformance.targets.silence import Silence
from conformance.targets.steering import Steering
from conformance.targets.stream import LiveStream
from conformance.targets.ws_wire import Upgrade
from conformance.transcript import Exchange, Headers, Part, Transcript, Wallet

__all__ = [
    "Budget", "Existing", "Polling", "ScenarioStopped", "Session", "Work", "status_of"
]  # fmt: skip


@dataclass
class Session(Steering):
    """One scenario's talk with a target. Every call and action becomes a step of the transcript."""

    _silence: Silence | None = field(default=None, init=False, repr=False)

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
            if unreadable >= MOST_UNANSWERED:
                raise ScenarioStopped(
                    f"{unreadable} reads of batch {batch_id} in a row show no status, "
                    f"the last is {came(exchange)}"
                )
            if time.monotonic() > deadline or reads == self.polling.most_reads:
                raise ScenarioStopped(
                    f"batch {batch_id} is {status} after {reads} reads; "
                    "a longer --settlement-deadline gives it time to end"
                )
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 1.5, self.polling.longest_s)

    def stream(
        self,
        target: str,
        *,
        key: str | None = "a",
        query: str = "",
        headers: Headers = (),
        subprotocols: tuple[str, ...] = (),
        label: str | None = None,
    ) -> LiveStream:
        """A stream to be opened with `async with`: of a batch id, a path, or an absolute URL.

        `key` is the name of a key or None; an address at another host is refused.
        """
        if self.ws_wire is None:
            raise ScenarioStopped("the target has no streams")
        pairs = list(headers)
        if key is not None:
            pairs.append(("authorization", f"Bearer {self.keys[key]}"))
        url = self._stream_url(target) + (f"?{query}" if query else "")
        upgrade = Upgrade(url, tuple(pairs), subprotocols)
        return LiveStream(self.ws_wire, upgrade, self, label, self.heard, self._known_silence())

    def _known_silence(self) -> Silence | None:
        """What knows that nothing will come; None where nobody can."""
        if self.control is None:
            return None
        if self._silence is None:
            self._silence = Silence(partial(self.control, "streams_told"), self)
        return self._silence

    def _stream_url(self, target: str) -> str:
        if target.startswith(("ws://", "wss://")):
            return "ws" + self.url_of("http" + target.removeprefix("ws")).removeprefix("http")
        path = target if target.startswith("/") else f"/async/batch/{quote(target, safe='')}/ws"
        return "ws" + self.url_of(path).removeprefix("http")

    def price_card(self) -> None:
        """Record the prices that hold from here on; ScenarioStopped where nobody knows them."""
        if self.prices is None:
            raise ScenarioStopped("the prices of the target are not known; give --prices")
        if not any(one.get("model") in {None, self.work.model} for one in self.prices):
            raise ScenarioStopped(f"--prices has no price of {self.work.model}")
        self.remark("price_card", prices=[dict(one) for one in self.prices])

    async def wallet(self, key: str = "a") -> Wallet:
        """Read the balance of a workspace, in nano-dollars, and record it."""
        if self.read_wallet is None:
            raise ScenarioStopped("the target does not show its wallet")
        if not self.shows_wallet(key):
            raise ScenarioStopped(f"the target does not show the wallet of key {key}")
        balance, reserved, available = await self.read_wallet(key)
        reading = Wallet(key, balance, reserved, available, self.now_ms())
        self.steps.append(reading)
        return reading

    def shows_wallet(self, key: str) -> bool:
        """Whether `wallet` can read the balance behind this key."""
        return self.read_wallet is not None and (self.wallets is None or key in self.wallets)

    async def quiet_wallet(self, key: str = "a") -> Wallet:
        """The balance of a workspace in which nothing but this scenario moves money.

        Where others are in it two readings must agree, and no other scenario may have left a
        batch unsettled: else ScenarioStopped, and no reading stays on record, so that none is
        judged. Worth calling first and last.
        """
        first = await self.wallet(key)
        if self.unsettled is None:
            return first
        left = [one for one in self.unsettled() if one not in self.created]
        if left:
            self._forget_wallet()
            raise ScenarioStopped(f"batch {left[0]} of this run is not settled: it may move money")
        await asyncio.sleep(self.polling.first_s)
        second = await self.wallet(key)
        if _money(first) != _money(second):
            self._forget_wallet()
            raise ScenarioStopped("the workspace is not quiet: its balance moves without this run")
        return second

    @asynccontextmanager
    async def undisturbed(self) -> AsyncIterator[None]:
        """Around readings of a balance that others may move: none stays if they made batches.

        A batch of theirs that is new or has moved on meanwhile is a ScenarioStopped.
        """
        if self.unsettled is None:
            yield
            return
        before, stopped = await self._others(), None
        try:
            yield
        except ScenarioStopped as error:
            stopped = error
        moved = moved_between(before, await self._others())
        if moved is not None:
            self._forget_wallet()
            stopped = ScenarioStopped(f"the workspace is not quiet: others have batch {moved}")
        if stopped is not None:
            raise stopped

    async def _others(self) -> Others:
        return others_in(await self.list("limit=100"), self.created, self.uploaded)

    def _forget_wallet(self) -> None:
        self.steps[:] = [step for step in self.steps if not isinstance(step, Wallet)]

    def tell(self, text: str) -> None:
        """Tell the user of the run something; printed at its end."""
        self.notes.append(text)

    def rows(self, count: int, **body: Any) -> bytes:
        """`count` good input rows as JSON Lines for the endpoint and model of this run."""
        return b"".join(self.row(f"row-{index}", **body) for index in range(1, count + 1))

    def row(self, custom_id: str, *, url: str | None = None, **body: Any) -> bytes:
        """One input row; `body` members are laid over a good request of the endpoint."""
        line = {
            "custom_id": custom_id,
            "method": "POST",
            "url": url or self.work.endpoint,
            "body": {**self.work.good_body(), **body},
        }
        return dump(line).encode() + b"\n"

    @staticmethod
    def expect_id(exchange: Exchange, wanted: str) -> str:
        """The id in a 2xx answer; ScenarioStopped when it is not there."""
        response = exchange.response
        value = at(response.json, "/id") if response is not None and response.ok else None
        if isinstance(value, str) and value:
            return value
        raise ScenarioStopped(f"needed {wanted}, got {came(exchange)} from {exchange.request.url}")

    def transcript(self, failure: str | None = None) -> Transcript:
        """What was seen so far."""
        return Transcript(
            self.scenario,
            tuple(sorted(self.steps, key=lambda step: step.at_ms)),
            started_at=self.started_at,
            complete=failure is None,
            failure=failure,
        )


def _money(reading: Wallet) -> tuple[int, int, int | None]:
    return reading.balance_nanos, reading.reserved_nanos, reading.available_nanos


def _quoted(name: str) -> str:
    return quote(name, safe="")
