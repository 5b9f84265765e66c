"""The target that the options of a run name."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.config import Config
from conformance.errors import ConfigError
from conformance.mock.faults import fault_named
from conformance.targets import Target
from conformance.targets.adapter import adapter_host
from conformance.targets.command import command_host
from conformance.targets.gateway import (
    KEY_VARIABLES,
    GatewayOptions,
    GatewayTarget,
    checked_credits_url,
    checked_url,
    checked_webhook_bind,
    checked_webhook_url,
    is_loopback,
)
from conformance.targets.hosting import RunningHost, SdkLimits
from conformance.targets.mock import MockTarget
from conformance.targets.price_file import dearest_nanos, read_prices
from conformance.targets.sdk_target import AdapterTarget
from conformance.targets.session import Existing, Work
from conformance.targets.starting import checked_interpreters

# A row of the suite asks for one word: it stays below these tokens in and out.
ROW_TOKENS = 64
ROWS_PER_BATCH = 7


def effective_spend(config: Config) -> str:
    """The spend limit: as given, else none; against this machine settle costs nothing."""
    given = config["spend"]
    if given is not None:
        return str(given)
    url = config["gateway-url"]
    return "settle" if url is None or is_loopback(url) else "none"


def gateway_options(config: Config) -> GatewayOptions:
    """The options of a live gateway; raises ConfigError when the key or the bound is missing."""
    url = checked_url(config["gateway-url"])
    keys = {
        name: config.secrets[variable]
        for name, variable in KEY_VARIABLES.items()
        if variable in config.secrets
    }
    if "a" not in keys:
        raise ConfigError(f"--gateway-url {url}: no key; set AI_STATS_API_KEY in the environment")
    spend = effective_spend(config)
    if spend == "settle" and config["max-spend"] is None and not is_loopback(url):
        raise ConfigError("--spend settle: say how much it may cost with --max-spend USD")
    bundle = config["ca-bundle"]
    if bundle is not None and not Path(bundle).is_file():
        raise ConfigError(f"--ca-bundle {bundle}: no such file")
    bind = checked_webhook_bind(config["webhook-bind"], config["webhook-url"])
    return GatewayOptions(
        url,
        keys,
        spend,
        config["timeout"],
        config["concurrency"],
        config["settlement-deadline"],
        bundle,
        _extra_headers(config.secrets),
        checked_credits_url(config["credits-url"]),
        _work(config),
        config.max_spend_nanos,
        batch_nanos(config),
        read_prices(config["prices"]),
        Existing(tuple(dict.fromkeys(config["batch-id"])), config["examine"]),
        checked_webhook_url(config["webhook-url"], bind),
        config["webhook-port"],
        bind,
        config["retry-waits"] or (),
        config["profile"],
    )


def batch_nanos(config: Config) -> int | None:
    """The most that a batch of the suite can cost by --prices, None when no price is known."""
    card = read_prices(config["prices"])
    return dearest_nanos(card, config["model"] or "", ROWS_PER_BATCH, ROW_TOKENS)


def _extra_headers(secrets: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("header:"): value
        for name, value in secrets.items()
        if name.startswith("header:")
    }


def _work(config: Config) -> Work:
    given: dict[str, Any] = {}
    if config["model"] is not None:
        given["model"] = config["model"]
    if config["endpoint"] is not None:
        given["endpoint"] = config["endpoint"]
    return replace(Work(model=""), **given)


def checked_faults(config: Config) -> tuple[str, ...]:
    """The faults to switch on; raises UnknownFault."""
    return tuple(fault_named(name).name for name in config["fault"])


def make_target(config: Config) -> Target:
    """The gateway at --gateway-url, else the embedded mock; raises UsageError.

    With --adapter or --adapter-cmd the SDK, with that gateway behind it.
    """
    host = sdk_host(config)
    gateway = _gateway(config)
    return gateway if host is None else AdapterTarget(host, gateway)


def sdk_host(config: Config) -> RunningHost | None:
    """Who calls the SDK of --adapter or --adapter-cmd; raises ConfigError. Nothing is started."""
    limits = SdkLimits(
        hello_s=config["adapter-start"],
        open_s=config["adapter-wait"],
        call_s=config["timeout"],
        grace_s=config["adapter-grace"],
        exit_s=config["adapter-grace"],
    )
    if config["adapter"] is not None:
        pythons = checked_interpreters(config["adapter-python"])
        return adapter_host(config["adapter"], limits, pythons)
    if config["adapter-cmd"] is not None:
        return command_host(config["adapter-cmd"], limits)
    return None


def _gateway(config: Config) -> Target:
    if config["gateway-url"] is not None:
        return GatewayTarget(gateway_options(config))
    faults, profile = checked_faults(config), config["profile"]
    return MockTarget(faults, config["concurrency"], profile=profile)
