"""Judging batches that a gateway has already, and its balance, as a user types it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.mock.server import MockServer

ROW = {
    "custom_id": "r1",
    "method": "POST",
    "url": "/v1/responses",
    "body": {"model": "mock-mini", "input": "One word.", "max_output_tokens": 16},
}
PRICES = {"mock-mini": {"input_nanos": 1000, "output_nanos": 2000}}
WANTED = "REST-STATE-10 or REST-FILES-12 or BILL-SUM-07 or BILL-LINE-06"


def settled_batch(server: MockServer) -> str:
    headers = {"authorization": f"Bearer {server.default_keys()['AI_STATS_API_KEY']}"}
    with httpx.Client(base_url=server.url, headers=headers) as http:
        sent = http.post("/files", files={"file": json.dumps(ROW)}, data={"purpose": "batch"})
        request = {"input_file_id": sent.json()["id"], "endpoint": "/v1/responses"}
        batch_id = str(http.post("/batches", json=request).json()["id"])
        for _ in range(4):
            http.get(f"/batches/{batch_id}")
    return batch_id


@pytest.mark.parametrize(
    ("faults", "status", "passed"), [((), 0, 4), (("cents-rounded-up",), 1, 3)]
)
def test_a_batch_is_judged_by_reading_it(
    faults: tuple[str, ...],
    status: int,
    passed: int,
    run_suite: Callable[..., Any],
    tmp_path: Path,
) -> None:
    (tmp_path / "prices.json").write_text(json.dumps(PRICES), "utf-8")
    with MockServer(faults=faults) as server:
        named = ("--batch-id", settled_batch(server), "--batch-id", "batch_of_nobody")
        at = ("--gateway-url", server.url, "--spend", "none", "--prices", "prices.json")
        ran = run_suite("-k", WANTED, *at, *named, env=server.default_keys())
    assert (ran.status, ran.outcomes()["passed"]) == (status, passed)
    assert "conformance: --batch-id batch_of_nobody: HTTP 404 not_found" in ran.text
    assert ("FAIL BILL-SUM-07 (MUST) " in ran.text) is bool(faults)


def test_the_wallet_of_a_mock_server_is_read_by_its_url(
    run_suite: Callable[..., Any], mock_gateway: MockServer, tmp_path: Path
) -> None:
    at = ("--gateway-url", mock_gateway.url, "--credits-url", mock_gateway.credits_url)
    wanted = "BILL-RES-01 or BILL-RES-02 or BILL-RES-07 or BILL-STABLE-07"
    ran = run_suite("-k", wanted, *at, env=mock_gateway.default_keys())
    assert (ran.status, ran.outcomes()["passed"]) == (0, 4)
    seen = (tmp_path / ".conformance/last-run/wallet_around_two_batches.json").read_text("utf-8")
    assert '"wallet"' in seen
    for key in mock_gateway.default_keys().values():
        assert key not in seen
