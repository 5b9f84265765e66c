"""Sessions with an SDK: each client and call is on record, with exact numbers and no secrets."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

import httpx
import pytest

from conformance.redact import Redactor
from conformance.targets.limits import ScenarioStopped
from conformance.targets.recorder import Reply, always
from conformance.targets.sdk_session import NO_KEYS, SdkSession, Setup
from conformance.targets.session import Session
from conformance.targets.wire import Wire
from conformance.transcript import Call, Edge, Exchange, Transcript

KEY = "aistats_v1_sk_0123456789abcdef_00ff11ee22dd33cc44bb55aa"
OK = always(Reply(body=b"{}"))
HELLO = {"sdk": "acme", "methods": {"getBatch": "get_batch"}, "concurrency": 4}
FAILED = {"error": {"kind": "argument", "type": "ValueError", "message": "no key"}}
BROKE = {"error": {"kind": "protocol", "message": "a line that is no JSON", "by": "suite"}}


class Host:
    """An SDK in a few lines: `getBatch` is a GET, everything else returns its arguments."""

    def __init__(self) -> None:
        self.urls: dict[str, str] = {}
        self.opened: list[tuple[Any, ...]] = []
        self.args: list[Mapping[str, Any]] = []
        self.opening: dict[str, Any] = {"value": {}}
        self.returned: dict[str, Any] = {"value": None}

    async def hello(self) -> dict[str, Any]:
        return HELLO

    async def open(
        self, client: str, settings: Mapping[str, Any], env: Mapping[str, str | None] | None = None
    ) -> dict[str, Any]:
        self.opened.append((client, dict(settings), env))
        self.urls[client] = settings["base_url"]
        return self.opening

    async def call(
        self, client: str, method: str, args: Mapping[str, Any], bound_s: float | None = None
    ) -> dict[str, Any]:
        self.args.append(args)
        if method == "getBatch":
            async with httpx.AsyncClient(trust_env=False) as http:
                await http.get(f"{self.urls[client]}/batches/{args['batch_id']}")
        return self.returned

    async def close(self, client: str) -> dict[str, Any]:
        del self.urls[client]
        return {"value": {}}


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def run(host: Host) -> Callable[..., Transcript]:
    """The transcript of work with an SDK."""

    def go(work: Callable[[SdkSession], Awaitable[Any]]) -> Transcript:
        async def whole() -> Transcript:
            async with httpx.AsyncClient() as client:
                redactor = Redactor({"key:a": KEY})
                session = Session("play", "http://h/v1", Wire(client), {"a": KEY}, redactor)
                sdk = SdkSession(session, host)
                await sdk.start()
                await work(sdk)
                return session.transcript()

        return asyncio.run(whole())

    return go


def calls(seen: Transcript) -> list[Call]:
    return [call for _, call in seen.of(Call)]


def test_a_transcript_tells_hello_client_call_and_its_exchange(run: Any, host: Host) -> None:
    async def work(sdk: SdkSession) -> None:
        assert (sdk.offered("createBatch", "getBatch"), sdk.concurrency) == (["getBatch"], 4)
        async with sdk.client(OK, Setup("/v1/", timeout_s=1.0)) as client:
            await client.call("getBatch", label="read", batch_id="b")

    seen = run(work)
    hello, opened, call, exchange, closed = seen.steps
    assert (hello, seen.is_of_sdk) == (Edge("sdk_hello", HELLO), True)
    own, other = opened.detail["origins"]
    assert opened.action == "sdk_open"
    assert opened.detail == {
        "client": "play-1",
        "base_url": f"{own}/v1/",
        "origins": [own, other],
        "settings": {"base_url": f"{own}/v1/", "api_key": "{{key:a}}", "timeout": Decimal("1.0")},
        "env": None,
        "outcome": {"value": {}},
    }
    assert isinstance(exchange, Exchange)
    assert (exchange.request.url, exchange.label) == (f"{own}/v1//batches/b", "read")
    assert call == Call(
        "getBatch", {"batch_id": "b"}, {"value": None}, "play-1", "get_batch",
        call.at_ms, call.ended_at_ms, "read",
    )  # fmt: skip
    assert (closed.action, closed.detail["client"]) == ("sdk_close", "play-1")
    assert host.opened[0][1]["api_key"] == KEY


def test_what_happens_on_the_wire_is_in_the_time_of_its_call_alone(run: Any) -> None:
    async def work(sdk: SdkSession) -> None:
        async with sdk.client(OK) as client:
            for number in range(6):
                await client.call("batches.get", batch_id=str(number))
                await client.call("getBatch", batch_id=str(number))

    seen = run(work)
    spans = [(call.at_ms, call.ended_at_ms) for call in calls(seen)]
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    begun = [one.at_ms for _, one in seen.exchanges]
    owners = [[i for i, (a, b) in enumerate(spans) if a <= at_ms <= b] for at_ms in begun]
    assert owners == [[1], [3], [5], [7], [9], [11]]


def test_outcomes_and_arguments_are_exact_and_without_secrets(run: Any, host: Host) -> None:
    host.returned = {"value": {"huge": 2**60 + 1, "tenth": 0.1}, "type": "dict", "raw": [KEY]}
    half = Decimal("0.5")

    async def work(sdk: SdkSession) -> None:
        async with sdk.client(OK) as client:
            assert await client.call("createBatch", request={"a": half, "k": KEY}) is host.returned

    [call] = calls(run(work))
    assert call.arguments == {"request": {"a": half, "k": "{{key:a}}"}}
    assert type(host.args[0]["request"]["a"]) is float
    shown = {"huge": 2**60 + 1, "tenth": Decimal("0.1")}
    assert call.outcome == {"value": shown, "type": "dict", "raw": ["{{key:a}}"]}
    assert call.native is None


def test_a_client_without_a_key_has_it_from_its_variables(run: Any, host: Host) -> None:
    setup = Setup(has_key=False, env={**NO_KEYS, "PHASEO_API_KEY": KEY})

    async def work(sdk: SdkSession) -> None:
        async with sdk.client(OK, setup):
            pass

    ((_, opened),) = run(work).edges("sdk_open")
    assert host.opened[0][1]["api_key"] is None
    assert host.opened[0][2] == setup.env
    assert opened.detail["env"] == {**NO_KEYS, "PHASEO_API_KEY": "{{key:a}}"}


def test_a_client_that_is_not_built_cannot_be_called(run: Any, host: Host) -> None:
    host.opening = FAILED

    async def work(sdk: SdkSession) -> None:
        async with sdk.client(OK) as client:
            assert not client.is_open
            with pytest.raises(ScenarioStopped, match="builds no client: no key"):
                await client.call("getBatch", batch_id="b")

    seen = run(work)
    assert [edge.detail["outcome"] for _, edge in seen.edges("sdk_open")] == [FAILED]
    assert [edge.detail["outcome"] for _, edge in seen.edges("sdk_close")] == [None]
    assert calls(seen) == []


def test_an_adapter_that_broke_is_remembered(run: Any, host: Host) -> None:
    host.returned = BROKE

    async def work(sdk: SdkSession) -> None:
        async with sdk.client_at("https://example.test/v1") as client:
            assert sdk.trouble is None
            await client.call("batches.get", batch_id="b")
            host.returned = {"error": {"kind": "protocol", "by": "suite", "message": "later"}}
            await client.call("batches.get", batch_id="b")
            assert sdk.trouble == "play-1 batches.get: a line that is no JSON"

    ((_, opened),) = run(work).edges("sdk_open")
    assert (opened.detail["base_url"], opened.detail["origins"]) == ("https://example.test/v1", [])


def test_a_script_can_be_changed_where_there_is_a_recorder(run: Any) -> None:
    async def work(sdk: SdkSession) -> None:
        async with sdk.client(always(Reply(500))) as client:
            await client.call("getBatch", batch_id="b")
            client.answer(OK)
            await client.call("getBatch", batch_id="b")
        async with sdk.client_at("http://h/v1") as client:
            with pytest.raises(ValueError, match="has no recorder"):
                client.answer(OK)

    statuses = [one.response and one.response.status for _, one in run(work).exchanges]
    assert statuses == [500, 200]


def test_a_script_that_breaks_is_a_crash_of_the_suite(run: Any) -> None:
    def broken(request: Any) -> Reply:
        raise KeyError(request.target)

    async def work(sdk: SdkSession) -> None:
        async with sdk.client(broken) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.call("getBatch", batch_id="b")

    with pytest.raises(KeyError, match="/v1/batches/b"):
        run(work)


def test_nobody_listens_at_the_base_url_of_a_client_of_nobody(run: Any) -> None:
    async def work(sdk: SdkSession) -> None:
        async with sdk.client_of_nobody() as client:
            with pytest.raises(httpx.ConnectError):
                await client.call("getBatch", batch_id="b")

    run(work)
