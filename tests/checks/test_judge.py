"""The judge: each row gets the views it asks for, and our own crash is never a verdict."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance import checks, schema_walk
from conformance.checks import all_checks, check, judge
from conformance.json_text import ABSENT
from conformance.requirements import Case, Requirement, registry
from conformance.testing import batch, edge, exchange, refused, transcript, upload
from conformance.transcript import Body, Delivery, Step, Wallet
from conformance.verdicts import HELD, Finding, Judgement, broken


def unkept(
    seen: str, expected: str = "", pointer: str = "", step: int | None = None, scenario: str = ""
) -> Finding:
    return Finding(False, seen, expected, pointer, step, scenario)  # noqa: FBT003


PROFILE = "ai-stats"
ROW = replace(registry()["REST-SHAPE-03"], id="REST-TEST-01", by="code", schema={})
GET = exchange("GET", "/batches/batch_1", batch())
LIST = exchange("GET", "/batches", {"data": [batch(), batch(id="b2")]})


def row(**more: Any) -> Requirement:
    return replace(ROW, **more)


def schema_row(pointer: str, **more: Any) -> Requirement:
    return row(by="schema", schema={"default": (pointer,)}, **more)


def judged(one: Requirement, *steps: Step) -> Judgement:
    return judge([transcript(*steps)], [one], PROFILE)[one.id]


def places(judgement: Judgement) -> list[tuple[int | None, str]]:
    return [(finding.step, finding.pointer) for finding in judgement.broken]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a function the check of the test row."""

    def use(function: Any) -> None:
        monkeypatch.setattr(checks, "all_checks", lambda: {ROW.id: function})

    return use


