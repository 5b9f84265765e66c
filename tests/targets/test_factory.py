"""From options to a target: what may be spent, and what is refused beforehand."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from conformance.config import Config, resolve
from conformance.errors import ConfigError, UnknownFault
from conformance.plan import make_plan
from conformance.scenarios import all_scenarios
from conformance.targets.factory import (
    ROW_TOKENS,
    ROWS_PER_BATCH,
    batch_nanos,
    checked_faults,
    effective_spend,
    gateway_options,
    make_target,
    sdk_host,
)
from conformance.targets.gateway import GatewayTarget, capabilities_of
from conformance.targets.hosting import SdkLimits
from conformance.targets.mock import MockTarget
from conformance.targets.sdk_target import AdapterTarget
from conformance.targets.session import Existing

AWAY = "https://gateway.test/v1"
HERE = "http://127.0.0.1:1/v1"


def config(environ: dict[str, str] | None = None, **given: Any) -> Config:
    named = {name.replace("_", "-"): value for name, value in given.items()}
    return resolve(named, environ={"AI_STATS_API_KEY": "secret-a", **(environ or {})})


@pytest.mark.parametrize(
    ("given", "spend"),
    [
        ({}, "settle"),
        ({"gateway_url": HERE}, "settle"),
        ({"gateway_url": AWAY}, "none"),
        ({"gateway_url": AWAY, "spend": "create"}, "create"),
        ({"gateway_url": HERE, "spend": "none"}, "none"),
    ],
)
def test_nothing_is_spent_away_from_this_machine_unless_asked(
    given: dict[str, str], spend: str
) -> None:
    assert effective_spend(config(**given)) == spend


def test_by_default_a_gateway_gets_free_stimuli_only() -> None:
    options = gateway_options(config(gateway_url=AWAY))
    scenarios = all_scenarios()
    wanted = {aim for one in scenarios.values() for aim in one.aims}
    plan = make_plan(scenarios.values(), wanted, capabilities_of(options), options.spend)
    assert plan.run
    assert {scenarios[name].cost for name in plan.run} == {"free"}
    assert {scenarios[name].batches for name in plan.run} == {0}


@pytest.mark.parametrize(
    ("environ", "given", "cause"),
    [
        ({"AI_STATS_API_KEY": ""}, {}, "no key; set AI_STATS_API_KEY in the environment"),
        ({}, {"spend": "settle"}, "say how much it may cost with --max-spend USD"),
        ({}, {"ca_bundle": "/nowhere.pem"}, "--ca-bundle /nowhere.pem: no such file"),
        ({}, {"credits_url": "ftp://h/credits"}, "--credits-url ftp://h/credits: expected http"),
        ({}, {"credits_url": "http://u:p@h/c"}, "--credits-url: no user or password in the URL"),
        (
            {},
            {"webhook_url": "http://t.example"},
            "--webhook-url http://t.example: gateways refuse",
        ),
        ({}, {"webhook_bind": "0.0.0.0"}, "--webhook-bind 0.0.0.0: say with --webhook-url how"),
        ({}, {"prices": "/nowhere.json"}, "--prices /nowhere.json: cannot be read"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(
    environ: dict[str, str], given: dict[str, Any], cause: str
) -> None:
    with pytest.raises(ConfigError, match=cause):
        make_target(config(environ, gateway_url=AWAY, **given))


def test_keys_headers_and_bound_come_from_environment_and_options() -> None:
    options = gateway_options(
        config(
            {"AI_STATS_API_KEY_B": "secret-b", "TENANT": "secret-t"},
            gateway_url=AWAY,
            spend="settle",
            max_spend="0.25",
            header=["X-Tenant=TENANT"],
        )
    )
    assert options.keys == {"a": "secret-a", "b": "secret-b"}
    assert options.headers == {"X-Tenant": "secret-t"}
    assert options.max_spend_nanos == 250_000_000


def test_the_price_file_says_what_a_batch_costs_at_most(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"m": {"input_nanos": 3, "output_nanos": 7}}), "utf-8")
    assert batch_nanos(config(prices=str(path), model="m")) == ROWS_PER_BATCH * ROW_TOKENS * 10
    assert batch_nanos(config(prices=str(path), model="other")) is None
    assert batch_nanos(config()) is None


def test_prices_and_earlier_batches_reach_the_gateway(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"m": {"input_nanos": 3}}), "utf-8")
    given = {"prices": str(path), "batch_id": ["b1", "b2", "b1"], "examine": "0"}
    options = gateway_options(config(gateway_url=AWAY, **given))
    assert [one["price_per_unit"] for one in options.prices] == ["0.000000003"]
    assert options.existing == Existing(("b1", "b2"), 0)
    assert gateway_options(config(gateway_url=AWAY)).existing == Existing((), 3)
    assert {"price-card", "batch-id"} <= set(capabilities_of(options).offered)


def test_a_tunnel_and_its_port_reach_the_gateway() -> None:
    options = gateway_options(config(gateway_url=AWAY, webhook_url="https://t.example/x/"))
    assert (options.webhook_url, options.webhook_port) == ("https://t.example/x", 8799)
    options = gateway_options(config(gateway_url=AWAY, webhook_port="8801"))
    assert (options.webhook_url, options.webhook_port) == (None, 8801)


def test_where_to_listen_and_the_stated_waits_reach_the_gateway() -> None:
    given = {"webhook_url": "http://host.docker.internal:8799", "webhook_bind": "0.0.0.0"}
    options = gateway_options(config(gateway_url=HERE, retry_waits="60,300,0.5", **given))
    assert (options.webhook_bind, options.retry_waits) == ("0.0.0.0", (60, 300, 0.5))
    options = gateway_options(config(gateway_url=AWAY))
    assert (options.webhook_bind, options.retry_waits) == ("127.0.0.1", ())


@pytest.mark.parametrize("text", ["{", "[]", '{"m": 5}', '{"m": {"input_nanos": 0.5}}'])
def test_a_price_file_that_is_none_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"^--prices .*prices\.json: "):
        batch_nanos(config(prices=str(path), model="m"))


def test_the_profile_reaches_mock_and_gateway() -> None:
    target = make_target(config(profile="phaseo"))
    asyncio.run(target.close())
    assert "managed-endpoint" in target.capabilities
    options = gateway_options(config(gateway_url=AWAY, profile="phaseo"))
    assert (options.profile, gateway_options(config(gateway_url=AWAY)).profile) == (
        "phaseo",
        "ai-stats",
    )


def test_without_a_url_it_is_the_mock_with_its_faults() -> None:
    with pytest.raises(UnknownFault, match="no fault is called 'nope'"):
        make_target(config(fault=["nope"]))
    given = config(fault=["no-credentials-answered-403"])
    assert checked_faults(given) == ("no-credentials-answered-403",)
    assert checked_faults(config()) == ()
    assert MockTarget.kind == "mock"


def test_without_an_adapter_there_is_no_sdk() -> None:
    assert sdk_host(config()) is None


def test_a_command_becomes_the_host_of_an_sdk_in_front_of_the_gateway() -> None:
    target = make_target(config(adapter_cmd="node adapter.mjs", gateway_url=HERE))
    assert isinstance(target, AdapterTarget)
    assert isinstance(target.gateway, GatewayTarget)
    assert target.host.name == "--adapter-cmd node adapter.mjs"
    assert {"sdk", "sdk-process", "stream"} <= set(target.capabilities.offered)


def test_the_patience_with_an_adapter_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr("conformance.targets.factory.command_host", lambda *args: seen.append(args))
    given = {"adapter_start": 1, "adapter_wait": "2", "timeout": 3, "adapter_grace": 4}
    sdk_host(config(adapter_cmd="c", **given))
    limits = SdkLimits(hello_s=1.0, open_s=2.0, call_s=3.0, grace_s=4.0, exit_s=4.0)
    assert seen == [("c", limits)]


def test_an_adapter_that_cannot_be_loaded_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ConfigError, match="--adapter acme: expected MODULE:NAME"):
        make_target(config(adapter="acme"))
