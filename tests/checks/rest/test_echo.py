from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import batch, edge, exchange, refused, transcript
from conformance.transcript import Exchange, Step

LONG = f" {'ä' * 254} "


def found(requirement: str, *steps: Step) -> tuple[int, list[str]]:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def created(sent: Any, answer: Any = None, **more: Any) -> Exchange:
    return exchange("POST", "/batches", batch() if answer is None else answer, sent=sent, **more)


def got(**members: Any) -> Exchange:
    return exchange("GET", "/batches/batch_1", batch(**members))


def listed(**members: Any) -> Exchange:
    return exchange("GET", "/batches", {"object": "list", "data": [batch(**members)]})


def cancelled(**members: Any) -> Exchange:
    return exchange("POST", "/batches/batch_1/cancel", batch("cancelling", **members))


@pytest.mark.parametrize(
    ("step", "broken"),
    [
        (got(), []),
        (got(input_file_id="file_2"), ["/input_file_id"]),
        (got(input_file_id=None), ["/input_file_id"]),
        (listed(input_file_id=None), []),
        (listed(input_file_id="file_2"), ["/data/0/input_file_id"]),
        (cancelled(input_file_id=["file_1"]), ["/input_file_id"]),
    ],
)
def test_input_file_id_comes_back(step: Step, broken: list[str]) -> None:
    assert found("REST-ECHO-01", created({"input_file_id": " file_1"}), step)[1] == broken
    assert found("REST-ECHO-01", created({"input_file_id": 7}), step) == (0, [])
    assert found("REST-ECHO-01", step) == (0, [])


SPELLINGS = [
    "/v1/responses",
    "responses",
    " /responses/ ",
    "v1/responses?x=1",
    "https://api.example/v1/responses?x=1#y",
]


@pytest.mark.parametrize("sent", SPELLINGS)
@pytest.mark.parametrize("shown", SPELLINGS)
def test_every_spelling_of_an_endpoint_is_the_same_target(sent: str, shown: str) -> None:
    assert found("REST-ECHO-02", created({"endpoint": sent}, batch(endpoint=shown))) == (1, [])


@pytest.mark.parametrize(
    "shown", ["/v1/embeddings", "/v1/Responses", "/responses/x", "http://[", None, 7]
)
def test_another_target_is_found(shown: Any) -> None:
    step = created({"endpoint": "/v1/responses"}, batch(endpoint=shown))
    assert found("REST-ECHO-02", step) == (1, ["/endpoint"])


@pytest.mark.parametrize(
    ("sent", "shown", "expected"),
    [
        ("24h", "24h", (1, [])),
        ("24h", "48h", (1, ["/completion_window"])),
        ("24h", None, (0, [])),
        (None, "24h", (0, [])),
    ],
)
def test_completion_window_comes_back(sent: Any, shown: Any, expected: Any) -> None:
    step = created({"completion_window": sent}, batch(completion_window=shown))
    assert found("REST-ECHO-03", step) == expected


PAIRS = {"job": "nightly", "a/b~c": "x"}


@pytest.mark.parametrize(
    ("metadata", "broken"),
    [
        (PAIRS, []),
        ({**PAIRS, "more": "y"}, []),
        ({"job": "nightly"}, ["/metadata/a~1b~0c"]),
        ({**PAIRS, "job": 1}, ["/metadata/job"]),
        ([], ["/metadata/job", "/metadata/a~1b~0c"]),
        (None, ["/metadata/job", "/metadata/a~1b~0c"]),
    ],
)
def test_metadata_comes_back(metadata: Any, broken: list[str]) -> None:
    step = created({"metadata": PAIRS}, batch(metadata=PAIRS))
    assert found("REST-ECHO-04", step, got(metadata=metadata)) == (4, broken)
    in_list = [f"/data/0{pointer}" for pointer in broken]
    assert found("REST-ECHO-05", step, listed(metadata=metadata)) == (2, in_list)


def test_metadata_is_judged_where_it_was_given() -> None:
    sent: Any
    for sent in ({}, {"metadata": None}, {"metadata": {}}, {"metadata": "x"}, []):
        assert found("REST-ECHO-04", created(sent), got()) == (0, [])
        assert found("REST-ECHO-05", created(sent), listed()) == (0, [])


def test_metadata_values_that_are_no_texts_are_echoed_exactly() -> None:
    sent = {"metadata": {"n": 1, "t": True}}
    assert found("REST-ECHO-04", created(sent, batch(metadata={"n": 1, "t": True}))) == (2, [])
    broken = found("REST-ECHO-04", created(sent, batch(metadata={"n": "1", "t": 1})))
    assert broken == (2, ["/metadata/n", "/metadata/t"])


@pytest.mark.parametrize(
    ("step", "broken"),
    [
        (got(session_id="s"), []),
        (got(), ["/session_id"]),
        (listed(session_id=None), ["/data/0/session_id"]),
        (cancelled(session_id="S"), ["/session_id"]),
    ],
)
def test_session_id_comes_back(step: Step, broken: list[str]) -> None:
    first = created({"session_id": "s"}, batch(session_id="s"))
    assert found("REST-ECHO-06", first, step) == (2, broken)


@pytest.mark.parametrize("sent", ["", "  ", 7, None, "x" * 257])
def test_a_session_id_of_no_use_is_not_asked_for(sent: Any) -> None:
    assert found("REST-ECHO-06", created({"session_id": sent}), got()) == (0, [])


