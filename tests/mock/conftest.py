"""A caller of the gateway without sockets, and one real server for all tests that need one."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance.mock import MockServer
from conformance.mock.estate import Estate
from conformance.mock.exchange import Answer, Call, Part
from conformance.mock.faults import gateway_class
from conformance.mock.gateway import Gateway
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

    def wallet(self) -> dict[str, int]:
        return self.workspace.wallet.as_json()


@pytest.fixture
def make_row() -> Callable[..., dict[str, Any]]:
    return row


@pytest.fixture
def make_caller() -> Callable[..., Caller]:
    def make(*faults: str, balance_nanos: int = 100_000_000_000) -> Caller:
        estate = Estate(lambda: START_MS, seed="test")
        return Caller(gateway_class(faults)(estate), estate.open_set(balance_nanos, faults))

    return make


@pytest.fixture
def caller(make_caller: Callable[..., Caller]) -> Caller:
    return make_caller()


@pytest.fixture(scope="session")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running
