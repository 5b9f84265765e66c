"""What an SDK computes without a gateway: stream URLs, and signatures of webhooks."""

import json
from functools import cache
from itertools import groupby
from typing import Any

from conformance.resources import vectors_dir
from conformance.scenarios.sdk_steps import (
    COMPUTE,
    GENERIC_URL,
    VERIFY,
    like_a_gateway,
    sdk_scenario,
    url_helpers,
)
from conformance.targets.sdk_session import SdkClient, SdkSession

_PREFIX, _OTHER_PREFIX = "x-ai-stats-", "x-phaseo-"
_ARGS = ("secret", "body_base64", "now", "tolerance_seconds")


@cache
def _vectors(name: str) -> Any:
    return json.loads((vectors_dir() / f"{name}.json").read_text("utf-8"))


@sdk_scenario(
    "SDK-ARGS-04", "SDK-ARGS-05", "SDK-URL-01", "SDK-URL-02", "SDK-URL-03", "SDK-URL-04",
    "SDK-URL-05", "SDK-URL-06", "SDK-URL-07", "SDK-URL-08", "SDK-URL-09", "SDK-URL-10",
    "SDK-URL-11", "SDK-URL-12", "SDK-URL-13", "SDK-URL-15",
)  # fmt: skip
async def sdk_stream_urls(sdk: SdkSession) -> None:
    """Stream URLs of many bases, ids and options, by both helpers"""
    async with sdk.client(like_a_gateway) as client:
        for _ in range(2):
            await url_helpers(client, sdk, "batch_123", {"interval_ms": 1500})
    vectors = sorted(_vectors("websocket-urls"), key=_base_of)
    for base, rows in groupby(vectors, key=_base_of):
        async with sdk.client_at(base) as client:
            for row in rows:
                await _play_url(client, sdk, row)


def _base_of(vector: Any) -> str:
    return str(vector["base_url"])


async def _play_url(client: SdkClient, sdk: SdkSession, row: Any) -> None:
    # A base that the SDK refuses is refused when its client is built.
    if not client.is_open:
        return
    options = row["options"] or None
    if row["kind"] == "batch":
        await url_helpers(client, sdk, row["id"], options)
        return
    more = {} if options is None else {"options": options}
    for helper in sdk.offered(GENERIC_URL):
        await client.call(helper, kind=row["kind"], job_id=row["id"], **more)


@sdk_scenario(
    "SDK-VERIFY-02", "SDK-VERIFY-03", "SDK-VERIFY-04", "SDK-VERIFY-05", "SDK-VERIFY-06",
    "SDK-VERIFY-07", "SDK-VERIFY-08", "SDK-VERIFY-09", "SDK-VERIFY-10", "SDK-VERIFY-11",
    "SDK-VERIFY-12", "SDK-VERIFY-13", "SDK-VERIFY-14",
)  # fmt: skip
async def sdk_signatures(sdk: SdkSession) -> None:
    """Signed deliveries and such as are not, with the headers of both profiles"""
    signatures = _vectors("signatures")
    async with sdk.client(like_a_gateway) as client:
        for vector in [*signatures["vectors"], *signatures["other_times"]]:
            args = {name: vector[name] for name in _ARGS if name in vector}
            for method in sdk.offered(VERIFY):
                for headers in (vector["headers"], _renamed(vector["headers"])):
                    await client.call(method, label=vector["name"], headers=headers, **args)
            await _compute(client, sdk, vector)


def _renamed(headers: list[list[str]]) -> list[list[str]]:
    """The headers with the prefix of the other profile, in lower case as they came or not."""
    renamed = []
    for name, value in headers:
        if name.lower().startswith(_PREFIX):
            prefix = _OTHER_PREFIX if name.islower() else _OTHER_PREFIX.upper()
            renamed.append([prefix + name[len(_PREFIX) :], value])
        else:
            renamed.append([name, value])
    return renamed


async def _compute(client: SdkClient, sdk: SdkSession, vector: Any) -> None:
    stamps = [value for name, value in vector["headers"] if name.lower() == f"{_PREFIX}timestamp"]
    if not vector["accept"] or not stamps:
        return
    args = {name: vector[name] for name in ("secret", "body_base64")}
    for method in sdk.offered(COMPUTE):
        await client.call(method, label=vector["name"], timestamp=stamps[0], **args)
