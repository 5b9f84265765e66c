"""The tap: what an SDK sends reaches the gateway, is on record as it came, and is counted."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from conformance.mock.server import MockServer
from conformance.targets.mock import MockTarget
from conformance.targets.recorder import Endpoint
from conformance.targets.session import Session
from conformance.targets.tap import base_path, tap
from conformance.targets.wire import Wire
from conformance.transcript import Exchange

Work = Callable[[Session, Endpoint, httpx.AsyncClient], Awaitable[Any]]


@pytest.fixture
def run() -> Callable[[Work], Any]:
    """Work at a tap before the mock."""

    def go(work: Work) -> Any:
        async def whole() -> Any:
            with MockServer() as server:
                target = MockTarget(server=server)
                session = await target.open("tapped")
                endpoint = Endpoint(session, tap(session), session)
                await endpoint.start()
                base = endpoint.origin + base_path(session)
                headers = {"authorization": f"Bearer {session.keys['a']}"}
                async with httpx.AsyncClient(
                    base_url=base, headers=headers, trust_env=False
                ) as client:
                    outcome = await work(session, endpoint, client)
                await endpoint.close()
                await target.close()
                return outcome

        return asyncio.run(whole())

    return go


def test_a_batch_made_through_the_tap_is_counted_and_on_record_as_it_was_asked_for(
    run: Any,
) -> None:
    async def work(session: Session, endpoint: Endpoint, client: httpx.AsyncClient) -> Any:
        request = {
            "input_file_id": await session.file(), "endpoint": session.work.endpoint,
            "completion_window": "24h",
        }  # fmt: skip
        answer = await client.post("/batches", content=json.dumps(request, indent=3))
        refused = await client.post("/batches", json={})
        return answer, refused.status_code, session, request

    answer, refused, session, request = run(work)
    assert (answer.status_code, refused) == (200, 400)
    assert session.created == {answer.json()["id"]: "a"}
    made = [step for step in session.steps if isinstance(step, Exchange)][-2]
    assert made.request.body.content == json.dumps(request, indent=3).encode()
    assert made.response.json["id"] == answer.json()["id"]
    assert made.request.header("authorization") == "Bearer {{key:a}}"


def test_targets_and_refusals_of_the_gateway_are_passed_on(run: Any) -> None:
    async def work(_session: Session, _endpoint: Endpoint, client: httpx.AsyncClient) -> Any:
        missing = await client.get("/batches/a%2Fb")
        listed = await client.get("/batches?limit=1&status=completed&status=failed")
        return missing, listed

    missing, listed = run(work)
    assert (missing.status_code, listed.status_code) == (404, 200)
    assert missing.json()["error"] == "not_found"
    assert listed.json()["object"] == "list"


def test_a_gateway_that_does_not_answer_cuts_the_connection(run: Any) -> None:
    async def work(session: Session, _endpoint: Endpoint, client: httpx.AsyncClient) -> None:
        session.wire = Wire(httpx.AsyncClient(transport=httpx.MockTransport(_refusing)))
        with pytest.raises(httpx.HTTPError):
            await client.get("/batches")

    run(work)


def _refusing(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)
