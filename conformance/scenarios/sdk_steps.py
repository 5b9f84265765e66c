"""What scenarios of SDKs share: how they are made, the stimuli, and what a recorder answers."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from functools import cache, wraps
from typing import Any

from conformance.json_text import dump, parse
from conformance.resources import vectors_dir
from conformance.scenarios import scenario
from conformance.targets.limits import ScenarioStopped
from conformance.targets.raw_http import RawRequest
from conformance.targets.recorder import Reply
from conformance.targets.sdk_session import AdapterBroke, SdkClient, SdkSession
from conformance.targets.session import Session

# Each operation by the names of its methods: of the client itself, and of its resource.
OPERATIONS: Mapping[str, tuple[str, str]] = {
    "create": ("createBatch", "batches.create"),
    "get": ("getBatch", "batches.get"),
    "cancel": ("cancelBatch", "batches.cancel"),
    "list": ("listBatches", "batches.list"),
    "models": ("listBatchModels", "batches.listModels"),
}
GENERIC_URL, BATCH_URL = "getAsyncJobWebSocketUrl", "batches.websocketUrl"
VERIFY, COMPUTE = "verifyAsyncWebhookSignature", "computeAsyncWebhookSignature"

Work = Callable[[SdkSession], Awaitable[None]]


def sdk_scenario(
    *aims: str, needs: tuple[str, ...] = (), cost: str = "free"
) -> Callable[[Work], Work]:
    """Make the function a scenario that calls an SDK; `needs` are those beside the SDK."""

    def register(work: Work) -> Work:
        @scenario(*aims, needs=("sdk", *needs), cost=cost)
        @wraps(work)
        async def drive(session: Session) -> None:
            if session.sdk_host is None:
                raise ScenarioStopped("the target is no SDK")
            sdk = SdkSession(session, session.sdk_host)
            await sdk.start()
            await work(sdk)
            if sdk.trouble is not None:
                # Not a stop: what this left unseen is an error of the adapter.
                raise AdapterBroke(sdk.trouble)

        return work

    return register


@cache
def stimuli(name: str) -> Any:
    """One part of the stimuli, numbers exact; not to be changed."""
    return parse((vectors_dir() / "sdk-stimuli.json").read_text("utf-8"))[name]


def good_args(operation: str) -> dict[str, Any]:
    """The arguments of an ordinary call."""
    method = OPERATIONS[operation][0]
    found = next(one["args"] for one in stimuli("surface") if one["method"] == method)
    return dict(found)


async def one(
    client: SdkClient, sdk: SdkSession, operation: str, label: str | None = None, **args: Any
) -> None:
    """Call the operation by the first of its names that the SDK has."""
    for method in sdk.offered(*OPERATIONS[operation])[:1]:
        await client.call(method, label=label, **(args or good_args(operation)))


async def each(
    client: SdkClient, sdk: SdkSession, operation: str, label: str | None = None, **args: Any
) -> None:
    """Call the operation by each of its names that the SDK has, with the same arguments."""
    for method in sdk.offered(*OPERATIONS[operation]):
        await client.call(method, label=label, **args)


async def url_helpers(
    client: SdkClient, sdk: SdkSession, batch_id: str, options: Mapping[str, Any] | None = None
) -> list[str]:
    """The stream URLs of a batch by each of the helpers that the SDK has, those that are text."""
    more = {} if options is None else {"options": dict(options)}
    calls: Mapping[str, dict[str, Any]] = {
        GENERIC_URL: {"kind": "batch", "job_id": batch_id, **more},
        BATCH_URL: {"batch_id": batch_id, **more},
    }
    outcomes = [await client.call(name, **calls[name]) for name in sdk.offered(*calls)]
    return [one["value"] for one in outcomes if isinstance(one.get("value"), str)]


async def at_once(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of it at the same time; what is raised first is raised when all is done."""
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


def json_reply(value: Any, status: int = 200) -> Reply:
    """An answer of JSON."""
    return Reply(status, dump(value).encode())


def batch_reply(status: int = 200, **members: Any) -> Reply:
    """The answer with the batch, rich in members that no SDK knows; `members` replace its own."""
    return json_reply({**stimuli("answers")["batch"], **members}, status)


def like_a_gateway(request: RawRequest) -> Reply:
    """A batch, or the list where a gateway would list."""
    answers = stimuli("answers")
    if request.method == "GET" and request.path.endswith("/models"):
        return json_reply(answers["models"])
    if request.method == "GET" and request.path.rstrip("/").endswith("/batches"):
        return json_reply({"object": "list", "data": [answers["batch"]], "has_more": False})
    return batch_reply()


def scripted_reply(row: Mapping[str, Any]) -> Reply:
    """The answer that a row of the stimuli describes: a text, or one of the answers by name."""
    text = row["text"] if "text" in row else dump(stimuli("answers")[row.get("body", "refusal")])
    headers = [("content-type", row.get("content_type", "application/json"))]
    if "retry_after" in row:
        headers.append(("retry-after", row["retry_after"]))
    body = (row.get("before", "") + text).encode()
    return Reply(row["status"], body, tuple(headers) if body else ())