@pytest.mark.parametrize(
    ("sent", "answer", "expected"),
    [
        ({"sessionId": "a"}, batch(session_id="a"), (2, [])),
        ({"sessionId": "a"}, batch(), (2, ["/session_id"])),
        ({"sessionId": "a"}, batch(session_id="a", sessionId="a"), (2, ["/sessionId"])),
        ({"sessionId": "a", "session_id": "b"}, batch(), (0, [])),
        ({"sessionId": 7}, batch(), (0, [])),
    ],
)
def test_session_id_alias_is_echoed(sent: Any, answer: Any, expected: Any) -> None:
    assert found("REST-ECHO-07", created(sent, answer)) == expected
    assert found("REST-ECHO-07", created(sent, refused(400), status=400)) == (0, [])


@pytest.mark.parametrize(
    ("name", "answer", "expected"),
    [
        ("REST-ECHO-08/both-given", batch(session_id="x"), (1, [])),
        ("REST-ECHO-08/both-given", batch(session_id="y"), (1, ["/session_id"])),
        ("REST-ECHO-08/empty-wins", batch(), (1, [])),
        ("REST-ECHO-08/empty-wins", batch(session_id=None), (1, [])),
        ("REST-ECHO-08/empty-wins", batch(session_id="y"), (1, ["/session_id"])),
        ("REST-ECHO-09/number", batch(), (1, [])),
        ("REST-ECHO-09/number", batch(session_id="7"), (1, ["/session_id"])),
        ("REST-ECHO-09/number-beside-alias", batch(session_id="y"), (1, [])),
        ("REST-ECHO-09/number-beside-alias", batch(), (1, ["/session_id"])),
        ("REST-ECHO-16/host-in-capitals", batch(webhook={"url": "https://example.com/"}), (1, [])),
        ("REST-ECHO-16/host-in-capitals", batch(), (1, ["/webhook/url"])),
        ("REST-ECHO-11/too-long", batch(), (1, [""])),
    ],
)
def test_cases_of_the_tables(name: str, answer: Any, expected: Any) -> None:
    assert found(name.partition("/")[0], created({}, answer, label=name)) == expected


@pytest.mark.parametrize(
    ("sent", "shown", "expected"),
    [
        (LONG, LONG, (1, [])),
        (LONG, LONG.strip(), (1, ["/session_id"])),
        (LONG, None, (1, ["/session_id"])),
        (LONG + "x", LONG, (0, [])),
        ("", None, (0, [])),
    ],
)
def test_session_id_is_kept_exactly(sent: str, shown: Any, expected: Any) -> None:
    assert found("REST-ECHO-10", created({"session_id": sent}, batch(session_id=shown))) == expected


def test_a_session_id_may_not_be_what_a_create_is_refused_for() -> None:
    turned_down = created({"endpoint": "x", "session_id": LONG}, refused(400), status=400)
    same_but = created({"endpoint": "x"})
    other = created({"endpoint": "y"})
    assert found("REST-ECHO-10", turned_down, same_but) == (1, [""])
    assert found("REST-ECHO-10", turned_down, other) == (0, [])
    assert found("REST-ECHO-10", turned_down) == (0, [])


@pytest.mark.parametrize(
    ("sent", "step", "expected"),
    [
        ({}, got(), (2, [])),
        ({}, got(webhook=None), (2, [])),
        ({"webhook": None}, got(webhook={}), (2, ["/webhook"])),
        ({}, listed(webhook={}), (2, ["/data/0/webhook"])),
        ({"webhook": {"url": "u"}}, got(webhook={}), (0, [])),
        ({"webhook_endpoint_id": "we_1"}, got(webhook={}), (0, [])),
        ([], got(webhook={}), (0, [])),
    ],
)
def test_no_webhook_is_invented(sent: Any, step: Step, expected: Any) -> None:
    assert found("REST-ECHO-17", created(sent), step) == expected


@pytest.mark.parametrize(
    ("requirement", "name"), [("REST-ECHO-18", "provider"), ("REST-ECHO-19", "request_id")]
)
def test_what_stays_for_the_life_of_a_batch(requirement: str, name: str) -> None:
    in_list = f"/data/0/{name}"
    assert found(requirement, created({}), listed(), cancelled()) == (5, [])
    assert found(requirement, created({}), got(**{name: "x"})) == (3, [f"/{name}"])
    assert found(requirement, created({}), listed(**{name: 7})) == (3, [in_list, in_list])
    assert found(requirement, listed(**{name: None})) == (1, [in_list])
    assert found(requirement, exchange("GET", "/batches/x", b"no JSON")) == (0, [])


def test_a_provider_that_the_operator_changed_is_not_judged() -> None:
    changed = edge("stored_provider_changed", batch="batch_1", provider="mistral")
    assert found("REST-ECHO-18", created({}), changed, listed(provider="mistral")) == (0, [])
    assert found("REST-ECHO-18", created({}, batch(provider=""))) == (1, ["/provider"])


def test_request_id_is_new_for_each_create() -> None:
    second = {"id": "batch_2", "request_id": "G-2"}
    assert found("REST-ECHO-20", created({}), created({}, batch(**second))) == (1, [])
    assert found("REST-ECHO-20", created({}), created({}, batch(id="batch_2")))[1] == [
        "/request_id"
    ]
    assert found("REST-ECHO-20", created({}), created({})) == (0, [])
    assert found("REST-ECHO-20", created({}), created({}, batch(id="b", request_id=7))) == (0, [])
