"""A caller of the gateway without sockets, and one real server for all tests that need one."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance.mock import MockServer
from conformance.mock.actions import ACTIONS
from conformance.mock.estate import Estate
from conformance.mock.exchange import Answer, Call, Part
from conformance.mock.faults import gateway_class
from conformance.mock.gateway import Gateway
from conformance.mock.outbox import HookAnswer, HookRequest
from conformance.mock.watch import StreamTerms, Watch
from conformance.mock.workspace import WorkspaceSet

START_MS = 1_783_587_600_412


def row(custom_id: str = "a", model: str | None = "mock-mini", **body: Any) -> dict[str, Any]:
    request = {"input": "hello there", **body}
    if model is not None:
        request["model"] = model
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/responses", "body": request}


class Caller:
    """Calls the gateway as the holder of one key of the set."""

    def __init__(self, gateway: Gateway, home: WorkspaceSet, key: str = "a") -> None:
        self.gateway = gateway
        self.home = home
        self.token: str | None = home.keys[key].token
        self.workspace = home.workspace(key)

    def other(self, key: str) -> "Caller":
        return Caller(self.gateway, self.home, key)

    def call(self, method: str, target: str, **more: Any) -> Answer:
        path, _, query = target.partition("?")
        headers = dict(more.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("authorization", f"Bearer {self.token}")
        return self.gateway.answer(Call(method, path, query, headers, **more), self.home)

    def get(self, target: str) -> Answer:
        return self.call("GET", target)

    def post(self, target: str, body: Any = None) -> Answer:
        data = b"" if body is None else json.dumps(body).encode()
        return self.call("POST", target, body=data)

    def upload(self, *rows: dict[str, Any], data: bytes | None = None) -> str:
        content = data if data is not None else b"\n".join(json.dumps(r).encode() for r in rows)
        parts = (Part("file", content, "in.jsonl"), Part("purpose", b"batch"))
        return str(self.call("POST", "/files", parts=parts).body["id"])

    def create(self, *rows: dict[str, Any], **fields: Any) -> Answer:
        file_id = self.upload(*(rows or (row(),)))
        return self.post(
            "/batches", {"endpoint": "/v1/responses", "input_file_id": file_id, **fields}
        )

    def created(self, *rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
        answer = self.create(*rows, **fields)
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def polled_to_end(self, batch_id: str) -> dict[str, Any]:
        for _ in range(10):
            body = dict(self.get(f"/batches/{batch_id}").body)
            if body["status"] in ("completed", "failed", "expired", "cancelled"):
                return body
        raise AssertionError(f"{batch_id} came to no end")

    def finished(self, life: str, *rows: dict[str, Any]) -> dict[str, Any]:
        batch = self.created(*(rows or (row("a"), row("b"))), metadata={"mock_life": life})
        return self.polled_to_end(batch["id"])

    def act(self, action: str, **wanted: Any) -> dict[str, Any]:
        detail = ACTIONS[action](self.gateway, self.home, wanted)
        self.home.hub.pulse()
        return detail

    def lives(self, *frames: dict[str, Any]) -> None:
        """Script the next batch; its frames take no time unless they say so."""
        self.act("life_scripted", life=[{"seconds": 0, **frame} for frame in frames])

    def upgrade(self, target: str, **headers: str) -> StreamTerms | Answer:
        path, _, query = target.partition("?")
        if self.token is not None:
            headers.setdefault("authorization", f"Bearer {self.token}")
        return self.gateway.answer_upgrade(Call("GET", path, query, headers), self.home)

    def watch(self, batch_id: str, query: str = "") -> "Viewer":
        terms = self.upgrade(f"/async/batch/{batch_id}/ws?{query}")
        return self.view(terms)

    def view(self, terms: StreamTerms | Answer) -> "Viewer":
        assert isinstance(terms, StreamTerms), terms
        return Viewer(self.gateway, terms)

    def deliver(self, *answers: HookAnswer) -> list[HookRequest]:
        """Carry out what waits for webhooks, without a network; the last answer is for the rest."""
        sent = []
        for errand in self.gateway.estate.outbox.take():
            request = errand.rules.prepared(errand)
            if request is not None:
                answer = answers[min(len(sent), len(answers) - 1)] if answers else HookAnswer(200)
                errand.rules.record_attempt(errand, request, answer)
                sent.append(request)
        return sent

    def wallet(self) -> dict[str, int]:
        return self.workspace.wallet.as_json()


class Viewer:
    """A stream whose frames are kept; real time never passes, reminders are only noted."""

    def __init__(self, gateway: Gateway, terms: StreamTerms) -> None:
        self.frames: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.reminder_ms: int | None = None
        self.watch = Watch(gateway, terms, self)
        self.watch.open()

    def send(self, text: str) -> None:
        assert self.closed is None
        self.frames.append(json.loads(text))

    def close(self, code: int, reason: str) -> None:
        assert self.closed is None
        self.closed = (code, reason)

    def remind(self, after_ms: int) -> None:
        self.reminder_ms = after_ms

    def forget_reminder(self) -> None:
        self.reminder_ms = None

    def seen(self) -> list[tuple[str, Any]]:
        """Type and status of each frame so far."""
        return [(one["type"], one.get("data", {}).get("status")) for one in self.frames]


@pytest.fixture
def make_row() -> Callable[..., dict[str, Any]]:
    return row


@pytest.fixture
def make_caller() -> Callable[..., Caller]:
    def make(
        *faults: str, balance_nanos: int = 100_000_000_000, profile: str = "ai-stats"
    ) -> Caller:
        estate = Estate(lambda: START_MS, seed="test")
        home = estate.open_set(balance_nanos, faults, profile)
        return Caller(gateway_class(faults, profile)(estate), home)

    return make


@pytest.fixture
def caller(make_caller: Callable[..., Caller]) -> Caller:
    return make_caller()


@pytest.fixture(scope="session")
def server() -> Iterator[MockServer]:
    with MockServer(receiver_wait_s=5) as running:
        yield running
