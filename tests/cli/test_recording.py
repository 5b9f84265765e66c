"""`conformance record`: cassettes that `judge` reads, and what stops it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.mock.server import MockServer


@pytest.fixture
def _few_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    from conformance.scenarios import all_scenarios

    few = {name: all_scenarios()[name] for name in ("refusals", "create_plainly")}
    monkeypatch.setattr("conformance._run.all_scenarios", lambda: few)


@pytest.mark.usefixtures("_few_scenarios")
@pytest.mark.parametrize("fault", [None, "no-credentials-answered-403"])
def test_what_was_recorded_is_judged_as_it_deserves(
    fault: str | None, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    folder = tmp_path / "kept"
    recorded = conformance("record", str(folder), *(("--fault", fault) if fault else ()))
    assert recorded.status == 0
    assert recorded.out == f"2 cassettes in {folder}; judge them: conformance judge {folder}\n"
    assert {path.name for path in folder.iterdir()} == {"refusals.json", "create_plainly.json"}
    judged = conformance("judge", str(folder), "--only", "REST-AUTH-01", "--only", "REST-CREATE-01")
    assert judged.status == (1 if fault else 0)
    assert ("FAIL REST-AUTH-01" in judged.out) is bool(fault)


@pytest.mark.usefixtures("_few_scenarios")
def test_a_gateway_is_recorded_without_its_keys(
    tmp_path: Path,
    conformance: Callable[..., Any],
    mock_gateway: MockServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, key in mock_gateway.default_keys().items():
        monkeypatch.setenv(name, key)
    ended = conformance("record", str(tmp_path), "--gateway-url", mock_gateway.url)
    texts = [path.read_text("utf-8") for path in tmp_path.glob("*.json")]
    assert (ended.status, len(texts)) == (0, 3)
    shown = "".join([*texts, ended.out, ended.err])
    assert not [key for key in mock_gateway.default_keys().values() if key in shown]
    assert {json.loads(text)["target"]["kind"] for text in texts} == {"gateway"}


def test_an_unreachable_gateway_is_status_5(
    tmp_path: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("AI_STATS_API_KEY", secret)
    ended = conformance("record", str(tmp_path), "--gateway-url", "http://127.0.0.1:9/v1")
    assert ended.status == 5
    assert ended.err.startswith("error: http://127.0.0.1:9/v1 cannot be reached: ")
    assert len(ended.err.splitlines()) == 1


def test_an_absent_key_is_status_4(
    tmp_path: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AI_STATS_API_KEY", raising=False)
    ended = conformance("record", str(tmp_path), "--gateway-url", "https://gateway.test/v1")
    assert (ended.status, ended.err) == (
        4,
        "error: --gateway-url https://gateway.test/v1: no key; "
        "set AI_STATS_API_KEY in the environment\n",
    )


def test_settling_without_a_bound_is_refused(
    tmp_path: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("AI_STATS_API_KEY", secret)
    url = "https://gateway.test/v1"
    ended = conformance("record", str(tmp_path), "--gateway-url", url, "--spend", "settle")
    expected = "error: --spend settle: say how much it may cost with --max-spend USD\n"
    assert (ended.status, ended.err) == (4, expected)


@pytest.mark.usefixtures("_few_scenarios")
def test_a_folder_that_cannot_be_written_is_one_line_and_status_3(
    conformance: Callable[..., Any],
) -> None:
    ended = conformance("record", "/proc/nowhere")
    assert ended.status == 3
    assert ended.err.splitlines()[-1].startswith("error: /proc/nowhere: cannot be written: ")
    assert "Traceback" not in ended.err


def test_a_cassette_of_the_settings_is_no_target(
    tmp_path: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_CASSETTE", "some/folder")
    ended = conformance("record", str(tmp_path))
    expected = "error: CONFORMANCE_CASSETTE: record drives a target; leave it out\n"
    assert (ended.status, ended.err) == (4, expected)


def test_a_scenario_is_recorded_alone(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    recorded = conformance("record", str(tmp_path), "--scenario", "create_plainly")
    assert recorded.status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["create_plainly.json"]


def test_an_unknown_scenario_is_refused_with_its_neighbours(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    recorded = conformance("record", str(tmp_path), "--scenario", "create_plain")
    assert recorded.status == 4
    assert "error: --scenario create_plain: no such scenario; there are create_plainly" in (
        recorded.err
    )


@pytest.mark.parametrize("fault", [None, "webhook-resigned-body"])
def test_a_life_on_every_channel_is_kept_without_secrets_and_judged_as_it_was(
    fault: str | None, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    chosen = ("--scenario", "channels_of_a_whole_life", *(("--fault", fault) if fault else ()))
    assert conformance("record", str(tmp_path), *chosen).status == 0
    (path,) = tmp_path.iterdir()
    text = path.read_text("utf-8")
    steps = json.loads(text)["steps"]
    assert {step["kind"] for step in steps} >= {"http", "ws", "webhook", "edge"}
    assert {step["signature_valid"] for step in steps if step["kind"] == "webhook"} == {not fault}
    assert ("{{webhook:1}}" in text, "whsec_" in text, "_sk_" in text) == (True, False, False)
    judged = conformance("judge", str(path), "--only", "XCH-07", "--only", "HOOK-SIGN-01")
    assert (judged.status, "FAIL HOOK-SIGN-01" in judged.out) == (int(bool(fault)), bool(fault))
