"""What an SDK offers, and what its calls put on the wire."""

from typing import Any

from conformance.scenarios.sdk_steps import (
    OPERATIONS,
    each,
    good_args,
    like_a_gateway,
    one,
    sdk_scenario,
    stimuli,
)
from conformance.targets.sdk_session import NO_KEYS, SdkSession, Setup

_ON_EVERY_WIRE = (
    "SDK-WIRE-10", "SDK-WIRE-11", "SDK-WIRE-12", "SDK-WIRE-13", "SDK-WIRE-14", "SDK-WIRE-25",
)  # fmt: skip


@sdk_scenario(
    "SDK-SURFACE-01", "SDK-SURFACE-02", "SDK-SURFACE-03", "SDK-SURFACE-04", "SDK-SURFACE-06",
    "SDK-SURFACE-07", "SDK-SURFACE-08", "SDK-SURFACE-09", "SDK-SURFACE-11",
    "SDK-SURFACE-12", "SDK-SURFACE-13", "SDK-VERIFY-01", "SDK-VERIFY-02", "SDK-ERROR-11",
)  # fmt: skip
async def sdk_surface(sdk: SdkSession) -> None:
    """Every method that the contract names, once, whether the SDK has it or not"""
    async with sdk.client(like_a_gateway) as client:
        for row in stimuli("surface"):
            await client.call(row["method"], label=row["method"], **row["args"])


@sdk_scenario(
    "SDK-ARGS-01", "SDK-ARGS-02", "SDK-ARGS-03", "SDK-ARGS-08", "SDK-ARGS-09", "SDK-ARGS-10",
    "SDK-SURFACE-05", "SDK-WIRE-01", "SDK-WIRE-02", "SDK-WIRE-03", "SDK-WIRE-04", "SDK-WIRE-15",
    "SDK-WIRE-16", "SDK-WIRE-17", "SDK-WIRE-19", "SDK-WIRE-20", "SDK-WIRE-21", *_ON_EVERY_WIRE,
)  # fmt: skip
async def sdk_requests(sdk: SdkSession) -> None:
    """Creates of many kinds, lists with filters, and a get and a cancel, by each of their names"""
    async with sdk.client(like_a_gateway) as client:
        for row in stimuli("requests"):
            await each(client, sdk, "create", row["name"], request=row["request"])
        for row in stimuli("filters"):
            await each(client, sdk, "list", row["name"], **row["args"])
        for operation in ("get", "cancel", "models"):
            await each(client, sdk, operation, **good_args(operation))


@sdk_scenario(
    "SDK-ARGS-06", "SDK-ARGS-07", "SDK-WIRE-05", "SDK-WIRE-06", "SDK-WIRE-07", "SDK-WIRE-08",
    "SDK-WIRE-09",
)  # fmt: skip
async def sdk_ids(sdk: SdkSession) -> None:
    """Ids that are not made for a path, and none at all"""
    none_given: dict[str, Any] = {}
    ids = [{"batch_id": one} for one in stimuli("ids")]
    async with sdk.client(like_a_gateway) as client:
        for args in [*ids, none_given]:
            for operation in ("get", "cancel"):
                await each(client, sdk, operation, **args)


@sdk_scenario("SDK-WIRE-18")
async def sdk_base_urls(sdk: SdkSession) -> None:
    """Base URLs with and without slashes at their end, and with a longer path"""
    for base in stimuli("bases"):
        async with sdk.client(like_a_gateway, Setup(base)) as client:
            if client.is_open:
                for operation in OPERATIONS:
                    await one(client, sdk, operation, base)


@sdk_scenario("SDK-SURFACE-10", needs=("sdk-process",))
async def sdk_starts(sdk: SdkSession) -> None:
    """The adapter in new processes: a hello and a client with each interpreter"""
    await sdk.starts()


@sdk_scenario("SDK-ARGS-11", "SDK-ARGS-12", needs=("sdk-process",))
async def sdk_environment(sdk: SdkSession) -> None:
    """The key in one environment variable after the other, and in none"""
    for name in (*NO_KEYS, None):
        given = {name: sdk.key} if name else {}
        setup = Setup(has_key=False, env={**NO_KEYS, **given})
        async with sdk.client(like_a_gateway, setup) as client:
            if client.is_open:
                await one(client, sdk, "get", name or "no key")
