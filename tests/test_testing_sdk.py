from conformance.testing_sdk import KEY, OTHER, failed, hello, opened, refused, returned, sdk, wire
from conformance.transcript import Call, Edge, Exchange

GET = wire("GET /v1/batches/b", answer={"id": "b"})


def test_steps_follow_one_another() -> None:
    steps = sdk(returned("getBatch", GET, batch_id="b"), failed("getBatch", kind="argument"))
    assert [type(step) for step in steps] == [Edge, Edge, Call, Exchange, Call]
    assert [(step.at_ms, step.ended_at_ms) for step in steps if not isinstance(step, Edge)] == [
        (100, 110), (100, 100), (111, 121),
    ]  # fmt: skip


def test_a_call_can_begin_beside_another() -> None:
    steps = sdk(returned("getBatch", GET), returned("getBatch", GET, at_once=True))
    assert [step.at_ms for step in steps if isinstance(step, Call)] == [100, 100]


def test_a_call_returns_what_its_last_answer_holds() -> None:
    assert returned("getBatch", GET).call.outcome == {"value": {"id": "b"}, "type": "dict"}
    assert returned("getBatch").call.outcome["value"] is None
    assert returned("getBatch", GET, value=7).call.outcome["value"] == 7


def test_a_refusal_shows_all_of_its_answer() -> None:
    sent = wire("GET /v1/batches/b", status=404, answer={"error": "x"})
    error = refused("getBatch", sent, {"type": "E"}, batch_id="b").call.outcome["error"]
    assert (error["kind"], error["type"], error["status"], error["body"]) == (
        "http", "E", 404, {"error": "x"},
    )  # fmt: skip
    assert error["message"] == "the gateway answered 404"


def test_a_request_has_the_key_unless_it_is_taken_away() -> None:
    assert GET.request.header("authorization") == f"Bearer {KEY}"
    assert wire("GET /", key=None).request.header("authorization") is None
    assert wire("GET /", more=(("Accept", "x"),)).request.headers.count(("Accept", "x")) == 1
    assert wire("GET /", origin=OTHER).request.origin == OTHER


def test_a_cut_connection_has_no_answer() -> None:
    cut = wire("GET /", status=0)
    assert cut.response is None
    assert cut.failure is not None


def test_members_of_hello_and_client_can_be_replaced() -> None:
    assert hello(language="go").detail["language"] == "go"
    assert opened("d", outcome={}).detail["outcome"] == {}
    assert sdk(says=hello(), clients=[opened("d")]) == [hello(), opened("d")]
