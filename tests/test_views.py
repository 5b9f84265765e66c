"""Views: the inputs of the registry, cut out of a transcript that may hold anything."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.json_text import ABSENT
from conformance.testing import batch, edge, exchange, observed, refused, transcript, upload
from conformance.transcript import Body, Exchange, Failure, Request, Response
from conformance.views import FileView, Observed, Pair, Rows, json_lines

WRONG = [None, True, 1, "text", [], [[]], [1, None], {}, {"data": {}}, {"id": 1}, {"id": []}]
ROUTES = [
    ("POST", "/batches"), ("GET", "/batches"), ("GET", "/batches/models"), ("GET", "/batches/b"),
    ("POST", "/batches/b/cancel"), ("POST", "/files"), ("GET", "/files/f"), ("GET", "/nowhere"),
    ("GET", "/files/f/content"), ("OPTIONS", "/batches"), ("GET", "/credits"),
]  # fmt: skip


def get(answer: Any, *, at_ms: int = 0, **more: Any) -> Exchange:
    return exchange("GET", "/batches/batch_1", answer, at_ms=at_ms, **more)


def content(file_id: str, data: bytes) -> Exchange:
    return exchange("GET", f"/files/{file_id}/content", data)


def look_at_everything(seen: Observed) -> None:
    for body in seen.bodies:
        assert (body.get("/a/b"), body.given("/a/b")) == (ABSENT, ABSENT)
        assert body.plain.keys() == body.value.keys()
        assert body.is_terminal is (body.status in {"completed", "failed", "cancelled", "expired"})
    for one in [*seen.refusals, *seen.lists]:
        assert (one.plain is ABSENT) is (one.value is ABSENT)
    assert all(isinstance(one.items, list) for one in seen.lists)
    assert all(view.uploaded is None for view in seen.files.values())
    assert len(seen.pairs) <= len(seen.bodies)
    assert seen.rows == []


@pytest.mark.parametrize("status", [200, 204, 302, 400, 500, 999])
@pytest.mark.parametrize("answer", [*WRONG, ABSENT, b"", b"{", b"\xff", b"NaN", b"[" * 100_000])
def test_no_answer_of_a_wrong_type_breaks_a_view(answer: Any, status: int) -> None:
    steps = [exchange(method, path, answer, status=status, sent=answer) for method, path in ROUTES]
    look_at_everything(observed(*steps))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3),
                    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
                        st.sampled_from(["id", "status", "data", "error", "output_file_id"]),
                        inner, max_size=3), max_leaves=8))  # fmt: skip
def test_no_json_value_breaks_a_view(value: Any) -> None:
    seen = observed(*(exchange(method, path, value) for method, path in ROUTES))
    assert len(seen.seen) == len(ROUTES)
    assert isinstance(seen.histories, dict)
    assert seen.pairs is not None
    assert seen.rows is not None


def test_what_got_no_whole_answer_is_not_seen() -> None:
    request = Request("GET", "http://h/v1/batches")
    failed = Exchange(request, None, Failure("connect", "refused"))
    cut = Exchange(request, Response(200, (), Body(b'{"data":[]}'), truncated=True))
    assert observed(failed, cut).seen == []


def test_an_address_nobody_can_read_is_an_unknown_route() -> None:
    answer = Exchange(Request("GET", "http://[/v1/batches"), Response(200, (), Body(b"{}")))
    assert [one.operation for one in observed(answer).seen] == ["unknown"]


def test_a_create_knows_what_was_sent_and_the_id_it_got() -> None:
    [create] = observed(exchange("POST", "/batches", batch(), sent={"endpoint": "x"})).creates
    assert (create.sent, create.accepted, create.batch_id) == ({"endpoint": "x"}, True, "batch_1")


def test_a_refused_create_has_no_id() -> None:
    [create] = observed(exchange("POST", "/batches", batch(), status=400)).creates
    assert (create.accepted, create.batch_id) == (False, None)


def test_a_body_knows_the_create_that_made_it() -> None:
    seen = observed(exchange("POST", "/batches", batch()), get(batch("completed")))
    [made, read] = seen.bodies
    assert made.creation is read.creation is seen.creates[0]
    assert (read.id, read.operation, read.pointer, read.seen.number) == ("batch_1", "get", "", 2)


def test_list_items_are_bodies_with_their_place() -> None:
    listing = {"data": [batch("canceled"), "junk", batch(id="batch_2")]}
    seen = observed(exchange("GET", "/batches", listing))
    assert [(b.id, b.operation, b.pointer) for b in seen.bodies] == [
        ("batch_1", "list-item", "/data/0"),
        ("batch_2", "list-item", "/data/2"),
    ]
    assert seen.bodies[0].status == "cancelled"
    assert seen.bodies[0].is_terminal


def test_models_are_a_list_without_batch_bodies() -> None:
    seen = observed(exchange("GET", "/batches/models", {"data": [{"id": "m"}]}))
    assert ([one.operation for one in seen.lists], seen.bodies) == (["models"], [])
    assert seen.lists[0].items == [{"id": "m"}]
    assert seen.lists[0].seen.status == 200


def test_null_counts_as_not_given() -> None:
    [body] = observed(get(batch(errors=None))).bodies
    assert (body.get("/errors"), body.given("/errors")) == (None, ABSENT)
    assert body.given("/provider") == "openai"


def test_a_refusal_is_flat_when_its_error_is_text() -> None:
    nested = {"error": {"message": "no"}}
    seen = observed(get(refused(), status=404), get(nested, status=404), get(b"no", status=502))
    assert [one.is_flat for one in seen.refusals] == [True, False, False]


def test_a_throttled_call_is_seen_by_nobody_unless_it_was_provoked() -> None:
    armed = edge("provider_next_error", match="create", status=429)
    throttled = get(refused(429), status=429)
    assert observed(throttled, armed).seen == []
    assert [one.seen.number for one in observed(armed, throttled).refusals] == [2]
    assert observed(edge("provider_next_error", status=500), throttled).seen == []


def test_a_pair_is_a_body_with_the_last_that_had_come_before_it_was_asked_for() -> None:
    slow = Exchange(
        Request("GET", "http://h/v1/batches/batch_1"),
        Response(200, (), Body(b'{"id":"batch_1"}')),
        at_ms=1,
        ended_at_ms=9,
    )
    seen = observed(get(batch(), at_ms=0), slow, get(batch(), at_ms=5), get(batch(), at_ms=10))
    first, second, third, fourth = seen.bodies
    assert seen.pairs == [Pair(first, second), Pair(first, third), Pair(third, fourth)]


def test_bodies_of_two_batches_make_no_pair() -> None:
    seen = observed(get(batch()), get(batch(id="batch_2")), get({"id": 7}))
    assert seen.pairs == []
    assert sorted(seen.histories) == ["batch_1", "batch_2"]


def test_a_file_is_its_upload_its_metadata_and_its_contents() -> None:
    seen = observed(
        upload(b"{}", {"id": "file_1"}),
        exchange("GET", "/files/file_1", {"id": "other"}),
        content("file_1", b"{}"),
    )
    first, second, third = seen.seen
    assert seen.files == {"file_1": FileView("file_1", first, [second], [third])}
    assert seen.files["file_1"].uploaded == b"{}"


def test_an_upload_without_form_has_no_uploaded_bytes() -> None:
    seen = observed(exchange("POST", "/files", {"id": "f"}), exchange("POST", "/files", {"id": 1}),
                    exchange("POST", "/files", {"id": "g"}, sent=b"raw"))  # fmt: skip
    assert {name: view.uploaded for name, view in seen.files.items()} == {"f": None, "g": None}


def test_the_rows_of_an_ended_batch_are_those_of_its_files() -> None:
    ended = batch("completed", error_file_id="file_err")
    seen = observed(
        upload(b'{"custom_id":"a"}\n', {"id": "file_1"}),
        get(ended),
        content("file_out", b'{"x":1}\n\nnope\n'),
        exchange("GET", "/files/file_err/content"),
    )
    [rows] = seen.rows
    assert rows == Rows(seen.bodies[0], [{"x": 1}, ABSENT], [], [{"custom_id": "a"}])


@pytest.mark.parametrize(
    ("body", "steps"),
    [
        (batch("completed"), []),
        (batch("in_progress", output_file_id="file_out"), [content("file_out", b"{}")]),
        (batch("completed", output_file_id=["file_out"]), [content("file_out", b"{}")]),
        (batch("completed"), [exchange("GET", "/files/file_out", {})]),
    ],
)
def test_without_end_or_read_files_there_are_no_rows(body: Any, steps: list[Exchange]) -> None:
    assert observed(get(body), *steps).rows == []


def test_rows_without_a_known_input_have_none() -> None:
    seen = observed(get(batch("completed", input_file_id=None)), content("file_out", b"{}"))
    assert [(one.outputs, one.errors, one.inputs) for one in seen.rows] == [([{}], None, None)]


@pytest.mark.parametrize(("uploaded", "inputs"), [(False, [{"b": 2}]), (True, [{"a": 1}])])
def test_an_input_that_was_not_uploaded_here_is_what_was_downloaded(
    *, uploaded: bool, inputs: list[Any]
) -> None:
    reads = [content("file_1", b'{"b":2}'), content("file_out", b"{}")]
    first = [upload(b'{"a":1}', {"id": "file_1"})] if uploaded else []
    [rows] = observed(*first, get(batch("completed")), *reads).rows
    assert rows.inputs == inputs


def test_the_status_before_a_call_is_the_last_one_shown() -> None:
    seen = observed(get(batch()), get(batch("failed")), get(batch("completed")))
    assert seen.status_before(3, "batch_1") == "failed"
    assert seen.status_before(1, "batch_1") is None
    assert seen.status_before(3, "batch_2") is None
    assert seen.status_before(3, None) is None


def test_json_lines_end_at_line_feeds_alone() -> None:
    text = '{"a":"x\u2028y\x85z"}\r\n \n{"b":1}'.encode()
    assert json_lines(text) == [{"a": "x\u2028y\x85z"}, {"b": 1}]


@pytest.mark.parametrize("line", [b"\xff", b'"\xc3"', b"{", b"NaN", b"[" * 100_000, b"9" * 5000])
def test_a_line_that_is_not_json_is_absent(line: bytes) -> None:
    assert json_lines(b"1\n" + line + b"\n2") == [1, ABSENT, 2]


def test_the_views_know_their_transcript() -> None:
    seen = transcript(edge("clock_advanced"))
    assert Observed(seen).transcript is seen


def test_the_answers_of_one_operation_on_one_id_are_found_in_order() -> None:
    seen = observed(get(batch()), exchange("GET", "/batches", {}), get(refused(), status=404))
    assert [one.number for one in seen.answers("get", "batch_1")] == [1, 3]
    assert [one.number for one in seen.answers("list")] == [2]
    assert list(seen.answers("get")) == []
