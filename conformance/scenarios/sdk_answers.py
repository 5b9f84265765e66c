"""What an SDK makes of answers: results, many at a time, refusals, redirects, and no answer."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from conformance.json_text import at
from conformance.scenarios.sdk_steps import (
    OPERATIONS,
    at_once,
    batch_reply,
    each,
    good_args,
    like_a_gateway,
    one,
    scripted_reply,
    sdk_scenario,
    stimuli,
    url_helpers,
)
from conformance.targets.raw_http import RawRequest
from conformance.targets.recorder import OTHER, OWN, Reply, Script, always
from conformance.targets.sdk_session import SdkSession, Setup

_OF_ONE_BATCH = ("create", "get", "cancel")
_BOUNDED = ("create", "get", "cancel", "list")
# When the answer comes, and how long the client is told to wait for it.
_LATE_S, _TIMEOUT_S = 4.0, 1.0
_MANY = 32
_TOGETHER_S, _STEP_S = 0.5, 0.001


@sdk_scenario(
    "SDK-RESULT-01", "SDK-RESULT-02", "SDK-RESULT-03", "SDK-RESULT-04", "SDK-RESULT-05",
    "SDK-RESULT-06", "SDK-RESULT-07", "SDK-RESULT-08", "SDK-RESULT-09", "SDK-RESULT-10",
    "SDK-RESULT-11", "SDK-RESULT-13", "SDK-RESULT-15", "SDK-SURFACE-05",
)  # fmt: skip
async def sdk_results(sdk: SdkSession) -> None:
    """Answers with every kind of value, and such as are no batch"""
    async with sdk.client(like_a_gateway) as client:
        for operation in OPERATIONS:
            await each(client, sdk, operation, "rich", **good_args(operation))
        for row in stimuli("results"):
            client.answer(always(scripted_reply(row)))
            for operation in _OF_ONE_BATCH:
                await one(client, sdk, operation, row["name"])


@sdk_scenario("SDK-RESULT-12")
async def sdk_id_passed_on(sdk: SdkSession) -> None:
    """The id of a create, passed on to get, cancel and both URL helpers"""
    async with sdk.client(always(batch_reply(id="batch_68f0c1d2"))) as client:
        for method in sdk.offered(*OPERATIONS["create"])[:1]:
            outcome = await client.call(method, **good_args("create"))
            batch_id = at(outcome.get("value"), "/id")
            if not isinstance(batch_id, str):
                return
            for operation in ("get", "cancel"):
                await each(client, sdk, operation, batch_id=batch_id)
            await url_helpers(client, sdk, batch_id)


@sdk_scenario("SDK-RESULT-14")
async def sdk_many_at_once(sdk: SdkSession) -> None:
    """Gets of different batches at the same time on one client, answered in another order"""
    turns = {f"batch_{number}": number * 13 % _MANY for number in range(_MANY)}
    together = asyncio.Barrier(min(sdk.concurrency, _MANY))

    async def shuffled(request: RawRequest) -> Reply:
        # An SDK may send fewer at once than it says: then those that are there are answered.
        with suppress(TimeoutError, asyncio.BrokenBarrierError):
            async with asyncio.timeout(_TOGETHER_S):
                await together.wait()
        name = request.path.rpartition("/")[2]
        wait_s = turns.get(name, 0) * _STEP_S if sdk.concurrency > 1 else 0.0
        return replace(batch_reply(id=name), wait_s=wait_s)

    async with sdk.client(shuffled) as client:
        await at_once(one(client, sdk, "get", batch_id=name) for name in turns)


@sdk_scenario(
    "SDK-ERROR-01", "SDK-ERROR-02", "SDK-ERROR-03", "SDK-ERROR-04", "SDK-ERROR-05", "SDK-ERROR-06",
    "SDK-ERROR-07", "SDK-ERROR-08", "SDK-ERROR-09", "SDK-ERROR-12", "SDK-SURFACE-05",
    "SDK-WIRE-22",
)  # fmt: skip
async def sdk_failures(sdk: SdkSession) -> None:
    """Refusals of every status, a cut connection, a closed port; and a good call after each"""

    async def refused(label: str, reply: Reply) -> None:
        async with sdk.client(always(reply)) as client:
            for operation in _BOUNDED:
                await one(client, sdk, operation, label)
            client.answer(like_a_gateway)
            await one(client, sdk, "get", f"after {label}")

    async def unheard() -> None:
        async with sdk.client_of_nobody() as client:
            for operation in _BOUNDED:
                await one(client, sdk, operation, "closed port")

    rows = stimuli("refusals")
    refusals = [refused(row["name"], scripted_reply(row)) for row in rows]
    await at_once([*refusals, refused("cut", Reply(cut=True)), unheard(), _twins_refused(sdk)])


async def _twins_refused(sdk: SdkSession) -> None:
    not_found = scripted_reply({"status": 404})
    async with sdk.client(always(not_found)) as client:
        for operation in OPERATIONS:
            await each(client, sdk, operation, "twins refused", **good_args(operation))


def _elsewhere(status: int, to: str) -> Script:
    """Leads to a place where another batch is shown."""
    place = f"{OWN if to == 'own' else OTHER}/v1/elsewhere"
    away = Reply(status, b"", (), to=place)
    there = batch_reply(id="batch_elsewhere")
    return lambda request: there if request.path == "/v1/elsewhere" else away


@sdk_scenario("SDK-ERROR-13", "SDK-WIRE-23", "SDK-WIRE-24")
async def sdk_redirects(sdk: SdkSession) -> None:
    """Redirects of every status, to the same host and to another one"""

    async def redirected(status: int, to: str) -> None:
        async with sdk.client(_elsewhere(status, to)) as client:
            for operation in _OF_ONE_BATCH:
                await one(client, sdk, operation, f"{status} to {to} host")

    await at_once(redirected(row["status"], row["to"]) for row in stimuli("redirects"))


@sdk_scenario("SDK-ERROR-10")
async def sdk_late_answers(sdk: SdkSession) -> None:
    """Answers that come long after the client was told to give up"""

    def late(request: RawRequest) -> Reply:
        return replace(like_a_gateway(request), wait_s=_LATE_S)

    async def waited_for(operation: str) -> None:
        async with sdk.client(late, Setup(timeout_s=_TIMEOUT_S)) as client:
            await one(client, sdk, operation, "late")

    await at_once(waited_for(operation) for operation in _BOUNDED)
