"""The fixtures of the plugin in a suite of a user's own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

OWN_SUITE = """
import httpx

from conformance.testing import batch, exchange, transcript


def test_a_client_of_the_gateway_under_test(gateway):
    assert gateway.get("/batches").json()["object"] == "list"


def test_a_mock_to_point_code_at(mock_gateway):
    key = mock_gateway.default_keys()["AI_STATS_API_KEY"]
    headers = {"authorization": f"Bearer {key}"}
    assert httpx.get(f"{mock_gateway.url}/batches", headers=headers).status_code == 200
    assert httpx.get(f"{mock_gateway.url}/batches").status_code == 401


def test_a_cassette_answers(cassette):
    loaded = cassette("CASSETTE")
    first = loaded.cassette.transcript.exchanges[0][1]
    with loaded.client() as client:
        answer = client.request(first.request.method, first.request.url)
    assert answer.status_code == first.response.status


def test_a_recording_answers_as_a_server(replay_server):
    server = replay_server("CASSETTE", strict=True)
    expected = server.left[0]
    refusal = httpx.get(server.url + "/nothing")
    assert (refusal.status_code, refusal.json()["expected"]) == (501, expected)


def test_a_receiver_is_told_of_an_event(mock_gateway, webhook_receiver):
    receiver = webhook_receiver(503, 200)
    key = mock_gateway.default_keys()["AI_STATS_API_KEY"]
    row = b'{"custom_id":"a","body":{"model":"mock-mini"}}'
    with httpx.Client(base_url=mock_gateway.url, headers={"authorization": f"Bearer {key}"}) as api:
        data = {"purpose": "batch"}
        file_id = api.post("/files", files={"file": row}, data=data).json()["id"]
        made = {"input_file_id": file_id, "endpoint": "/v1/responses"}
        api.post("/batches", json={**made, "webhook": receiver.webhook(events=["created"])})
    (delivery,) = receiver.deliveries()
    assert (delivery.answered, delivery.signature_valid) == ({"status": 503}, True)
    assert delivery.body.json["type"] == "batch.created"


def test_transcripts_and_cassettes_can_be_judged(cassette, judge):
    broken = judge([transcript(exchange("GET", "/batches/x", {**batch(), "id": 5}))])
    assert broken["REST-SHAPE-01"][0].pointer == "/id"
    assert isinstance(judge([cassette("CASSETTE").cassette]), dict)
"""


def test_all_six_work_in_a_suite_of_the_user(
    run_pytest: Callable[..., Any], tmp_path: Path, cassettes_folder: Path
) -> None:
    path = str(cassettes_folder / "ai-stats" / "unknown_id.json")
    (tmp_path / "test_own.py").write_text(OWN_SUITE.replace("CASSETTE", path), "utf-8")
    ran = run_pytest("test_own.py", "-W", "error")
    assert (ran.status, ran.outcomes()) == (0, {"passed": 6}), ran.text


def test_the_client_of_an_impossible_url_is_one_line(
    run_pytest: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "test_own.py").write_text("def test_x(gateway):\n    pass\n", "utf-8")
    ran = run_pytest("test_own.py", "--gateway-url", "http://host")
    assert (ran.status, ran.outcomes(), "Traceback" in ran.text) == (1, {"error": 1}, False)
    assert "--gateway-url http://host: the contract's paths lie below /v1; try " in ran.text
    assert "conformance/fixtures.py" not in ran.text
