"""The embedded mock as a target: a workspace for each scenario, control, and its end."""

import asyncio
from typing import Any

import httpx
import pytest

from conformance.mock.server import MockServer
from conformance.targets.mock import MockTarget, mock_capabilities
from conformance.targets.session import ScenarioStopped, Session
from conformance.targets.stream import showing, typed
from conformance.transcript import Delivery, Stream


def with_target(work: Any, **options: Any) -> Any:
    async def run() -> Any:
        target = MockTarget(**options)
        try:
            return await work(target)
        finally:
            await target.close()

    return asyncio.run(run())


def test_each_scenario_has_a_workspace_of_its_own() -> None:
    async def work(target: MockTarget) -> tuple[str, str, int, int]:
        one, other = await target.open("one"), await target.open("other")
        batch_id = await one.batch()
        own, foreign = await one.get(batch_id), await other.get(batch_id)
        assert own.response is not None
        assert foreign.response is not None
        return one.base_url, other.base_url, own.response.status, foreign.response.status

    first, second, *statuses = with_target(work)
    assert (first != second, statuses) == (True, [200, 404])


def test_calls_go_to_the_address_of_the_workspace() -> None:
    async def work(target: MockTarget) -> tuple[str, str]:
        session = await target.open("one")
        exchange = await session.list()
        return session.base_url, exchange.request.url

    base, url = with_target(work)
    assert "/_sets/" in base
    assert url == f"{base}/batches"


def test_control_and_wallet_become_steps() -> None:
    async def work(target: MockTarget) -> Session:
        session = await target.open("one")
        batch_id = await session.batch()
        await session.act("provider_hold", batch=batch_id, hold=True)
        await session.wallet()
        return session

    kinds = [type(step).__name__ for step in with_target(work).steps]
    assert kinds == ["Exchange", "Exchange", "Edge", "Wallet"]


def test_no_key_is_in_the_record() -> None:
    async def work(target: MockTarget) -> Session:
        session = await target.open("one")
        for name in session.keys:
            await session.list(key=name)
        return session

    session = with_target(work)
    shown = repr(session.transcript())
    assert not [key for key in session.keys.values() if key in shown]
    assert "{{key:no_funds}}" in shown


def test_faults_hold_in_every_workspace() -> None:
    async def work(target: MockTarget) -> int:
        exchange = await (await target.open("one")).list(key=None)
        assert exchange.response is not None
        return exchange.response.status

    assert with_target(work, faults=["no-credentials-answered-403"]) == 403
    assert with_target(work) == 401


def test_its_own_server_ends_with_it_and_one_given_stays(mock_gateway: MockServer) -> None:
    async def work(target: MockTarget) -> str:
        await target.open("one")
        return str(target.url)

    gone = with_target(work)
    with pytest.raises(httpx.ConnectError):
        httpx.get(gone)
    assert httpx.get(with_target(work, server=mock_gateway)).status_code == 404


def test_its_models_and_prices_are_known() -> None:
    async def work(target: MockTarget) -> Session:
        return await target.open("one")

    session = with_target(work)
    assert (session.work.free_model, session.work.second_model) == ("mock-free", "mock-fine")
    priced = {one["model"]: one["price_per_unit"] for one in session.prices}
    assert {name: priced[name] for name in ("mock-mini", "mock-free", "mock-fine")} == {
        "mock-mini": "0.000002000",
        "mock-free": "0.000000000",
        "mock-fine": "0.150000000",
    }
    assert {"price-card", "stream", "webhook"} <= set(mock_capabilities().offered)


def test_managed_endpoints_are_offered_in_the_profile_that_has_them() -> None:
    async def work(target: MockTarget) -> tuple[bool, str]:
        return "managed-endpoint" in target.capabilities, (await target.open("one")).webhooks

    assert with_target(work) == (False, "inline")
    assert with_target(work, profile="phaseo") == (True, "managed")


def test_streams_and_webhooks_of_a_batch_are_steps_without_secrets() -> None:
    async def work(target: MockTarget) -> tuple[Session, str]:
        session = await target.open("one")
        receiver = await session.receiver(answers=(500, 200))
        batch_id = await session.batch(webhook=receiver.webhook(events=["created", "completed"]))
        async with session.stream(batch_id) as stream:
            await stream.until(typed("job.snapshot"))
            await session.poll_until(batch_id)
            await session.act("clock_advanced", by_ms=3000)
            await stream.until(showing("completed"))
            await stream.end()
        await receiver.deliveries(2)
        return session, str(receiver.secret)

    session, secret = with_target(work)
    transcript = session.transcript()
    (stream,) = [step for _, step in transcript.of(Stream)]
    deliveries = [step for _, step in transcript.of(Delivery)]
    assert stream.close is not None
    assert (stream.close.code, stream.close.by) == (1000, "server")
    assert [(one.answered, one.signature_valid) for one in deliveries] == [
        ({"status": 500}, True), ({"status": 200}, True),
    ]  # fmt: skip
    shown = repr(transcript)
    assert (secret in shown, session.keys["a"] in shown) == (False, False)
    assert '"secret":"{{webhook:1}}"' in shown


def test_a_wait_for_what_never_comes_takes_the_time_of_the_scenario_alone() -> None:
    async def work(target: MockTarget) -> Any:
        session = await target.open("one")
        batch_id = await session.batch()
        async with session.stream(batch_id) as stream:
            await stream.frame()
            await session.get(batch_id)
            frames = [
                await stream.until(typed("job.deleted"), 7_000.0),
                await stream.frame(9_000.0),
            ]
        return frames, session.now_ms(), session.transcript()

    async def quickly(target: MockTarget) -> Any:
        async with asyncio.timeout(20):
            return await work(target)

    frames, now_ms, transcript = with_target(quickly)
    ((_, stream),) = transcript.of(Stream)
    assert (frames, stream.close.by, len(stream.frames)) == ([None, None], "client", 2)
    assert 16_000_000 <= stream.close.at_ms <= now_ms
    assert [type(step).__name__ for step in transcript.steps].count("Edge") == 0


def test_a_change_that_waits_for_its_interval_comes_when_it_is_due() -> None:
    async def work(target: MockTarget) -> Any:
        session = await target.open("one")
        await session.act("life_scripted", life=[{"status": "in_progress", "seconds": 0}])
        batch_id = await session.batch()
        async with session.stream(batch_id, query="interval_ms=10000") as stream:
            await stream.frame()
            await session.get(batch_id)
            polled_ms = session.now_ms()
            early = await stream.until(typed("job.updated"), 9.0)
            frame = await stream.until(typed("job.updated"), 9.0)
            return early, frame.at_ms - polled_ms if frame else None

    async def quickly(target: MockTarget) -> Any:
        async with asyncio.timeout(8):
            return await work(target)

    early, after_ms = with_target(quickly)
    assert early is None
    assert after_ms == pytest.approx(10_000, abs=500)


def test_a_stream_of_another_workspace_is_refused_on_record() -> None:
    async def work(target: MockTarget) -> Any:
        session = await target.open("one")
        async with session.stream(await session.batch(), key="b") as stream:
            return stream.response, stream.opened

    response, opened = with_target(work)
    assert (response.status, response.json["reason"], opened) == (
        404, "async_job_not_found_or_not_owned", False,
    )  # fmt: skip


def test_without_sockets_there_are_no_streams() -> None:
    async def work(target: MockTarget) -> None:
        session = await target.open("one")
        session.stream(await session.batch())

    with MockServer() as server:
        transport = httpx.ASGITransport(app=server.app)
        with pytest.raises(ScenarioStopped, match="the target has no streams"):
            with_target(work, server=server, transport=transport)
