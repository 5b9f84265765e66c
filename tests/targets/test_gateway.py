"""A gateway at a URL: what it offers, how it is reached, and what is cancelled at the end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import certifi
import pytest

from conformance.mock.server import MockServer
from conformance.targets.gateway import (
    GatewayOptions,
    GatewayTarget,
    client_settings,
    ws_wire_of,
)
from conformance.targets.hook_server import bound_socket
from conformance.targets.session import ScenarioStopped, Work
from conformance.transcript import Delivery, Edge


@pytest.mark.parametrize(("url", "trusts"), [("http://127.0.0.1:1/v1", False),
                                             ("https://gateway.test/v1", True)])  # fmt: skip
def test_a_proxy_of_the_environment_is_used_but_never_for_this_machine(
    url: str, *, trusts: bool
) -> None:
    options = GatewayOptions(url, headers={"X-T": "t"}, timeout_s=7.0)
    assert client_settings(options)["trust_env"] is trusts
    wire = ws_wire_of(options)
    assert (wire.trust_env, wire.extra_headers) == (trusts, {"X-T": "t"})
    assert (wire.limits.open_s, wire.trusted is not None) == (7.0, trusts)


def test_streams_trust_the_authorities_that_calls_trust(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text(Path(certifi.where()).read_text("utf-8").partition("\n\n")[0], "utf-8")
    trusted = ws_wire_of(GatewayOptions("https://g/v1", ca_bundle=str(bundle))).trusted
    assert trusted is not None
    assert len(trusted.get_ca_certs()) == 1


def make(target: GatewayTarget, *, polls: bool) -> None:
    async def work() -> None:
        session = await target.open("a_test")
        await session.batch()
        if polls:
            await session.poll_until("batch_1")
        await target.close()

    asyncio.run(work())


@pytest.mark.parametrize(
    ("cancel_status", "left"), [(200, []), (500, ["batch_1"])], ids=["cancelled", "refused"]
)
def test_what_was_made_and_not_seen_to_end_is_cancelled_or_named(
    cancel_status: int, left: list[str], scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    answers = {"/v1/files": reply(body={"id": "file-1"}), "/v1/batches": reply(body=BATCH)}
    server = scripted(lambda _m, path: answers.get(path) or reply(status=cancel_status))
    target = GatewayTarget(GatewayOptions(server.url, {"a": "secret-a"}))
    make(target, polls=False)
    assert server.count("POST", "/v1/batches/batch_1/cancel") == 1
    assert target.left_over == left


BATCH = {"id": "batch_1", "status": "validating"}


@pytest.mark.parametrize(
    ("status", "left"), [("completed", []), ("finalizing", ["batch_1"]), (None, ["batch_1"])]
)
def test_what_cannot_be_cancelled_is_no_worry_once_it_has_ended(
    status: str | None, left: list[str], scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    answers = {
        "/v1/files": reply(body={"id": "file-1"}),
        "/v1/batches": reply(body=BATCH),
        "/v1/batches/batch_1": reply(body={"id": "batch_1", "status": status}),
    }
    server = scripted(lambda _m, path: answers.get(path) or reply(status=409))
    target = GatewayTarget(GatewayOptions(server.url, {"a": "secret-a"}))
    make(target, polls=False)
    assert server.count("GET", "/v1/batches/batch_1") == 1
    assert target.left_over == left


def test_what_has_ended_is_left_alone(
    scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    ended = reply(body={"id": "batch_1", "status": "completed"})
    answers = {"/v1/files": reply(body={"id": "file-1"}), "/v1/batches": reply(body=BATCH)}
    server = scripted(lambda _m, path: answers.get(path) or ended)
    target = GatewayTarget(GatewayOptions(server.url, {"a": "secret-a"}))
    make(target, polls=True)
    assert server.count("POST", "/v1/batches/batch_1/cancel") == 0


def read_wallet(options: GatewayOptions, key: str) -> Any:
    async def work() -> Any:
        target = GatewayTarget(options)
        try:
            return await (await target.open("a_test")).wallet(key)
        finally:
            await target.close()

    return asyncio.run(work())


def test_the_wallet_is_read_with_the_key_for_credits(
    scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    shown = {"balance_nanos": 5, "reserved_nanos": 2, "available_nanos": 3}
    server = scripted(lambda _m, _p: reply(body={"credits": shown}))
    keys = {"a": "secret-a", "credits": "secret-c"}
    options = GatewayOptions(server.url, keys, credits_url=server.url + "/credits")
    reading = read_wallet(options, "a")
    assert (reading.balance_nanos, reading.reserved_nanos, reading.available_nanos) == (5, 2, 3)
    assert server.requests[0][2]["authorization"] == "Bearer secret-c"
    with pytest.raises(ScenarioStopped, match="does not show the wallet of key b"):
        read_wallet(options, "b")


def test_another_host_of_the_balance_gets_the_credits_key_and_nothing_of_the_gateway(
    scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    shown = {"balance_nanos": 5, "reserved_nanos": 2}
    server = scripted(lambda _m, _p: reply(body={"ok": True, "credits": shown}))
    options = GatewayOptions(
        "https://gateway.test/v1",
        {"a": "secret-a", "credits": "secret-c"},
        headers={"X-Tenant": "secret-t"},
        credits_url=f"{server.url}/credits?workspace=w",
    )
    read_wallet(options, "same")
    [(_, path, sent)] = server.requests
    assert (path, sent["authorization"]) == ("/v1/credits?workspace=w", "Bearer secret-c")
    assert [value for value in sent.values() if "secret-a" in value or "secret-t" in value] == []


def test_a_remote_balance_is_trusted_like_a_remote_gateway_beside_a_local_one() -> None:
    near, far = "http://127.0.0.1:1/v1", "https://credits.test/v1/credits"
    target = GatewayTarget(GatewayOptions(near, {"a": "x", "credits": "y"}, credits_url=far))
    assert target._credits is not None
    assert target._credits.client is not target._wire.client
    assert target._credits.client._trust_env is True
    asyncio.run(target.close())
    assert (target._credits.client.is_closed, target._wire.client.is_closed) == (True, True)


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ({"status": "completed", "billing": {"billed": True}}, []),
        ({"status": "completed", "billing": {"billed": False}}, ["batch_1"]),
        ({"status": "completed"}, ["batch_1"]),
        ({"status": "in_progress", "billing": {"billed": True}}, ["batch_1"]),
    ],
)
def test_a_batch_of_the_run_may_move_money_until_it_is_seen_billed(
    answer: dict[str, Any], left: list[str], scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    answers = {
        "/v1/files": reply(body={"id": "file-1"}),
        "/v1/batches": reply(body=BATCH),
        "/v1/batches/batch_1": reply(body={"id": "batch_1", **answer}),
    }
    server = scripted(lambda _m, path: answers.get(path) or reply())

    async def work() -> Any:
        target = GatewayTarget(GatewayOptions(server.url, {"a": "secret-a"}))
        session, other = await target.open("a_test"), await target.open("another")
        await session.batch()
        await session.get("batch_1")
        left = other.unsettled() if other.unsettled else None
        await target.close()
        return left

    assert asyncio.run(work()) == left


def test_a_wallet_that_shows_nothing_stops_the_scenario(
    scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    server = scripted(lambda _m, _p: reply(body=[]))
    keys = {"a": "secret-a", "credits": "secret-c"}
    options = GatewayOptions(server.url, keys, credits_url=server.url + "/credits")
    with pytest.raises(ScenarioStopped, match=r"no whole number credits\.balance_nanos"):
        read_wallet(options, "a")


def live(server: MockServer) -> GatewayOptions:
    keys = server.default_keys()
    return GatewayOptions(server.url, {"a": keys["AI_STATS_API_KEY"]}, work=Work())


def test_a_gateway_on_this_machine_is_streamed_from_and_calls_back(
    mock_gateway: MockServer,
) -> None:
    async def work() -> Any:
        target = GatewayTarget(live(mock_gateway))
        try:
            session, other = await target.open("a_test"), await target.open("another")
            receiver = await session.receiver()
            await other.receiver()
            batch_id = await session.batch(webhook=receiver.webhook(events=["created"]))
            async with session.stream(batch_id) as stream:
                first = await stream.frame()
            return stream.opened, first, await receiver.deliveries(), session.transcript()
        finally:
            await target.close()

    opened, first, deliveries, transcript = asyncio.run(work())
    assert (opened, first is not None and "job.snapshot" in first.content) == (True, True)
    assert [one.signature_valid for one in deliveries] == [True]
    assert "{{webhook:1}}" in repr(transcript)


def in_a_container(server: MockServer, port: int, listens: int) -> tuple[Any, list[str]]:
    """The steps of a batch with a webhook to this port of a gateway's network, and all notes."""
    options = replace(
        live(server),
        webhook_url=f"http://127.0.0.1:{port}",
        webhook_port=listens,
        webhook_bind="0.0.0.0",
    )

    async def work() -> Any:
        target = GatewayTarget(options)
        try:
            session = await target.open("a_test")
            hook = await session.receiver()
            await session.batch(webhook=hook.webhook(events=["created"]))
            await hook.deliveries(1, 5.0 if port == listens else 0.01)
            return session.steps, target.notes
        finally:
            await target.close()

    return asyncio.run(work())


