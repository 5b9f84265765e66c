"""The fixtures of the plugin in a suite of a user's own."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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


SDK_SUITE = """
import sys

import httpx
import pytest

BATCH = "/batches/batch_nope"


def test_code_of_httpx_is_answered_within_this_process(sdk_replay, mock_gateway):
    served = sdk_replay("CASSETTE", sdk="respx")
    assert (served.by, httpx.get(served.url + BATCH).status_code) == ("respx", 404)
    assert [one["step"] for one in served.left] == [2, 3, 4, 5]
    assert httpx.get(f"{mock_gateway.url}/batches").status_code == 401


def test_other_code_is_answered_by_a_server(sdk_replay):
    served = sdk_replay("CASSETTE", sdk="acme-that-is-nowhere", strict=True)
    assert (served.by, httpx.get(served.url + BATCH).status_code) == ("server", 404)
    assert httpx.get(served.url + BATCH).status_code == 501


def test_the_sdk_under_test_reads_it(sdk_replay):
    served = sdk_replay("CASSETTE")
    error = served.call("getBatch", batch_id="batch_nope")["error"]
    assert (served.by, error["kind"], error["status"]) == (BY, "http", 404)
    assert error["body"]["error"] == "not_found"
"""

ACME = """
import httpx

from conformance.adapters import SdkError


class Acme:
    def hello(self):
        return {"sdk": "respx", "version": "1", "language": "python", "runtime": "here",
                "methods": {"getBatch": "get"}, "options": [], "concurrency": 1}

    def open(self, settings):
        return httpx.Client(base_url=settings["base_url"])

    def close(self, client):
        client.close()

    def call(self, client, method, args):
        got = client.get(f"/batches/{args['batch_id']}")
        raise SdkError("http", "acme", "no", got.status_code, got.json(), [])
"""


@pytest.mark.parametrize(
    ("option", "by"),
    [
        (("--adapter", "conformance.adapters.reference:ReferenceAdapter"), "server"),
        (("--adapter-cmd", f"{sys.executable} -m conformance.adapters.stdio "
          "conformance.adapters.reference:ReferenceAdapter"), "server"),
        (("--adapter", "acme:Acme"), "respx"),
    ],
    ids=["other-code", "process", "httpx"],
)  # fmt: skip
def test_a_recording_gets_to_an_sdk_by_respx_or_as_a_server(
    option: tuple[str, str],
    by: str,
    run_pytest: Callable[..., Any],
    tmp_path: Path,
    cassettes_folder: Path,
) -> None:
    path = str(cassettes_folder / "ai-stats" / "unknown_id.json")
    suite = SDK_SUITE.replace("CASSETTE", path).replace("BY,", f"{by!r},")
    (tmp_path / "test_own.py").write_text(suite, "utf-8")
    (tmp_path / "acme.py").write_text(ACME, "utf-8")
    ran = run_pytest("test_own.py", "-W", "error", *option)
    assert (ran.status, ran.outcomes()) == (0, {"passed": 3}), ran.text


def test_without_an_sdk_there_is_nothing_to_call(
    run_pytest: Callable[..., Any], tmp_path: Path, cassettes_folder: Path
) -> None:
    path = str(cassettes_folder / "ai-stats" / "unknown_id.json")
    own = f"def test_x(sdk_replay):\n    sdk_replay({path!r}).call('getBatch')\n"
    (tmp_path / "test_own.py").write_text(own, "utf-8")
    ran = run_pytest("test_own.py")
    assert "there is no SDK to call: give --adapter or --adapter-cmd" in ran.text
    ran = run_pytest("test_own.py", "--adapter", "acme_nowhere:Acme")
    assert "error: --adapter acme_nowhere:Acme: there is no module acme_nowhere" in ran.text


def test_the_client_of_an_impossible_url_is_one_line(
    run_pytest: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "test_own.py").write_text("def test_x(gateway):\n    pass\n", "utf-8")
    ran = run_pytest("test_own.py", "--gateway-url", "http://host")
    assert (ran.status, ran.outcomes(), "Traceback" in ran.text) == (1, {"error": 1}, False)
    assert "--gateway-url http://host: the contract's paths lie below /v1; try " in ran.text
    assert "conformance/fixtures.py" not in ran.text
