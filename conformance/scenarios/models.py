"""The models that batches can use: the list, its filter, and a batch of one of them."""

from typing import Any

from conformance.json_text import at
from conformance.scenarios import scenario
from conformance.scenarios.create import request_of
from conformance.targets.session import Session
from conformance.transcript import Exchange

_LIST = ("REST-MODELS-01", "REST-MODELS-02", "REST-MODELS-03", "REST-MODELS-04")


@scenario(*_LIST, "REST-MODELS-05", "REST-MODELS-07")
async def list_of_models(session: Session) -> None:
    """The list by both paths, and the same filter by name and alias, in one value and in two"""
    await session.call("GET", "/batches/models")
    await session.call("GET", "/batch/models")
    await session.call("GET", "/batches/models", query="params=request_endpoint,session_id")
    await session.call("GET", "/batches/models", query="params=endpoint&params=session_id")


@scenario(*_LIST, "REST-MODELS-06", needs=("create", "files"), cost="create")
async def batch_of_a_listed_model(session: Session) -> None:
    """A batch of the first listed model that has the endpoint of this run"""
    listed = await session.call("GET", "/batches/models")
    model = _first_usable(listed, session.work.endpoint)
    if model is not None:
        rows = session.row("row-1", model=model)
        await session.create(request_of(session, await session.file(rows)))


def _first_usable(listed: Exchange, endpoint: str) -> str | None:
    data: Any = at(listed.response.json, "/data") if listed.response else None
    for item in data if isinstance(data, list) else ():
        name = at(item, "/model")
        values = at(item, "/supported_params_detail/endpoint/values")
        if isinstance(name, str) and (not isinstance(values, list) or endpoint in values):
            return name
    return None
