"""An SDK against a gateway: its stream URLs, and its check of what the gateway signs."""

import base64

from conformance.json_text import at
from conformance.scenarios.sdk_steps import (
    OPERATIONS,
    VERIFY,
    each,
    sdk_scenario,
    url_helpers,
)
from conformance.scenarios.webhooks import EVERY_EVENT, heard, let_time_pass
from conformance.targets.limits import ScenarioStopped
from conformance.targets.sdk_session import SdkClient, SdkSession, Setup
from conformance.targets.tap import base_path, tap
from conformance.transcript import Delivery


async def _created(client: SdkClient, sdk: SdkSession) -> str:
    """The id of a batch that the SDK has created; ScenarioStopped without one."""
    gateway = sdk.session
    request = {
        "input_file_id": await gateway.file(),
        "endpoint": gateway.work.endpoint,
        "completion_window": "24h",
    }
    for method in sdk.offered(*OPERATIONS["create"])[:1]:
        async with gateway.budget.turn():
            outcome = await client.call(method, request=request)
        batch_id = at(outcome.get("value"), "/id")
        if isinstance(batch_id, str) and batch_id:
            return batch_id
    raise ScenarioStopped("the SDK shows no id of a batch that it has created")


@sdk_scenario("SDK-URL-14", needs=("create",), cost="create")
async def sdk_batch_at_a_gateway(sdk: SdkSession) -> None:
    """A batch created and read through the SDK, and its stream URL by the SDK's helpers"""
    gateway = sdk.session
    async with sdk.client(tap(gateway), Setup(base_path(gateway))) as client:
        batch_id = await _created(client, sdk)
        await each(client, sdk, "get", batch_id=batch_id)
    async with sdk.client_at(gateway.base_url) as client:
        await url_helpers(client, sdk, batch_id)


@sdk_scenario("SDK-URL-16", "SDK-URL-14", needs=("create", "stream"), cost="create")
async def sdk_stream_at_a_gateway(sdk: SdkSession) -> None:
    """The stream URLs of the SDK's helpers, dialled with the key"""
    gateway = sdk.session
    batch_id = await gateway.batch()
    async with sdk.client_at(gateway.base_url) as client:
        urls = await url_helpers(client, sdk, batch_id)
    for url in dict.fromkeys(urls):
        async with gateway.stream(url) as stream:
            if stream.opened:
                await stream.frame()


@sdk_scenario("SDK-VERIFY-15", needs=("create", "terminal", "webhook"), cost="settle")
async def sdk_deliveries_of_a_gateway(sdk: SdkSession) -> None:
    """Every webhook of a life, handed to the SDK's check of signatures"""
    gateway = sdk.session
    hook = await gateway.receiver()
    batch_id = await gateway.batch(webhook=hook.webhook(events=EVERY_EVENT))
    await gateway.poll_until(batch_id)
    await let_time_pass(gateway)
    await heard(gateway, hook, "completed", "failed", "cancelled", "expired")
    async with sdk.client_at(gateway.base_url) as client:
        for method in sdk.offered(VERIFY):
            for delivery in await hook.deliveries(0):
                await client.call(
                    method,
                    secret=hook.secret,
                    body_base64=base64.b64encode(delivery.body.content).decode(),
                    headers=[list(pair) for pair in delivery.headers],
                    now=_sent_at(delivery),
                )


def _sent_at(delivery: Delivery) -> int:
    """When a delivery says that it was signed; clocks of a gateway are not the SDK's affair."""
    stamps = [value for name, value in delivery.headers if name.lower().endswith("-timestamp")]
    return next((int(one) for one in stamps if one.isascii() and one.isdigit()), 0)