def free_port() -> int:
    with bound_socket() as sock:
        return int(sock.getsockname()[1])


def test_a_gateway_in_a_container_calls_another_address_than_loopback(
    mock_gateway: MockServer,
) -> None:
    port = free_port()
    steps, notes = in_a_container(mock_gateway, port, port)
    assert ([type(one) for one in steps if isinstance(one, Edge | Delivery)], notes) == (
        [Edge, Delivery], [],
    )  # fmt: skip


def test_an_address_that_only_the_gateway_knows_is_no_finding_when_nothing_comes(
    mock_gateway: MockServer,
) -> None:
    port, listens = free_port(), free_port()
    steps, notes = in_a_container(mock_gateway, port, listens)
    assert [one for one in steps if isinstance(one, Edge | Delivery)] == []
    assert notes == [
        f"nothing came from --webhook-url http://127.0.0.1:{port} to port {listens} of 0.0.0.0, "
        "so missing webhooks are no finding: see whether the gateway reaches it"
    ]


@pytest.mark.parametrize("waits", [(), (60, 300, 0.5)])
def test_the_waits_that_a_deployment_states_are_on_record(waits: tuple[float, ...]) -> None:
    async def work() -> Any:
        target = GatewayTarget(GatewayOptions("https://g/v1", {"a": "x"}, retry_waits=waits))
        session = await target.open("a_test")
        await target.close()
        return [(step.action, step.detail) for step in session.steps if isinstance(step, Edge)]

    wanted = [("webhook_retry_waits", {"seconds": [60, 300, 0.5]})] if waits else []
    assert asyncio.run(work()) == wanted


def test_a_tunnel_is_called_without_key_and_headers_before_it_is_used(
    mock_gateway: MockServer, scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    elsewhere = scripted(lambda _m, _p: reply(status=503))
    url = elsewhere.url.removesuffix("/v1")
    options = replace(live(mock_gateway), webhook_url=url, headers={"X-T": "tenant"})

    async def work() -> Any:
        target = GatewayTarget(options)
        try:
            await (await target.open("a_test")).receiver()
        finally:
            await target.close()

    with pytest.raises(ScenarioStopped, match=r"of this machine: a call of it gives HTTP 503$"):
        asyncio.run(work())
    ((method, _, headers),) = elsewhere.requests
    assert (method, {"authorization", "x-t"} & headers.keys()) == ("POST", set())


def test_without_a_way_to_this_machine_there_is_no_receiver() -> None:
    async def work() -> Any:
        target = GatewayTarget(GatewayOptions("https://gateway.test/v1", {"a": "x"}))
        try:
            await (await target.open("a_test")).receiver()
        finally:
            await target.close()

    with pytest.raises(ScenarioStopped, match="the target is given no receiver of webhooks"):
        asyncio.run(work())
