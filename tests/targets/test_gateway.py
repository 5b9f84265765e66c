"""A gateway at a URL: what it offers, how it is reached, and what is cancelled at the end."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from conformance.errors import ConfigError
from conformance.targets.gateway import (
    GatewayOptions,
    GatewayTarget,
    capabilities_of,
    checked_url,
    client_settings,
    is_loopback,
)
from conformance.targets.session import ScenarioStopped


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://127.8.9.1/v1", True),
        ("http://127.0.0.1.evil.test/v1", False),
        ("http://localhost.evil.test/v1", False),
        ("http://10.0.0.1/v1", False),
        ("https://gateway.test/v1", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, *, loopback: bool) -> None:
    assert is_loopback(url) is loopback
    assert client_settings(GatewayOptions(url))["trust_env"] is not loopback


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("gateway.test/v1", "expected http"),
        ("ftp://gateway.test/v1", "expected http"),
        ("https:///v1", "expected http"),
        ("https://gateway.test", "try https://gateway.test/v1"),
        ("https://key@gateway.test/v1", "no user or password"),
        ("https://u:secret@gateway.test/v1", "no user or password"),
        ("http://127.0.0.1:99999/v1", "expected http"),
        ("http://127.0.0.1:0/v1", "expected http"),
        ("http://127.0.0.1:port/v1", "expected http"),
        ("http://[::1/v1", "expected http"),
        ("https://gateway.test/v1?x=1", "no query or fragment"),
        ("https://gateway.test/v1#top", "no query or fragment"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_without_showing_a_password(
    url: str, cause: str
) -> None:
    with pytest.raises(ConfigError, match=cause) as found:
        checked_url(url)
    assert "secret" not in str(found.value)


def test_a_slash_at_the_end_is_forgiven() -> None:
    assert checked_url("https://gateway.test/v1/") == "https://gateway.test/v1"


@pytest.mark.parametrize(
    ("spend", "words"),
    [
        ("none", {"files"}),
        ("create", {"files", "create", "cancel"}),
        ("settle", {"files", "create", "cancel", "terminal"}),
    ],
)
def test_the_spend_limit_says_what_is_offered(spend: str, words: set[str]) -> None:
    assert set(capabilities_of(GatewayOptions("https://g/v1", {"a": "x"}, spend)).offered) == words


def test_keys_say_what_is_offered() -> None:
    keys = dict.fromkeys(("a", "b", "same", "no_funds", "credits"), "x")
    options = GatewayOptions("https://g/v1", keys, credits_url="https://g/v1/credits")
    assert dict(capabilities_of(options).offered) == {
        "files": "every gateway has the file routes",
        "second-key": "AI_STATS_API_KEY_B",
        "same-workspace-key": "AI_STATS_API_KEY_SAME",
        "no-funds": "AI_STATS_API_KEY_NO_FUNDS",
        "wallet": "--credits-url",
    }


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
    with pytest.raises(ScenarioStopped, match="shows one workspace, not that of key b"):
        read_wallet(options, "b")


def test_a_wallet_that_shows_nothing_stops_the_scenario(
    scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    server = scripted(lambda _m, _p: reply(body=[]))
    keys = {"a": "secret-a", "credits": "secret-c"}
    options = GatewayOptions(server.url, keys, credits_url=server.url + "/credits")
    with pytest.raises(ScenarioStopped, match=r"has no credits\.balance_nanos"):
        read_wallet(options, "a")
