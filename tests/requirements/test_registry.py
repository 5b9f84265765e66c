"""The registry: every row is read, checked and linked, or refused with its file and id."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import RegistryError
from conformance.requirements import (
    Case,
    Fault,
    Level,
    Registry,
    load,
    profiles,
    registry,
)

ROW = """
[[requirement]]
id = "REST-TEST-01"
level = "MUST"
text = "A thing that is promised stays promised."
source = ["seed"]
profiles = ["ai-stats"]
needs = ["create"]
cost = "free"
channel = "http"
input = "batch-body"
by = "code"
provoke = "Do it."
observe = "See it."
revision_b = "keep"
"""
SECOND = ROW.replace("TEST-01", "TEST-02")

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes registry files below a folder: `write(area=text)`."""

    def files(**areas: str | bytes) -> Path:
        (tmp_path / "rest").mkdir(exist_ok=True)
        for area, text in areas.items():
            content = text if isinstance(text, bytes) else text.encode()
            (tmp_path / "rest" / f"{area}.toml").write_bytes(content)
        return tmp_path

    return files


@pytest.fixture
def refused(write: Write) -> Callable[..., str]:
    """Why these files are refused, without the folder."""

    def reason(**areas: str | bytes) -> str:
        folder = write(**areas)
        with pytest.raises(RegistryError) as caught:
            load(folder)
        return str(caught.value).replace(f"{folder}/", "")

    return reason


def test_a_row_is_read_as_it_stands(write: Write) -> None:
    [row] = load(write(area=ROW))
    assert (row.id, row.level, row.family, row.area) == (
        "REST-TEST-01", Level.MUST, "rest", "area",
    )  # fmt: skip
    assert (row.source, row.needs, row.profiles) == (("seed",), ("create",), ("ai-stats",))
    assert (row.schema, row.table, row.fault, row.same_as) == ({}, (), None, None)
    assert row.is_master
    assert row.pointers("ai-stats") == ()


def test_fault_table_and_schema_of_a_row_are_read(write: Write) -> None:
    text = ROW + (
        'fault = { name = "a-fault", on = "answer", breaks = ["REST-TEST-01"], '
        'patch = [{ op = "remove", path = "/x" }] }\n'
        'schema = { default = "batch.schema.json#/required", phaseo = ["a.schema.json#/type"] }\n'
        "[[requirement.table]]\nname = 'c'\nrequest = { method = 'GET', path = '/x' }\n"
        "expect = { status = [404] }\n"
    )
    row = load(write(area=text))["REST-TEST-01"]
    patch = ({"op": "remove", "path": "/x"},)
    assert row.fault == Fault("a-fault", "answer", "", patch, ("REST-TEST-01",))
    assert row.table == (Case("c", {"method": "GET", "path": "/x"}, {"status": [404]}),)
    assert row.pointers("ai-stats") == row.pointers("openai") == ("batch.schema.json#/required",)
    assert row.pointers("phaseo") == ("a.schema.json#/type",)


@pytest.mark.parametrize("value", ['"a.schema.json#/type"', '["a.schema.json#/type"]'])
def test_one_pointer_or_a_list_serves_every_profile(write: Write, value: str) -> None:
    row = load(write(area=f"{ROW}schema = {value}\n"))["REST-TEST-01"]
    assert row.pointers("phaseo") == ("a.schema.json#/type",)


def test_a_behaviour_fault_has_no_patch(write: Write) -> None:
    row = load(write(area=ROW + 'fault = { name = "slow" }\n'))["REST-TEST-01"]
    assert row.fault == Fault("slow")


def test_a_repeating_row_takes_the_verdict_of_its_master(write: Write) -> None:
    third = ROW.replace("TEST-01", "TEST-03") + 'same_as = "REST-TEST-02"\n'
    made = load(write(area=ROW + SECOND + 'same_as = "REST-TEST-01"\n' + third))
    assert made.master_of(made["REST-TEST-03"]) is made["REST-TEST-01"]
    assert made.master_of(made["REST-TEST-01"]) is made["REST-TEST-01"]
    assert [row.id for row in made.masters()] == ["REST-TEST-01"]
    assert made.masters("openai") == []
    assert "REST-TEST-03" in made
    assert "REST-TEST-04" not in made


def test_an_excluded_row_is_no_master(write: Write) -> None:
    made = load(write(area=ROW + 'excluded = "nobody can see it"\n'))
    assert made.masters() == []


def test_families_that_are_not_built_are_pending(write: Write) -> None:
    folder = write(area=ROW)
    assert not load(folder).is_pending(load(folder)["REST-TEST-01"])
    (folder / "profiles.toml").write_text('pending_families = ["rest"]', "utf-8")
    assert load(folder).is_pending(load(folder)["REST-TEST-01"])
    (folder / "profiles.toml").write_text("[", "utf-8")
    with pytest.raises(RegistryError, match=r"profiles\.toml: not a registry file"):
        load(folder)


