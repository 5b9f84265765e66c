"""What the package's fixtures give to a project's own tests. Run: pytest examples/own_suite"""

from pathlib import Path

import httpx
import pytest

RECORDED = Path(__file__).parents[2] / "cassettes/ai-stats/completed_charged.json"


def headers(server):
    return {"authorization": f"Bearer {server.default_keys()['AI_STATS_API_KEY']}"}


def test_a_batch_lives_its_life_on_the_mock(mock_gateway):
    with httpx.Client(base_url=mock_gateway.url, headers=headers(mock_gateway)) as client:
        row = b'{"custom_id":"a","url":"/v1/responses","body":{"model":"mock-mini","input":"hi"}}\n'
        upload = client.post("/files", files={"file": row}, data={"purpose": "batch"}).json()
        wanted = {"input_file_id": upload["id"], "endpoint": "/v1/responses"}
        batch = client.post("/batches", json={**wanted, "completion_window": "24h"}).json()
        seen = [client.get(f"/batches/{batch['id']}").json()["status"] for _ in range(3)]
    assert seen == ["in_progress", "finalizing", "completed"]


def test_a_recorded_batch_is_replayed(cassette):
    replay = cassette(RECORDED)
    urls = [e.request.path for _, e in replay.cassette.transcript.exchanges]
    last = next(path for path in reversed(urls) if "/batches/" in path)
    with replay.client() as client:
        assert client.get(last.removeprefix("/v1")).json()["object"] == "batch"


def test_a_recording_is_judged(cassette, judge):
    broken = judge([cassette(RECORDED).cassette])
    assert "REST-GET-01" not in broken


@pytest.mark.parametrize("limit", [1, 2])
def test_the_gateway_under_test_lists(gateway, limit):
    assert len(gateway.get("/batches", params={"limit": limit}).json()["data"]) <= limit