@pytest.fixture
def schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Schemas of a few keywords in place of the shipped ones."""
    small = {
        "batch": {"required": ["object"], "properties": {"object": {"const": "batch"}}},
        "batch-answer": {"required": ["object"]},
        "batch-list": {"properties": {"data": {"type": "array"}}},
        "models": {"properties": {"data": {"type": "array"}}},
        "error": {"type": "object"},
        "file": {"type": "object"},
    }
    for name, content in small.items():
        identified = {"$id": f"https://ai-stats-conformance.dev/schemas/{name}.schema.json"}
        path = tmp_path / f"{name}.schema.json"
        path.write_text(json.dumps(identified | content), "utf-8")
    monkeypatch.setattr(schema_walk, "schemas_dir", lambda: tmp_path)
    cached = (schema_walk.schema, schema_walk._validator, schema_walk._path)
    for one in cached:
        one.cache_clear()
    yield
    for one in cached:
        one.cache_clear()


needs_schemas = pytest.mark.usefixtures("schemas")


def test_a_requirement_has_one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_CHECKS", {})
    register = check("REST-TEST-01")
    assert register(iter) is iter
    assert {"REST-TEST-01": iter} == checks._CHECKS
    with pytest.raises(ValueError, match="REST-TEST-01 has two checks"):
        register(iter)


def test_every_code_row_of_a_built_family_has_its_check() -> None:
    rows = [row for row in registry().masters(PROFILE) if not registry().is_pending(row)]
    assert {row.id for row in rows if row.by == "code"} <= all_checks().keys()


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("batch-body", ["BatchBody"] * 5),
        ("create", ["Create"]),
        ("list", ["ListAnswer"]),
        ("error", ["Refusal"]),
        ("file", ["FileView"] * 3),
        ("pair", ["Pair"] * 3),
        ("rows", ["Rows"]),
        ("transcript", ["Observed"]),
    ],
)
def test_a_check_gets_the_views_that_its_row_asks_for(
    kind: str, seen: list[str], look: Any
) -> None:
    found: list[str] = []

    def note(view: Any) -> Iterator[Finding]:
        found.append(type(view).__name__)
        yield HELD

    look(note)
    steps = [
        upload(b"{}", {"id": "file_1"}),
        exchange("POST", "/batches", batch()),
        LIST,
        exchange("GET", "/files/x", refused(), status=404),
        exchange("GET", "/files/f", {"id": "f"}),
        exchange("GET", "/batches/batch_1", batch("completed")),
        exchange("GET", "/files/file_out/content", b"{}"),
        exchange("GET", "/batches/batch_1", batch("completed")),
    ]
    assert judged(row(input=kind), *steps) == Judgement(len(seen))
    assert found == seen


def test_a_breach_gets_exchange_place_and_scenario_of_its_view(look: Any) -> None:
    look(lambda body: [broken(1, 2, "/x")] if body.id == "b2" else [HELD])
    assert judged(row(), GET, LIST) == Judgement(3, (unkept("1", "2", "/data/1/x", 2, "a_test"),))


def test_a_breach_of_a_pair_stands_at_the_later_one(look: Any) -> None:
    look(lambda _pair: [broken(1, 2, "/x")])
    assert places(judged(row(input="pair"), GET, edge("waited"), LIST)) == [(3, "/x")]


def test_a_check_may_name_the_exchange_itself(look: Any) -> None:
    look(lambda _observed: [broken(1, 2, "/x", 7), broken(1, 2, "/y")])
    assert places(judged(row(input="transcript"), GET)) == [(7, "/x"), (None, "/y")]
    look(lambda _body: [broken(1, 2, "/x", 7)])
    assert places(judged(row(), LIST)) == [(7, "/data/0/x"), (7, "/data/1/x")]


def test_a_crash_of_a_check_says_where_and_judges_nothing(look: Any) -> None:
    look(lambda body: [HELD, broken(body.value["none"], 1)])
    found = judge([transcript(GET), transcript(edge("x"), scenario="calm")], [row()], PROFILE)
    assert found == {
        ROW.id: Judgement(
            crash="the check of REST-TEST-01 broke on a_test: KeyError: 'none'",
        )
    }


@needs_schemas
def test_a_crash_of_one_check_leaves_the_others_alone(look: Any) -> None:
    look(lambda _body: 1 / 0)
    held = schema_row("batch.schema.json#/properties/object", id="REST-TEST-02")
    found = judge([transcript(GET)], [row(), held], PROFILE)
    assert found["REST-TEST-01"].crash is not None
    assert found["REST-TEST-02"] == Judgement(1)


def test_a_row_without_check_is_our_own_mistake() -> None:
    assert (judged(row(), GET).crash or "").endswith("KeyError: 'REST-TEST-01'")


def test_rows_may_come_from_a_generator(look: Any) -> None:
    look(lambda _body: [HELD])
    assert judge([transcript(GET)], (one for one in [row()]), PROFILE) == {ROW.id: Judgement(1)}


def test_all_transcripts_count_together(look: Any) -> None:
    look(lambda _body: [HELD])
    assert judge([transcript(GET), transcript(LIST)], [row()], PROFILE) == {ROW.id: Judgement(3)}
    assert judge([], [row()], PROFILE) == {ROW.id: Judgement()}


@needs_schemas
def test_a_schema_row_judges_each_body_where_it_stands() -> None:
    one = schema_row("batch.schema.json#/properties/object")
    answer = {"data": [batch(), batch(object="other")]}
    found = judged(one, exchange("GET", "/batches", answer), GET)
    assert (found.judged, places(found)) == (3, [(1, "/data/1/object")])


@needs_schemas
def test_what_an_answer_must_have_a_list_item_may_lack() -> None:
    one = schema_row("batch-answer.schema.json#/required")
    assert judged(one, LIST) == Judgement()
    assert judged(one, exchange("GET", "/batches/b", {})).judged == 1


@needs_schemas
def test_a_repeated_cancel_is_held_to_its_members_alone() -> None:
    cancel = exchange("POST", "/batches/batch_1/cancel", batch("cancelled", object=5))
    nameless = exchange("POST", "/batches/batch_1/cancel", {"status": "cancelled", "id": None})
    whole = schema_row("batch.schema.json#/required")
    member = schema_row("batch.schema.json#/properties/object")
    assert judged(whole, cancel, cancel).judged == 1
    assert judged(member, cancel, cancel).judged == 2
    assert judged(whole, cancel, nameless).judged == 2


@needs_schemas
def test_a_list_row_judges_lists_of_its_own_kind() -> None:
    models = exchange("GET", "/batches/models", {"data": 5})
    lists = schema_row("batch-list.schema.json#/properties/data/type", input="list")
    modelled = schema_row("models.schema.json#/properties/data/type", input="list")
    assert judged(lists, models, LIST) == Judgement(1)
    assert places(judged(modelled, models, LIST)) == [(1, "/data")]


@needs_schemas
def test_an_error_row_judges_refusals_of_documented_routes() -> None:
    one = schema_row("error.schema.json#/type", input="error")
    found = judged(
        one,
        exchange("GET", "/batches/b", [], status=404),
        exchange("GET", "/nowhere", [], status=404),
        exchange("OPTIONS", "/batches", [], status=404),
        exchange("GET", "/batches", b"<html>", status=502),
    )
    assert places(found) == [(1, ""), (4, "")]
    assert found.broken[1].seen == "(absent)"


@needs_schemas
def test_a_file_row_judges_upload_and_metadata() -> None:
    one = schema_row("file.schema.json#/type", input="file")
    found = judged(
        one,
        upload(b"", {"id": "f"}),
        exchange("GET", "/files/f", []),
        exchange("GET", "/files/f/content", b"text"),
        exchange("GET", "/files/g", ABSENT),
    )
    assert (found.judged, places(found)) == (3, [(2, ""), (4, "")])


def test_a_table_row_judges_the_exchanges_of_its_cases() -> None:
    case = Case("c", {"method": "GET", "path": "/batches/{any}"}, {"status": [404]})
    other = Case("d", {"method": "POST", "path": "/batches/{any}"}, {"status": [404]})
    one = row(by="table", table=(case, other))
    found = judged(one, GET, exchange("GET", "/batches/b2", refused(), status=404), LIST)
    assert (found.judged, places(found)) == (2, [(1, "")])


@pytest.mark.parametrize("answer", [b"", b"{", b"[" * 100_000, [[]], 5, {"data": {}}, {"id": {}}])
def test_no_answer_makes_any_shipped_check_crash(answer: Any) -> None:
    rows = [row for row in registry().masters(PROFILE) if not registry().is_pending(row)]
    steps = [
        exchange(method, path, answer, status=status, sent=answer)
        for status in (200, 404)
        for method, path in (
            ("POST", "/batches"), ("GET", "/batches"), ("GET", "/batches/models"),
            ("GET", "/batches/b"), ("POST", "/batches/b/cancel"), ("POST", "/files"),
            ("GET", "/files/f"), ("GET", "/files/f/content"), ("OPTIONS", "/batches"),
        )
    ]  # fmt: skip
    found = judge([transcript(*steps)], rows, PROFILE)
    assert [one.crash for one in found.values() if one.crash] == []


def test_a_check_with_a_parameter_of_that_name_is_told_the_profile(look: Any) -> None:
    look(lambda _body, profile: [broken(profile, "x")])
    assert [one.seen for one in judged(row(), GET).broken] == ['"ai-stats"']


@pytest.mark.parametrize(
    ("kind", "seen"), [("block", "Block"), ("message", "Message"), ("wallet", "Account")]
)
def test_a_check_of_money_gets_the_views_of_money(kind: str, seen: str, look: Any) -> None:
    found: list[str] = []

    def note(view: Any) -> Iterator[Finding]:
        found.append(type(view).__name__)
        yield broken(1, 2, "/x")

    look(note)
    create = exchange("POST", "/batches", batch())
    read = exchange("GET", "/batches/batch_1", batch(billing={}))
    content = b'{"data": {"id": "batch_1", "status": "completed"}}'
    told = Delivery("POST", "/hook", (), Body(content))
    steps = [Wallet("a", 1, 0), create, read, told]
    places_of = {"block": (3, "/billing/x"), "message": (4, "/data/x"), "wallet": (2, "/x")}
    assert places(judged(row(input=kind), *steps)) == [places_of[kind]]
    assert found == [seen]


@pytest.mark.parametrize("needs", [(), ("sdk",)])
def test_rows_of_sdks_and_of_gateways_see_their_own_transcripts_alone(
    needs: tuple[str, ...], look: Any
) -> None:
    look(lambda observed: [HELD])
    one = row(input="transcript", needs=needs)
    kinds = {(): transcript(GET), ("sdk",): transcript(edge("sdk_hello"), GET)}
    counts = {kind: judge([seen], [one], PROFILE)[one.id].judged for kind, seen in kinds.items()}
    assert counts == {kind: int(kind == needs) for kind in kinds}
