"""Table rows: which exchange is which case, and what a case says of an answer."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.event_views import handshakes
from conformance.json_text import ABSENT
from conformance.requirements import Case, Requirement, registry
from conformance.tables import (
    EARLIER,
    fill,
    findings_of,
    is_case,
    label_of,
    request_fits,
    special_states,
    status_fits,
)
from conformance.testing import batch, edge, exchange, observed, stream
from conformance.transcript import Body, Exchange, Request, Step
from conformance.verdicts import HELD, Finding


def unkept(
    seen: str, expected: str = "", pointer: str = "", step: int | None = None, scenario: str = ""
) -> Finding:
    return Finding(False, seen, expected, pointer, step, scenario)  # noqa: FBT003


ROW: Requirement = replace(registry()["REST-AUTH-01"], table=())
FIELDS = {"input_file_id": "{any-file}", "endpoint": "/v1/responses"}
SENT = {"input_file_id": "file-1", "endpoint": "/v1/responses"}


def case(path: str = "/batches", method: str = "GET", expect: Any = None, **more: Any) -> Case:
    return Case("a-case", {"method": method, "path": path, **more}, expect or {"status": [200]})


def create(**more: Any) -> Case:
    return case(method="POST", **{"body": FIELDS, **more})


def request(path: str = "/batches", method: str = "GET", **more: Any) -> Request:
    return exchange(method, path, **more).request


def found_by(one: Case, *steps: Step) -> list[int]:
    seen = observed(*steps)
    return [answer.number for answer in seen.seen if is_case(ROW, one, answer, seen)]


def test_fixtures_fill_every_text_of_a_template() -> None:
    template = {"a": ["{file}", {"b": "x{file}{file}{other}"}], "c": 1, "d": None}
    assert fill(template, {"file": "f1"}) == {"a": ["f1", {"b": "xf1f1{other}"}], "c": 1, "d": None}
    assert fill({"{name}": {"{name}": "{value}"}}, {"name": "n", "value": "v"}) == {"n": {"n": "v"}}


@pytest.mark.parametrize(
    ("path", "sent", "fits"),
    [
        ("/batches", "/batches", True),
        ("/batches", "/batch", True),
        ("/batches/{id}", "/batch/b1", True),
        ("/batches/{id}/cancel", "/batches/b1/cancel", True),
        ("/batches/{id}", "/batches/", False),
        ("/batches/{id}", "/batches/a/cancel", False),
        ("/batches/{id}/cancel", "/batches/cancel", False),
        ("/batches", "/batchess", False),
        ("/batches", "/files", False),
    ],
)
def test_a_path_fits_its_template(path: str, sent: str, fits: bool) -> None:  # noqa: FBT001
    assert request_fits(case(path), request(sent)) is fits


def test_a_path_outside_the_api_fits_nothing() -> None:
    assert not request_fits(case("/"), Request("GET", "http://h/"))


def test_method_and_query_must_be_the_same() -> None:
    assert not request_fits(case(), request(method="POST"))
    assert request_fits(case(query="limit=&a=1"), request("/batches?limit=&a=1"))
    assert not request_fits(case(query="limit=1"), request("/batches?limit=2"))
    assert not request_fits(case(), request("/batches?limit=1"))


@pytest.mark.parametrize(
    ("described", "key", "fits"),
    [
        ({}, "a", True),
        ({}, "b", False),
        ({"credential": "b"}, "b", True),
        ({"credential": "none"}, None, True),
        ({"credential": "none"}, "a", False),
        ({"credential": "none", "headers": {"Authorization": "Bearer {key}"}}, "a", True),
        ({"credential": "none", "headers": {"authorization": "Basic {key}"}}, "a", False),
        ({"headers": {"x-a": "1"}}, "a", False),
    ],
)
def test_the_credential_must_be_the_described_one(
    described: dict[str, Any],
    key: str | None,
    fits: bool,  # noqa: FBT001
) -> None:
    assert request_fits(case(**described), request(key=key)) is fits


UPGRADE = {"Upgrade": "websocket"}


def test_an_upgrade_is_told_from_a_plain_call_whatever_its_letter_case() -> None:
    asked, plain = case(headers=UPGRADE), case()
    upgrade, call = stream(path="/batches").request, request()
    loud = replace(upgrade, headers=(*call.headers, ("UPGRADE", "WebSocket")))
    fits = [request_fits(one, sent) for one in (asked, plain) for sent in (upgrade, loud, call)]
    assert fits == [True, True, False, False, False, True]


def test_an_upgrade_for_an_unknown_batch_is_a_case_of_a_handshake_row() -> None:
    row = registry()["WS-HS-10"]
    asked, known = stream(status=404), exchange("GET", "/batches/batch_1", batch())
    for steps, expected in (((asked,), True), ((known, asked), False)):
        seen = observed(*steps)
        (one,) = handshakes(seen)
        assert is_case(row, row.table[0], one.seen, seen) is expected


@pytest.mark.parametrize(
    "extra",
    [{}, {"completion_window": "24h"}, {"metadata": {"a": "b"}}, {"session_id": "s" * 256}],
)
def test_a_body_may_have_members_that_change_nothing(extra: dict[str, Any]) -> None:
    assert request_fits(create(), request(method="POST", sent={**SENT, **extra}))


@pytest.mark.parametrize(
    "sent",
    [
        {**SENT, "completion_window": "1h"},
        {**SENT, "metadata": {"a": 1}},
        {**SENT, "metadata": []},
        {**SENT, "session_id": "s" * 257},
        {**SENT, "session_id": 1},
        {**SENT, "webhook": {}},
        {**SENT, "endpoint": "/v1/other"},
        {**SENT, "input_file_id": 1},
        {**SENT, "input_file_id": "a/b"},
        {"endpoint": "/v1/responses"},
        [SENT],
        b"{",
        ABSENT,
    ],
)
def test_another_body_does_not_fit(sent: Any) -> None:
    assert not request_fits(create(), request(method="POST", sent=sent))


def test_a_member_that_must_be_absent_must_be_absent() -> None:
    one = create(body={"endpoint": "/v1/responses"}, absent=["metadata"])
    sent = {"endpoint": "/v1/responses"}
    assert request_fits(one, request(method="POST", sent=sent))
    assert not request_fits(one, request(method="POST", sent={**sent, "metadata": {}}))


def test_a_body_of_another_type_is_compared_whole() -> None:
    assert request_fits(create(body=[1]), request(method="POST", sent=[1]))
    assert not request_fits(create(body=[1]), request(method="POST", sent=[True]))
    assert request_fits(create(body="{any-file}"), request(method="POST", sent="f"))


def test_a_raw_body_is_compared_byte_by_byte() -> None:
    one = case(method="POST", raw="{")
    assert request_fits(one, request(method="POST", sent=b"{"))
    assert not request_fits(one, request(method="POST", sent=b"{ "))
    assert not request_fits(one, request(method="POST"))


def test_a_case_without_body_wants_none() -> None:
    assert request_fits(case(), request())
    assert request_fits(case(), replace(request(), body=Body()))
    assert not request_fits(case(), request(sent={}))


def test_the_label_alone_makes_an_exchange_a_case() -> None:
    label = label_of(ROW, case())
    assert label == "REST-AUTH-01/a-case"
    assert found_by(case(), exchange("GET", "/files", {}, label=label)) == [1]
    prepared = exchange("GET", "/files/f1", {}, label=label)
    assert found_by(case("/files/{file:stored}"), prepared) == [1]


@pytest.mark.parametrize(
    ("one", "step"),
    [
        (case("/files/{file:stored}"), exchange("GET", "/files/f1", {})),
        (create(body={"input_file_id": ["{file:empty}"]}),
         exchange("POST", "/batches", {}, sent={"input_file_id": ["{file:empty}"]})),
    ],
)  # fmt: skip
def test_a_prepared_case_is_known_by_its_label_alone(one: Case, step: Exchange) -> None:
    assert found_by(one, step) == []


def test_an_unlabelled_exchange_of_the_same_request_is_the_case() -> None:
    steps = [exchange("GET", "/batches", {}), exchange("GET", "/files", {})]
    assert found_by(case(), *steps) == [1]
    assert found_by(create(body={"a": [1]}), exchange("POST", "/batches", {}, sent={"a": [1]})) == [
        1
    ]


def test_an_unknown_batch_is_one_that_the_run_has_not_seen() -> None:
    steps = [
        exchange("GET", "/batches/b1", {"error": "x"}, status=404),
        exchange("GET", "/batches/b2", {"id": "b2"}),
        exchange("GET", "/batches/b2", {"id": "b2"}),
    ]
    assert found_by(case("/batches/{unknown-batch}"), *steps) == [1]


def test_a_batch_that_the_user_names_is_not_unknown_whatever_is_answered() -> None:
    told = edge(EARLIER, batch="b1")
    steps = [exchange("GET", f"/batches/{one}", {"error": "x"}, status=501) for one in ("b1", "b2")]
    assert found_by(case("/batches/{unknown-batch}"), told, *steps) == [3]


def test_a_given_state_is_the_last_one_seen() -> None:
    one = case("/batches/{id}/cancel", "POST", given="completed|failed")
    cancel = exchange("POST", "/batches/batch_1/cancel", {}, status=409)
    read = exchange("GET", "/batches/batch_1", batch("completed"))
    running = exchange("GET", "/batches/batch_1", batch("in_progress"))
    assert found_by(one, cancel, read, cancel, running, cancel) == [3]


@pytest.mark.parametrize(
    ("before", "state"),
    [
        ([edge("batch_switch", enabled=False)], "switched-off"),
        ([edge("provider_key_removed", removed=True)], "no-provider-key"),
        ([edge("stored_provider_changed", batch="batch_1")], "other-provider"),
        ([edge("provider_next_error", status=500)], "armed-failure"),
        ([edge("database_next_call_fails")], "armed-failure"),
    ],
)
def test_a_special_state_is_its_own_case_and_no_other(before: list[Any], state: str) -> None:
    read = exchange("GET", "/batches/batch_1", batch())
    seen = observed(*before, read)
    assert special_states(seen.seen[0], seen) == {state}
    assert found_by(case("/batches/{id}", given=state), *before, read) == [2]
    assert found_by(case("/batches/{id}"), *before, read) == []


@pytest.mark.parametrize(
    "before",
    [
        [],
        [edge("batch_switch", enabled=False), edge("batch_switch", enabled=True)],
        [edge("provider_key_removed", removed=True), edge("provider_key_removed", removed=False)],
        [edge("stored_provider_changed", batch="another")],
        [edge("provider_next_error"), exchange("GET", "/files", {})],
    ],
)
def test_what_is_over_or_elsewhere_is_no_special_state(before: list[Any]) -> None:
    seen = observed(*before, exchange("GET", "/batches/batch_1", batch()))
    assert special_states(seen.seen[-1], seen) == set()


def test_an_answer_may_show_that_the_batch_api_is_switched_off() -> None:
    reason = {"reason": "batch_api_temporarily_disabled"}
    seen = observed(exchange("GET", "/batches", reason, status=501))
    assert special_states(seen.seen[0], seen) == {"found-switched-off"}


@pytest.mark.parametrize(
    ("expected", "status", "fits"),
    [
        (404, 404, True), (404, 400, False), ("4xx", 499, True), ("4xx", 500, False),
        ([400, "5xx"], 503, True), ([400, 404], 401, False), ([], 200, False), ("404", 404, False),
    ],
)  # fmt: skip
def test_a_status_is_a_number_a_class_or_one_of_a_list(
    expected: Any,
    status: int,
    fits: bool,  # noqa: FBT001
) -> None:
    assert status_fits(expected, status) is fits


def findings(expect: dict[str, Any], answer: Any, status: int = 400) -> list[Finding]:
    headers = (("Cache-Control", "no-store"),)
    [seen] = observed(exchange("GET", "/batches", answer, status=status, headers=headers)).seen
    return list(findings_of(case(expect=expect), seen))


def test_an_answer_that_meets_all_expectations_is_one_finding_that_holds() -> None:
    expect = {
        "status": [400],
        "body": {"/error": "x", "/n": 1},
        "not_body": {"/reason": ["a", None]},
        "has": ["/error"],
        "absent": ["/stack"],
        "headers": {"cache-control": "no-store"},
    }
    assert findings(expect, {"error": "x", "n": 1, "reason": "b"}) == [HELD]


@pytest.mark.parametrize(
    ("expect", "breach"),
    [
        ({"status": [200]}, unkept("HTTP 400 why", "HTTP 200")),
        ({"status": 500}, unkept("HTTP 400 why", "HTTP 500")),
        ({"status": [200, "5xx"]}, unkept("HTTP 400 why", "HTTP 200 or 5xx")),
        ({"body": {"/error": "y"}}, unkept('"x"', '"y"', "/error")),
        ({"body": {"/n": 1}}, unkept("true", "1", "/n")),
        ({"not_body": {"/error": ["x"]}},
         unkept('"x"', "anything but ['x']", "/error")),
        ({"has": ["/stack"]}, unkept("(absent)", "a value", "/stack")),
        ({"absent": ["/error"]}, unkept('"x"', "no such member", "/error")),
        ({"headers": {"retry-after": "1"}},
         unkept("retry-after: None", "retry-after: 1")),
    ],
)  # fmt: skip
def test_a_breach_shows_both_values(expect: dict[str, Any], breach: Finding) -> None:
    assert findings(expect, {"error": "x", "reason": "why", "n": True}) == [breach]


def test_all_breaches_are_shown_together() -> None:
    expect = {"status": [200], "has": ["/a", "/b"], "absent": ["/c"]}
    assert [one.pointer for one in findings(expect, b"no json")] == ["", "/a", "/b"]
