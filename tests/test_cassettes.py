"""Cassettes: what is saved is what is loaded, and a file of any content is loaded or refused."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance.cassette_format import Header, to_data
from conformance.cassettes import load, load_all, save, write_whole
from conformance.errors import CassetteError
from conformance.transcript import (
    Body,
    Call,
    Delivery,
    Edge,
    Exchange,
    Frame,
    Request,
    Response,
    Stream,
    Transcript,
    Wallet,
)

DIGEST = "sha256:" + "0" * 64
HEADER = Header({"kind": "mock", "name": "m", "url": None}, "ai-stats", "0.1.0", DIGEST,
                ("create", "files"))  # fmt: skip
STARTED = "2026-11-24T12:00:00.000Z"
REQUEST = Request("GET", "http://h/v1/batches", (("a", "1"), ("a", "2")))


@pytest.fixture
def data() -> dict[str, Any]:
    """A cassette with one step of each kind, to be spoiled."""
    steps = (
        Exchange(REQUEST, Response(200, (), Body(b"{}"))),
        Stream(Request("GET", "ws://h/v1"), None, (Frame("server", 1, "x"),)),
        Delivery("POST", "/hook", (), Body(b"\xff")),
        Wallet("a", 1, 0),
        Call("batches.create", {"request": {}}, {"value": None}),
        Edge("clock_advanced", {"by_s": 1}),
    )
    return to_data(Transcript("s", steps, "", STARTED), HEADER)


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[Any], str]:
    """Why a file with this content is refused; bytes are written as they are."""

    def reason(content: Any) -> str:
        path = tmp_path / "c.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        with pytest.raises(CassetteError) as caught:
            load(path)
        text = str(caught.value)
        assert text.startswith(f"{path}: ")
        return text.removeprefix(f"{path}: ")

    return reason


def test_a_saved_transcript_is_loaded_as_it_was(tmp_path: Path) -> None:
    edge = Edge("said", {"text": "\u2028é\U0001f600\r\n"})
    kept = Transcript("s", (Exchange(REQUEST, Response(500)), edge), "Title", STARTED, failure="x")
    path = save(kept, HEADER, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "s.json"
    assert load(path).transcript == kept
    assert [one.name for one in path.parent.iterdir()] == ["s.json"]


def test_a_saved_file_has_sorted_keys_and_plain_line_ends(tmp_path: Path) -> None:
    content = save(Transcript("s", (), "", STARTED), HEADER, tmp_path).read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"}\n")
    assert list(json.loads(content)) == sorted(json.loads(content))


def test_the_numbers_of_a_call_come_back_exact_and_those_of_an_edge_as_before(
    tmp_path: Path,
) -> None:
    shown = {"value": {"huge": 2**63 + 1, "tenth": Decimal("0.30000000000000004")}, "raw": []}
    call = Call("getBatch", {"batch_id": "ü"}, shown, "c-1", "get_batch", 1, 2, "read")
    kept = Transcript("s", (call, Edge("waited", {"wait_s": 0.5}, 3)), "Title", STARTED)
    path = save(kept, HEADER, tmp_path)
    assert load(path).transcript == kept
    assert type(load(path).transcript.steps[1].detail["wait_s"]) is float


@pytest.mark.parametrize("number", [b"1e9999999999999999999", b"NaN"])
def test_a_call_with_a_number_that_nobody_can_hold_is_refused(
    number: bytes, data: dict[str, Any], refused: Callable[[Any], str]
) -> None:
    call = {**data["steps"][4], "outcome": {"value": 17.25}}
    text = json.dumps({**data, "steps": [call]}).encode()
    assert refused(text.replace(b"17.25", number)).startswith("not a cassette: ")


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_rest(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert path.read_text("utf-8") == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}", b"\xef\xbb\xbf{}"],
    ids=["empty", "cut", "not-utf8", "deep", "number", "bom"],
)
def test_what_is_not_json_is_refused(content: bytes, refused: Callable[[Any], str]) -> None:
    assert refused(content).startswith("not JSON: ")


@pytest.mark.parametrize("version", [2, 0, "1", None, [1], 1.5])
def test_another_version_is_refused(version: Any, refused: Callable[[Any], str]) -> None:
    assert refused({"cassette_version": version}) == (
        f"cassette_version is {version!r}, this suite reads 1; "
        "is it a file of `conformance record`? `conformance judge-body` judges loose bodies"
    )


@pytest.mark.parametrize("content", [[], None, "text", 5, True, {}])
def test_other_json_is_refused(content: Any, refused: Callable[[Any], str]) -> None:
    assert refused(content).startswith("cassette_version is None")


def test_every_missing_member_is_refused(
    data: dict[str, Any], refused: Callable[[Any], str]
) -> None:
    for name in data.keys() - {"failure", "crashed", "cassette_version"}:
        short = {key: value for key, value in data.items() if key != name}
        assert f'"{name}" is a required property' in refused(short)


@pytest.mark.parametrize("index", range(6))
def test_every_missing_member_of_a_step_is_refused(
    index: int, data: dict[str, Any], refused: Callable[[Any], str]
) -> None:
    whole = data["steps"][index]
    for name in whole:
        short = {key: value for key, value in whole.items() if key != name}
        assert refused({**data, "steps": [short]}).startswith("not a cassette at /steps/0")


@pytest.mark.parametrize("wrong", [None, 5, "x", [], [1], {"x": 1}, True, -1, 1.5])
def test_no_member_of_a_wrong_type_breaks_the_loader(
    wrong: Any, data: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "c.json"
    spoiled = [{**data, name: wrong} for name in data]
    spoiled += [
        {**data, "steps": [{**step, name: wrong}]} for step in data["steps"] for name in step
    ]
    for one in spoiled:
        path.write_text(json.dumps(one), "utf-8")
        try:
            assert load(path).transcript.scenario in {"s", "x"}
        except CassetteError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"base64": "AAA"}, "not a cassette: "),
        ({"base64": "a*b="}, "not a cassette at /steps/0/request/body/base64"),
        ({"base64": "", "text": ""}, "not a cassette at /steps/0/request/body"),
        ({}, "not a cassette at /steps/0/request/body"),
        ({"parts": [{"name": "f"}]}, "not a cassette at /steps/0/request/body/parts/0"),
        ({"text": "\ud800"}, "not a cassette"),
    ],
)
def test_a_body_that_cannot_be_bytes_is_refused(
    body: Any, reason: str, data: dict[str, Any], refused: Callable[[Any], str]
) -> None:
    step = data["steps"][0]
    spoiled = {**step, "request": {**step["request"], "body": body}}
    assert refused({**data, "steps": [spoiled]}).startswith(reason)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1])
def test_an_instant_that_is_none_is_refused(
    number: float, data: dict[str, Any], refused: Callable[[Any], str]
) -> None:
    wallet = {**data["steps"][3], "at_ms": number}
    assert refused({**data, "steps": [wallet]}).startswith("not a cassette")


def test_an_unknown_member_is_refused_with_its_place(
    data: dict[str, Any], refused: Callable[[Any], str]
) -> None:
    assert "'surprise'" in refused({**data, "surprise": 1}).replace('"', "'")
    step = {**data["steps"][3], "surprise": 1}
    assert refused({**data, "steps": [step]}).startswith("not a cassette at /steps/0")


def test_a_scenario_named_like_a_path_is_refused(
    data: dict[str, Any], refused: Callable[[Any], str]
) -> None:
    assert refused({**data, "scenario": "../x"}).startswith("not a cassette at /scenario")


def test_a_huge_file_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(64 * 2**20 + 1)
    monkeypatch.setattr(json, "loads", None)
    with pytest.raises(CassetteError, match="larger than 64 MiB, not a cassette"):
        load(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match=r"none.json: cannot be read: No such file"):
        load_all([tmp_path / "none.json"])


def test_a_file_in_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("")
    with pytest.raises(CassetteError, match="cannot be read: Not a directory"):
        load_all([tmp_path / "f" / "x.json"])


def test_a_folder_without_cassettes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match=r"no cassette \(\*.json\) in this folder"):
        load_all([tmp_path])


def test_folders_are_read_in_name_order_and_files_as_given(tmp_path: Path) -> None:
    for folder, name in (("a", "z"), ("a", "y"), ("b", "x")):
        save(Transcript(name, (), "", STARTED), HEADER, tmp_path / folder)
    loaded = load_all([tmp_path / "b" / "x.json", tmp_path / "a"])
    assert [one.transcript.scenario for one in loaded] == ["x", "y", "z"]
