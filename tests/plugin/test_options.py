"""Options: both forms, other plugins that want the same word, the environment, pyproject.toml."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conformance.mock.server import MockServer

THEIRS = """
def pytest_addoption(parser):
    parser.addoption("--timeout", type=int, default=7)
    parser.addoption("--profile", action="store_true")
"""
THEIR_TEST = """
def test_theirs(pytestconfig):
    assert pytestconfig.getoption("--timeout") == 9
    assert pytestconfig.getoption("--profile") is True
"""
AT = ("--pyargs", "conformance", "-q", "-k", "REST-GET-02")


def test_the_long_form_is_the_same_option(run_pytest: Callable[..., Any]) -> None:
    ran = run_pytest(*AT, "--conformance-spend", "much")
    assert ran.status == 4
    assert "ERROR: --spend: 'much' is none of none, create, settle" in ran.text


def test_a_conftest_keeps_its_own_options_of_the_same_names(
    run_pytest: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text(THEIRS, "utf-8")
    (tmp_path / "test_theirs.py").write_text(THEIR_TEST, "utf-8")
    ran = run_pytest("--timeout", "9", "--profile", "test_theirs.py")
    assert (ran.status, ran.outcomes()["passed"]) == (0, 1)


def test_a_plugin_keeps_its_options_and_our_long_forms_work(
    run_pytest: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "theirs.py").write_text(THEIRS, "utf-8")
    ours = ("--conformance-profile", "nope", "--conformance-timeout", "3")
    ran = run_pytest("-p", "theirs", *AT, *ours, env={"PYTHONPATH": str(tmp_path)})
    assert (ran.status, "ERROR: --profile nope: no such profile" in ran.text) == (4, True)


def test_the_command_line_wins_over_the_environment_and_that_over_pyproject(
    run_pytest: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.conformance]\nprofile = 'from-file'\n", "utf-8")
    variable = {"CONFORMANCE_PROFILE": "from-variable"}
    assert "--profile from-variable: no such" in run_pytest(*AT, env=variable).text
    ran = run_pytest(*AT, "--profile", "from-line", env=variable)
    assert "--profile from-line: no such profile" in ran.text


def test_pyproject_is_found_where_the_user_stands_though_a_cassette_lies_elsewhere(
    run_pytest: Callable[..., Any], tmp_path: Path, cassettes_folder: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.conformance]\nprofile = 'from-file'\n", "utf-8")
    ran = run_pytest(
        *AT, "--cassette", str(cassettes_folder / "ai-stats"), "-p", "no:cacheprovider"
    )
    assert (ran.status, "--profile from-file: no such profile" in ran.text) == (4, True)


def test_an_unknown_word_in_pyproject_is_one_line(
    run_pytest: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.conformance]\ngateway = 'x'\n", "utf-8")
    ran = run_pytest(*AT)
    assert (ran.status, "Traceback" in ran.text) == (4, False)
    assert "pyproject.toml: [tool.conformance] has no option 'gateway'; it has " in ran.text


def test_secrets_come_from_the_environment_and_are_shown_nowhere(
    run_pytest: Callable[..., Any],
    scripted: Callable[..., Any],
    reply: Callable[..., Any],
    tmp_path: Path,
    secret: str,
) -> None:
    other = "tenant-secret-0123456789"
    leak = {"error": "validation_error", "description": f"{secret} and {other}"}
    server = scripted(lambda _method, _path: reply(status=400, body=leak))
    arguments = ("--gateway-url", server.url, "--header", "X-Tenant=TENANT", "--record", "kept")
    written = ("--conformance-report", "r.json", "--junitxml", "j.xml")
    keys = {"AI_STATS_API_KEY": secret, "TENANT": other}
    ran = run_pytest("--pyargs", "conformance", "-vv", "-k", "REST", *arguments, *written, env=keys)
    assert (ran.status, "INTERNALERROR" in ran.text) == (1, False)
    sent = server.requests[0][2]
    assert (sent["authorization"], sent["x-tenant"]) == (f"Bearer {secret}", other)
    texts = [ran.text, *(p.read_text("utf-8") for p in tmp_path.rglob("*.*") if p.is_file())]
    assert len(texts) > 4
    assert not [text for text in texts if secret in text or other in text]
    assert not [text for text in texts if secret.rpartition("_")[2] in text]


def test_a_header_without_its_variable_is_one_line(run_pytest: Callable[..., Any]) -> None:
    ran = run_pytest(*AT, "--header", "X-Tenant=TENANT_THAT_IS_NOT_SET")
    expected = "--header X-Tenant=TENANT_THAT_IS_NOT_SET: the environment has no TENANT_THAT"
    assert (ran.status, expected in ran.text) == (4, True)


def test_a_plan_sends_nothing_and_says_what_would_be_done(
    run_pytest: Callable[..., Any],
    scripted: Callable[..., Any],
    reply: Callable[..., Any],
    secret: str,
) -> None:
    server = scripted(lambda _method, _path: reply())
    wanted = ("--pyargs", "conformance", "-q", "-k", "REST-GET-01 or REST-GET-02 or REST-ISO-01")
    keys = {"AI_STATS_API_KEY": secret}
    ran = run_pytest(*wanted, "--gateway-url", server.url, "--spend", "none", "--plan", env=keys)
    assert (ran.status, server.requests) == (0, [])
    lines = ran.text.splitlines()
    assert f"plan for {server.url}, --spend none" in lines
    assert any(line.startswith("  refusals (free) ") for line in lines)
    assert '  not: poll_to_the_end: needs "create", "terminal"' in lines
    assert "cost: nothing, only free calls" in lines
    assert any(line.startswith("  REST-ISO-01 (MUST) needs ") for line in lines)


def test_a_gateway_is_a_black_box_with_keys_in_the_environment(
    run_pytest: Callable[..., Any], mock_gateway: MockServer, tmp_path: Path
) -> None:
    wanted = "REST-GET-01 or REST-ISO-01 or REST-CREATE-10"
    credits_url = mock_gateway.url + "/credits"
    ran = run_pytest(
        "--pyargs", "conformance", "-k", wanted, "--gateway-url", mock_gateway.url,
        "--credits-url", credits_url, "--conformance-report", "r.json", "--junitxml", "j.xml",
        env=mock_gateway.default_keys(),
    )  # fmt: skip
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    found = {row["id"]: row["verdict"] for row in report["requirements"]}
    assert (found["REST-GET-01"], found["REST-ISO-01"]) == ("pass", "pass")
    assert {"second-key", "wallet", "terminal"} <= set(report["target"]["capabilities"])
    assert (ran.status, report["target"]["kind"]) == (0, "gateway")
    assert ElementTree.parse(tmp_path / "j.xml").find(".//testcase") is not None
