"""The command as a whole: version, help, and what is typed wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance import __version__
from conformance.requirements import registry


def test_the_version_names_package_and_registry(conformance: Callable[..., Any]) -> None:
    ended = conformance("--version")
    assert ended.status == 0
    assert ended.out.splitlines() == [
        f"conformance {__version__}",
        f"registry {registry().digest} ({len(registry().rows)} requirements)",
    ]


def test_help_starts_with_what_to_type(conformance: Callable[..., Any]) -> None:
    ended = conformance("--help")
    lines = ended.out.splitlines()
    wanted = "    conformance judge DIR                          judge a recorded run again"
    assert (ended.status, wanted in lines) == (0, True)
    assert not [line for line in lines if len(line) > 100 or "\\b" in line]


@pytest.mark.parametrize(
    "verb",
    [
        "mock", "judge", "judge-body", "bill", "record", "explain", "requirements", "new",
        "completion",
    ],
)  # fmt: skip
def test_each_verb_has_help_of_its_own(verb: str, conformance: Callable[..., Any]) -> None:
    ended = conformance(verb, "--help")
    assert (ended.status, ended.out.startswith(f"Usage: conformance {verb} ")) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("juge", "x"), "Error: No such command 'juge'."),
        (("judge", "--onlly", "x"), "Error: No such option '--onlly'"),
        (("judge",), "Error: Missing argument 'PATHS...'."),
        (("judge-body",), "Error: Missing argument 'FILE…'."),
        (("judge-body", "x.json"), "error: x.json: cannot be read: No such file or directory"),
        (("bill", "."), "error: .: no cassette (*.json) in this folder"),
        (("bill", "x.json"), "error: x.json: cannot be read: No such file or directory"),
        (("judge", "x", "--only", "REST-GET-99"), "no requirement is called REST-GET-99; near it"),
        (("judge", "x", "--profile", "nope"), "'nope' is not one of 'ai-stats', "),
        (("explain", "REST"), "no requirement is called REST"),
        (("mock", "--port", "70000"), "70000 is not in the range 0<=x<=65535"),
        (("mock", "--fault", "cost-to-high"), "error: no fault is called 'cost-to-high'"),
        (("record", "x", "--fault", "nope"), "error: no fault is called 'nope'"),
        (("record", "x", "--spend", "much"), "error: --spend: 'much' is none of none, create, s"),
        (("record", "x", "--timeout", "0"), "error: --timeout: '0' must be above 0"),
        (("record", "x", "--max-spend", "x"), "--max-spend: 'x' is not an amount of USD"),
        (("record", "x", "--gateway-url", "ftp://h"), "expected http(s)://HOST[:PORT]/v1"),
        (("record", "x", "--gateway-url", "http://h"), "lie below /v1; try http://h/v1"),
        (("record", "x", "--gateway-url", "http://u:p@h/v1"), "no user or password in the URL"),
        (("completion", "cmd"), "'cmd' is not one of 'bash', 'fish', 'zsh'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_typed_wrongly_is_status_4_with_cause(
    arguments: tuple[str, ...], line: str, conformance: Callable[..., Any]
) -> None:
    ended = conformance(*arguments)
    assert (ended.status, ended.out, line in ended.err) == (4, "", True), ended.err
    assert "Traceback" not in ended.err


def test_ctrl_c_is_status_2(
    conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance._run.Run.observe", interrupted)
    ended = conformance("record", "x")
    assert (ended.status, ended.err.strip()) == (2, "interrupted")
