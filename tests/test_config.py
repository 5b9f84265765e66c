"""The Config of a run: command line before environment before pyproject.toml."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance.config import Config, resolve
from conformance.errors import ConfigError


def config(given: dict[str, Any] | None = None, **environ: str) -> Config:
    return resolve(given or {}, environ=environ)


def in_project(folder: Path, text: str, **given: Any) -> Config:
    (folder / "pyproject.toml").write_text(text, "utf-8")
    return resolve(given, environ={}, root=folder)


def refusal(given: dict[str, Any] | None = None, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config(given, **environ)
    return str(caught.value)


def refusal_in(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        in_project(folder, text)
    return str(caught.value).replace(str(folder), "DIR")


def test_without_any_source_the_defaults_hold() -> None:
    found = config()
    assert (found["profile"], found["timeout"], found["concurrency"]) == ("ai-stats", 30.0, 8)
    assert (found["cassette"], found["plan"], found["gateway-url"]) == ((), False, None)
    assert set(found.origins.values()) == {"default"}
    assert (found.max_spend_nanos, found.secrets) == (None, {})


def test_the_command_line_goes_before_the_environment_before_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.conformance]\nmodel = 'c'\nendpoint = 'c'\nspend = 'create'\n", "utf-8"
    )
    environ = {"CONFORMANCE_MODEL": "b", "CONFORMANCE_ENDPOINT": "b"}
    found = resolve({"model": "a"}, environ=environ, root=tmp_path)
    assert (found["model"], found["endpoint"], found["spend"]) == ("a", "b", "create")
    assert [found.origins[name] for name in ("model", "endpoint", "spend", "profile")] == [
        "--model", "CONFORMANCE_ENDPOINT", "[tool.conformance] spend", "default",
    ]  # fmt: skip


@pytest.mark.parametrize("nothing", [None, [], (), False])
def test_what_was_not_given_leaves_the_environment_its_turn(nothing: Any) -> None:
    found = config({"cassette": nothing}, CONFORMANCE_CASSETTE="a,b")
    assert found["cassette"] == ("a", "b")


def test_an_empty_variable_is_no_value() -> None:
    assert config(CONFORMANCE_TIMEOUT="")["timeout"] == 30.0


def test_whole_waits_are_integers() -> None:
    assert repr(config({"retry-waits": "60,0.5"})["retry-waits"]) == "(60, 0.5)"


@pytest.mark.parametrize(
    ("name", "value", "converted"),
    [
        ("timeout", "0.5", 0.5),
        ("timeout", 5, 5.0),
        ("concurrency", "2", 2),
        ("retry-waits", "60,300,0.5", (60.0, 300.0, 0.5)),
        ("retry-waits", [1, 2], (1.0, 2.0)),
        ("max-spend", "0", Decimal(0)),
        ("max-spend", 0.25, Decimal("0.25")),
        ("plan", True, True),
        ("plan", "ON", True),
        ("plan", "0", False),
        ("cassette", ["a", Path("b")], ("a", "b")),
        ("cassette", "a,b", ("a,b",)),
        ("spend", "settle", "settle"),
        ("model", 5, "5"),
    ],
)
def test_a_value_becomes_what_its_option_wants(name: str, value: Any, converted: Any) -> None:
    assert config({name: value})[name] == converted


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("timeout", "soon", "--timeout: 'soon' is not a number (SECONDS)"),
        ("timeout", [1], "--timeout: [1] is not a number (SECONDS)"),
        ("timeout", "-1", "--timeout: '-1' must be above 0 and below 1000000000"),
        ("timeout", 0, "--timeout: 0 must be above 0 and below 1000000000"),
        ("timeout", "nan", "--timeout: 'nan' must be above 0 and below 1000000000"),
        ("timeout", "1e999999", "--timeout: '1e999999' must be above 0 and below 1000000000"),
        ("concurrency", "2.5", "--concurrency: '2.5' is not a number (N)"),
        ("concurrency", 2.5, "--concurrency: 2.5 is not a number (N)"),
        ("concurrency", "-3", "--concurrency: '-3' must be above 0 and below 1000000000"),
        ("examine", "-1", "--examine: '-1' must be from 0 to 100"),
        ("examine", 101, "--examine: 101 must be from 0 to 100"),
        ("batch-id", ["b1", "../x"], "--batch-id '../x': that is no id of a batch"),
        ("batch-id", [""], "--batch-id '': that is no id of a batch"),
        ("retry-waits", "60,soon", "--retry-waits: 'soon' is not a number (S,S,S)"),
        ("retry-waits", "60,-1", "--retry-waits: '-1' must be above 0 and below 1000000000"),
        ("max-spend", "-1", "--max-spend: '-1' is not an amount of USD, such as 0.50"),
        ("max-spend", "NaN", "--max-spend: 'NaN' is not an amount of USD, such as 0.50"),
        ("max-spend", "sNaN", "--max-spend: 'sNaN' is not an amount of USD, such as 0.50"),
        ("max-spend", "1e999999", "--max-spend: '1e999999' is not an amount of USD, such as 0.50"),
        ("max-spend", "5 USD", "--max-spend: '5 USD' is not an amount of USD, such as 0.50"),
        ("spend", "all", "--spend: 'all' is none of none, create, settle"),
        ("plan", "ture", "--plan: 'ture' is none of 1, true, yes, on, 0, false, no, off"),
        ("profile", "ai", "--profile ai: no such profile; there are ai-stats, phaseo, openai"),
        ("header", ["X-A"], "--header X-A: expected NAME=ENVIRONMENT_VARIABLE"),
        ("header", ["=V"], "--header =V: expected NAME=ENVIRONMENT_VARIABLE"),
        ("header", ["X-A="], "--header X-A=: expected NAME=ENVIRONMENT_VARIABLE"),
        ("header", ["X-A=NOT_SET"], "--header X-A=NOT_SET: the environment has no NOT_SET"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_origin(
    name: str, value: Any, reason: str
) -> None:
    assert refusal({name: value}) == reason


@pytest.mark.parametrize("digits", ["9" * 400, "9" * 5000])
def test_a_number_without_end_is_refused_in_few_words(digits: str) -> None:
    for name in ("timeout", "concurrency"):
        assert len(refusal({name: digits})) < 200
    assert "USD" in refusal({"max-spend": digits})


def test_a_whole_number_beyond_floats_is_refused(tmp_path: Path) -> None:
    text = refusal_in(tmp_path, f"[tool.conformance]\ntimeout = {'9' * 400}")
    assert text.startswith("[tool.conformance] timeout: 999")


def test_an_error_of_the_environment_names_the_variable() -> None:
    assert (
        refusal(CONFORMANCE_SPEND="x") == "CONFORMANCE_SPEND: 'x' is none of none, create, settle"
    )


@pytest.mark.parametrize(("given", "newest"), [({}, 3), ({"examine": "0"}, 0), ({"examine": 0}, 0)])
def test_how_many_batches_to_examine_may_be_none(given: dict[str, Any], newest: int) -> None:
    assert config({"gateway-url": "http://h/v1", **given})["examine"] == newest


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"batch-id": ["b1"]}, "--batch-id: the embedded mock has no batches of earlier times; "),
        ({"examine": "0"}, "--examine: the embedded mock has no batches of earlier times; "),
        ({"examine": "1", "cassette": ["c"]}, "--examine: --cassette has no batches of earlier ti"),
        ({"batch-id": ["b1"], "cassette": ["c"]}, "--batch-id: --cassette has no batches of earli"),
    ],
)
def test_only_a_gateway_has_batches_of_earlier_times(given: dict[str, Any], reason: str) -> None:
    assert refusal(given).startswith(reason)


def test_the_variable_that_asks_for_earlier_batches_is_named() -> None:
    assert refusal(CONFORMANCE_BATCH_ID="b1,b2").startswith("CONFORMANCE_BATCH_ID: the embedded")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"gateway-url": "http://h/v1", "cassette": ["c"]},
         "--gateway-url and --cassette: one target a run, please"),
        ({"gateway-url": "http://h/v1", "fault": ["f"]},
         "--fault: only the embedded mock has faults; leave the other target out"),
        ({"cassette": ["c"], "fault": ["f"]},
         "--fault: only the embedded mock has faults; leave the other target out"),
    ],
)  # fmt: skip
def test_one_run_has_one_target(given: dict[str, Any], reason: str) -> None:
    assert refusal(given) == reason


def test_an_unknown_option_of_the_project_is_named_beside_the_known_ones(tmp_path: Path) -> None:
    text = refusal_in(tmp_path, "[tool.conformance]\ntimeuot = 1")
    assert text.startswith("DIR/pyproject.toml: [tool.conformance] has no option 'timeuot'; it has")
    assert "timeout" in text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tool = 5", None),
        ("[tool]\nconformance = 5", "[tool.conformance] is no table but 5"),
        ("[[tool.conformance]]", "[tool.conformance] is no table but [{}]"),
        ("[tool", "cannot be read: "),
        ("\x00", "cannot be read: "),
        ("[tool.other]\nx = 1", None),
    ],
)
def test_a_project_file_of_any_content_is_read_or_refused(
    tmp_path: Path, text: str, reason: str | None
) -> None:
    if reason is None:
        assert in_project(tmp_path, text)["profile"] == "ai-stats"
    else:
        assert refusal_in(tmp_path, text).startswith(f"DIR/pyproject.toml: {reason}")


def test_a_project_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        resolve({}, environ={}, root=tmp_path)


def test_without_a_project_file_nothing_is_read(tmp_path: Path) -> None:
    assert resolve({}, environ={}, root=tmp_path).origins["profile"] == "default"


def test_the_environment_of_the_process_is_used_when_none_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONFORMANCE_MODEL", "m")
    assert resolve({})["model"] == "m"


def test_a_bound_is_counted_in_whole_nano_dollars() -> None:
    assert config({"max-spend": "0.5"}).max_spend_nanos == 500_000_000
    assert config({"max-spend": "0.0000000019"}).max_spend_nanos == 1


def test_keys_and_header_values_are_secrets_of_the_environment() -> None:
    environ = {
        "AI_STATS_API_KEY": "k1", "AI_STATS_API_KEY_B": "k2", "AI_STATS_API_KEY_SAME": "",
        "OTHER": "o", "TOKEN": "t",
    }  # fmt: skip
    found = config({"header": ["X-Token=TOKEN"]}, **environ)
    assert found.secrets == {
        "AI_STATS_API_KEY": "k1",
        "AI_STATS_API_KEY_B": "k2",
        "header:X-Token": "t",
    }


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"adapter": "a:B", "adapter-cmd": "c"}, "--adapter and --adapter-cmd: one SDK a run, "),
        ({"adapter": "a:B", "cassette": ["x"]}, "--adapter and --cassette: one target a run, "),
        ({"adapter-cmd": "c", "cassette": ["x"]}, "--adapter-cmd and --cassette: one target a "),
        ({"adapter": "a:B", "fault": ["x"]}, "--fault: only the embedded mock has faults; "),
        ({"adapter-python": ["p"]}, "--adapter-python: that is for the Python SDK of an --adapter"),
        ({"adapter-start": "soon"}, "--adapter-start: 'soon' is not a number (SECONDS)"),
    ],
)
def test_an_sdk_is_the_only_target(given: dict[str, Any], reason: str) -> None:
    assert refusal(given).startswith(reason)


def test_an_sdk_may_have_a_gateway_behind_it() -> None:
    found = config({"adapter": "a:B", "gateway-url": "http://h/v1"})
    assert (found["adapter"], found["adapter-cmd"]) == ("a:B", None)