def test_the_digest_follows_the_content_and_not_the_line_ends(write: Write) -> None:
    digest = load(write(area=ROW)).digest
    assert digest.startswith("sha256:")
    assert load(write(area=ROW.replace("\n", "\r\n"))).digest == digest
    assert load(write(area=ROW.replace("See it", "See"))).digest != digest


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("surprise = 1", "surprise"),
        ('same_as = "nothing"', "/same_as: "),
        ("excluded = 5", "/excluded: "),
        ('fault = { name = "Bad Name" }', "/fault/name: "),
        ('fault = { name = "a", patch = [] }', "/fault/patch: "),
        ('fault = { name = "a", patch = [{ op = "add", path = "/x" }] }', "/fault/patch/0: "),
        ("excluded = 2026-01-01", "Unsupported type"),
        ("excluded = nan", "/excluded: "),
        ("table = []", "/table: "),
    ],
)
def test_a_row_of_another_form_is_refused_with_file_id_and_place(
    more: str, reason: str, refused: Callable[..., str]
) -> None:
    text = refused(area=f"{ROW}{more}\n")
    assert text.startswith("rest/area.toml: REST-TEST-01: ")
    assert reason in text


@pytest.mark.parametrize("key", ["level", "text", "source", "by", "input", "revision_b"])
def test_a_missing_key_is_refused(key: str, refused: Callable[..., str]) -> None:
    lines = [line for line in ROW.splitlines() if not line.startswith(f"{key} ")]
    assert refused(area="\n".join(lines)) == (
        f'rest/area.toml: REST-TEST-01: /: "{key}" is a required property'
    )


def test_a_row_without_an_id_is_refused(refused: Callable[..., str]) -> None:
    text = refused(area="[[requirement]]\nlevel = 'MUST'")
    assert text.startswith("rest/area.toml: (no id): /: ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected [[requirement]] and nothing else, it has nothing"),
        (f"x = 1\n{ROW}", "expected [[requirement]] and nothing else, it has x, requirement"),
        ("requirement = 5", "expected [[requirement]] and nothing else, it has requirement"),
        ("[requirement]", "expected [[requirement]] and nothing else, it has requirement"),
        ("[[requirment]]", "expected [[requirement]] and nothing else, it has requirment"),
        ("requirement = ['x']", "(no table): /: "),
        ("[[requirement", "not a registry file: "),
        (b"\xff", "not a registry file: "),
        (f"requirement = {'[' * 20_000}", "not a registry file: "),
        (f"{ROW}excluded = {'9' * 5000}", "not a registry file: "),
    ],
    ids=["empty", "more", "number", "table", "typo", "texts", "cut", "bytes", "deep", "digits"],
)
def test_a_file_of_another_form_is_refused(
    text: Any, reason: str, refused: Callable[..., str]
) -> None:
    assert refused(area=text).startswith(f"rest/area.toml: {reason}")


def test_an_id_that_stands_twice_is_refused(refused: Callable[..., str]) -> None:
    twice = "rest/b.toml: REST-TEST-01 stands twice in the registry"
    assert refused(a=ROW, b=ROW) == twice


def test_a_link_to_nothing_is_refused(refused: Callable[..., str]) -> None:
    text = refused(a=ROW, b=SECOND + 'same_as = "REST-TEST-09"\n')
    assert text == "rest/b.toml: REST-TEST-02: same_as names REST-TEST-09, which is not a row"


def test_links_in_a_circle_are_refused(refused: Callable[..., str]) -> None:
    first, second = ROW + 'same_as = "REST-TEST-02"\n', SECOND + 'same_as = "REST-TEST-01"\n'
    assert refused(area=first + second) == (
        "rest/area.toml: REST-TEST-01: same_as leads in a circle, through REST-TEST-01"
    )
    assert "in a circle" in refused(area=ROW + 'same_as = "REST-TEST-01"\n')


def test_a_fault_that_breaks_nothing_known_is_refused(refused: Callable[..., str]) -> None:
    text = refused(area=ROW + 'fault = { name = "f", breaks = ["REST-TEST-09"] }\n')
    assert text == "rest/area.toml: REST-TEST-01: its fault breaks REST-TEST-09, which is not a row"


def test_a_folder_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="no requirement found"):
        load(tmp_path)


def test_the_shipped_registry_is_read_once() -> None:
    assert registry() is registry()
    assert isinstance(registry(), Registry)
    assert set(profiles()) == {"ai-stats", "phaseo", "openai"}
    assert {one for row in registry() for one in row.profiles} == set(profiles())


@pytest.mark.parametrize(
    ("request_", "prepared"),
    [
        ({"path": "/batches"}, False),
        ({"path": "/batches/{batch:stored}"}, True),
        ({"path": "/batches", "body": {"a": [{"b": "{file:empty}"}]}}, True),
        ({"path": "/batches", "body": ["{any-file}", 1, None]}, False),
        ({"path": "/batches", "raw": "{file:empty}"}, False),
        ({"path": "/batches", "body": {"webhook": {"endpoint_id": "{endpoint:off}"}}}, True),
    ],
)
def test_a_case_knows_whether_a_scenario_must_prepare_it(
    request_: dict[str, Any],
    prepared: bool,  # noqa: FBT001
) -> None:
    assert Case("c", request_, {}).is_prepared is prepared


def test_the_query_of_a_case_is_decoded() -> None:
    assert Case("c", {"query": "limit=&q=a%20b"}, {}).query == (("limit", ""), ("q", "a b"))
    assert Case("c", {}, {}).query == ()
