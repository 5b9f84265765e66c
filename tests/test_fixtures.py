"""What the pytest fixtures hand out: a client of a gateway, and the judge for transcripts."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.cassette_format import Cassette
from conformance.config import Config, resolve
from conformance.errors import ConfigError
from conformance.fixtures import gateway_client, judge_broken
from conformance.testing import JSON, batch, exchange, transcript

HEADERS = (*JSON, ("access-control-allow-origin", "*"))


def config(url: str | None = None, header: Any = (), bundle: str | None = None, **environ: str
           ) -> Config:  # fmt: skip
    given = {"gateway-url": url, "header": header, "ca-bundle": bundle, "timeout": "7"}
    return resolve(given, environ=environ)


def test_without_a_url_a_mock_is_started_and_the_key_is_good() -> None:
    with gateway_client(config()) as client:
        assert client.base_url.host == "127.0.0.1"
        answer = client.get("/batches")
        assert (answer.status_code, answer.json()["data"]) == (200, [])
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{client.base_url}batches", trust_env=False)


def test_a_gateway_is_called_with_key_and_headers_of_the_environment(
    scripted: Any, reply: Any, secret: str
) -> None:
    server = scripted(lambda method, path: reply(200, {"path": path}))
    environ = {"AI_STATS_API_KEY": secret, "TOKEN": "t"}
    with gateway_client(config(server.url, ["X-Token=TOKEN"], **environ)) as client:
        assert client.get("/batches").json() == {"path": "/v1/batches"}
        assert client.timeout.read == 7
    [(_, _, headers)] = server.requests
    assert (headers["authorization"], headers["x-token"]) == (f"Bearer {secret}", "t")


def test_without_a_key_the_gateway_is_not_called() -> None:
    with (
        pytest.raises(ConfigError, match="set AI_STATS_API_KEY"),
        gateway_client(config("http://127.0.0.1:9/v1")),
    ):
        pass


def test_a_url_that_cannot_be_right_is_refused() -> None:
    with pytest.raises(ConfigError, match="try http://h/v1"), gateway_client(config("http://h")):
        pass


def test_a_bundle_without_certificates_is_refused(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("no certificate")
    given = config("https://h/v1", bundle=str(bundle), AI_STATS_API_KEY="k")
    with pytest.raises(ConfigError, match="no certificates in PEM form"), gateway_client(given):
        pass


def test_the_judge_returns_what_is_broken_in_transcripts_and_cassettes() -> None:
    good = transcript(exchange("GET", "/batches/batch_1", batch(), headers=HEADERS))
    bad = transcript(exchange("GET", "/batches/batch_1", batch(created_at="now")), scenario="bad")
    found = judge_broken([good, Cassette(bad, {}, "ai-stats", "0", "sha256:0")])
    assert judge_broken([good]) == {}
    assert [one.seen for one in found["REST-SHAPE-03"]] == ['"now"']
    assert {one.scenario for findings in found.values() for one in findings} == {"bad"}
