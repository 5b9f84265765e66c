from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import dump
from conformance.requirements import registry
from conformance.tables import FREE_ROWS, NO_SUCH_MODEL, VALID
from conformance.testing import batch, edge, exchange, refused, transcript, upload
from conformance.transcript import Exchange, Step, Wallet

ASKED = {"input_file_id": "file_1", "endpoint": "/v1/responses", "completion_window": "24h"}


def found(requirement: str, *steps: Step) -> tuple[int, list[str]]:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def create(
    answer: Any = None, *, sent: Any = None, path: str = "/batches", **more: Any
) -> Exchange:
    answer = batch() if answer is None else answer
    return exchange("POST", path, answer, sent=ASKED if sent is None else sent, **more)


def refusal(status: int = 400, **more: Any) -> Exchange:
    return create(refused(status, "validation_error", "no"), status=status, **more)


def listing(*items: Any, query: str = "?limit=100", **more: Any) -> Exchange:
    return exchange("GET", f"/batches{query}", {"object": "list", "data": list(items)}, **more)


def got(answer: Any = None, *, path: str = "/batches/batch_1", **more: Any) -> Exchange:
    return exchange("GET", path, batch() if answer is None else answer, **more)


def wallet(reserved_nanos: int, name: str = "a") -> Wallet:
    return Wallet(name, 1_000, reserved_nanos)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (create(), (2, [])),
        (create(status=201), (2, [""])),
        (create(batch(object="job")), (2, [""])),
        (create(b"done"), (2, [""])),
        (refusal(label=VALID), (1, [""])),
        (refusal(500, label=VALID), (1, [""])),
        (refusal(402, label=VALID), (0, [])),
        (refusal(), (0, [])),
    ],
)
def test_valid_create_is_answered_200_with_a_batch(step: Step, expected: Any) -> None:
    assert found("REST-CREATE-01", step) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((create(), got(), listing(batch())), (2, [])),
        ((create(), got(key="same")), (1, [])),
        ((create(), got(refused(), status=404)), (1, [""])),
        ((create(), got(batch(id="batch_2"))), (0, [])),
        ((create(), listing(batch(id="batch_2"))), (1, ["/data"])),
        ((create(), listing(batch(id="batch_2"), query="?limit=1")), (0, [])),
        ((create(), listing(query="?limit=5&status=failed")), (0, [])),
        ((create(), listing(query="")), (0, [])),
        ((create(), listing(key="b"), got(refused(), status=404, key="b")), (0, [])),
        ((create(), edge("stored_batch_deleted", batch="batch_1"), listing()), (0, [])),
        ((create(), got(refused(), status=404, path="/batches/batch_1?x=1")), (0, [])),
        ((create(), edge("provider_next_error", match="get"), got({}, status=404)), (0, [])),
        ((create(), got({}, status=503)), (0, [])),
        ((create(), got({}, status=500), got({}, status=500)), (1, [""])),
    ],
)
def test_created_batch_is_polled_and_listed_at_once(steps: Any, expected: Any) -> None:
    assert found("REST-CREATE-02", *steps) == expected


def test_a_list_that_was_asked_for_before_the_create_was_answered_says_nothing() -> None:
    slow = create(at_ms=5)
    early = listing(at_ms=4)
    assert found("REST-CREATE-02", slow, early) == (0, [])


@pytest.mark.parametrize(
    ("status", "broken"),
    [
        ("validating", []),
        ("queued", []),
        ("failed", []),
        ("completed", ["/status"]),
        ("canceled", ["/status"]),
        ("", ["/status"]),
        (7, ["/status"]),
    ],
)
def test_create_answer_shows_no_end(status: Any, broken: list[str]) -> None:
    assert found("REST-CREATE-03", create(batch() | {"status": status})) == (1, broken)


NO_FILE = exchange("GET", "/files/file_1", refused(), status=404)
UNREADABLE = edge("provider_next_error", match="content", status=500)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((NO_FILE, refusal()), (1, [])),
        ((NO_FILE, create()), (1, [""])),
        ((NO_FILE, create(refused() | {"id": "batch_1"}, status=500)), (1, [""])),
        ((NO_FILE, listing(), refusal(), listing()), (1, [])),
        ((NO_FILE, listing(), refusal(), listing(batch())), (2, ["/data/0"])),
        ((NO_FILE, listing(batch()), refusal(), listing(batch())), (1, [])),
        ((NO_FILE, refusal(), listing(batch(input_file_id="file_2"))), (1, [])),
        ((NO_FILE, refusal(), listing(batch(), key="b")), (1, [])),
        ((NO_FILE, refusal(401)), (0, [])),
        ((NO_FILE, edge("batch_switch", enabled=False), refusal(501)), (0, [])),
        ((upload(b"{}", {"id": "file_1"}), NO_FILE, create(key="b")), (0, [])),
        ((UNREADABLE, refusal(500)), (1, [])),
        ((UNREADABLE, create()), (1, [""])),
        ((create(),), (0, [])),
    ],
)
def test_unreadable_input_makes_no_batch(steps: Any, expected: Any) -> None:
    assert found("REST-CREATE-05", *steps) == expected


def rows(*models: Any) -> Exchange:
    lines = [dump({"custom_id": "a", "body": {"model": model}}) for model in models]
    return upload("\n".join(lines).encode(), {"id": "file_1"})


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((rows("good", f"{NO_SUCH_MODEL}-1"), refusal()), (1, [])),
        ((rows("good", f"{NO_SUCH_MODEL}-1"), create()), (1, [""])),
        ((rows(f"{NO_SUCH_MODEL}-1"), refusal(), listing(batch())), (2, ["/data/0"])),
        ((rows(f"{NO_SUCH_MODEL}-1"), refusal(402)), (0, [])),
        ((rows("good", 7), create()), (0, [])),
        ((upload(b"[1]\nnothing", {"id": "file_1"}), refusal()), (0, [])),
    ],
)
def test_unpriceable_row_makes_no_batch(steps: Any, expected: Any) -> None:
    assert found("REST-CREATE-06", *steps) == expected


def bill(**members: Any) -> dict[str, Any]:
    return batch(billing={"estimated_nanos": 0, **members})


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (create(bill(reserved_nanos=0, reservation_status="skip_zero_cost")), (1, [])),
        (create(bill(reserved_nanos=None)), (1, [])),
        (create(bill(reserved_nanos=5)), (1, ["/billing"])),
        (create(bill(reservation_status="held")), (1, ["/billing"])),
        (create(bill(estimated_nanos=4)), (0, [])),
        (create(label=FREE_ROWS), (1, [])),
        (refusal(label=FREE_ROWS), (1, [""])),
        (refusal(402, label=FREE_ROWS), (1, [""])),
        (refusal(429, label=FREE_ROWS), (0, [])),
        (refusal(), (0, [])),
    ],
)
def test_free_rows_are_accepted_without_a_hold(step: Step, expected: Any) -> None:
    assert found("REST-CREATE-08", step) == expected


UNREACHABLE = edge("provider_next_error", match="create", hangup=True)
NAMELESS = edge("provider_next_error", match="create", status=200, body={"object": "batch"})
UNSTORED = edge("database_next_call_fails", operation="create")


def failure(status: int, error: Any) -> Exchange:
    return create({"error": error}, status=status)


@pytest.mark.parametrize(
    ("requirement", "armed", "word"),
    [
        ("REST-CREATE-10", UNREACHABLE, "gateway_error"),
        ("REST-CREATE-11", NAMELESS, "upstream_error"),
        ("REST-CREATE-12", UNSTORED, "async_job_persistence_failed"),
    ],
)
def test_a_create_that_failed_behind_the_gateway_says_so_and_holds_nothing(
    requirement: str, armed: Step, word: str
) -> None:
    flat, nested, mute = failure(502, word), failure(502, {"type": word}), failure(502, "x")
    assert found(requirement, armed, flat) == (1, [])
    assert found(requirement, armed, nested) == (1, [])
    assert found(requirement, armed, mute) == (1, [""])
    assert found(requirement, armed, create()) == (1, [""])
    assert found(requirement, wallet(5), armed, flat, wallet(5)) == (2, [])
    assert found(requirement, wallet(5), armed, flat, wallet(9)) == (2, [""])
    assert found(requirement, wallet(5), armed, flat, create(), wallet(9)) == (1, [])
    assert found(requirement, create(), flat) == (0, [])


def test_a_provider_success_with_an_id_is_no_failure() -> None:
    named = edge("provider_next_error", match="create", status=200, body={"id": "batch_1"})
    assert found("REST-CREATE-11", named, create()) == (0, [])


def saw(*requests: tuple[str, str, Any]) -> Step:
    names = ("method", "path", "body")
    return edge("provider_saw", requests=[dict(zip(names, one, strict=True)) for one in requests])


def test_an_unstored_batch_is_cancelled_at_the_provider() -> None:
    error = {"type": "async_job_persistence_failed", "native_batch_id": "batch_9"}
    said = failure(502, error)
    mine, other = (("POST", f"/v1/batches/{one}/cancel", None) for one in ("batch_9", "batch_8"))
    assert found("REST-CREATE-12", UNSTORED, said, saw(mine)) == (2, [])
    assert found("REST-CREATE-12", UNSTORED, said, saw(other)) == (2, [""])
    assert found("REST-CREATE-12", UNSTORED, said, saw()) == (2, [""])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((create(), create(batch(id="batch_2"))), (1, [])),
        ((create(), create(batch(id="batch_2"), path="/batch")), (1, [])),
        ((create(), create()), (1, ["/id"])),
        ((create(), refusal(409)), (1, ["/id"])),
        ((create(), refusal(400)), (0, [])),
        ((create(), create(sent={**ASKED, "metadata": {}})), (0, [])),
        ((create(), create(key="b")), (0, [])),
    ],
)
def test_same_create_twice_makes_two_batches(steps: Any, expected: Any) -> None:
    assert found("REST-CREATE-13", *steps) == expected


OWN = {**ASKED, "session_id": "s", "webhook": {"url": "https://example.com/"}}


@pytest.mark.parametrize(
    ("sent", "reached", "expected"),
    [
        (OWN, ASKED, (1, [])),
        (OWN, {**ASKED, "session_id": "s"}, (1, [""])),
        (OWN, {**ASKED, "webhook": None}, (1, [""])),
        (OWN, {**ASKED, "input_file_id": "file_2"}, (0, [])),
        (OWN, 7, (0, [])),
        (ASKED, ASKED, (0, [])),
    ],
)
def test_gateway_fields_stay_at_the_gateway(sent: Any, reached: Any, expected: Any) -> None:
    look = saw(("GET", "/v1/files/file_1/content", None), ("POST", "/v1/batches", reached))
    assert found("REST-CREATE-14", create(sent=sent), look) == expected


def test_a_look_at_the_provider_may_show_one_body_alone() -> None:
    look = edge("provider_saw", body={**ASKED, "sessionId": "s"})
    assert found("REST-CREATE-14", create(sent={**ASKED, "sessionId": "s"}), look) == (1, [""])


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        ({**ASKED, "x": {"a": 1}}, (1, [])),
        ({**ASKED, "x": {"a": True}}, (1, ["/x"])),
        (ASKED, (1, ["/x"])),
    ],
)
def test_unknown_fields_reach_the_provider(reached: Any, expected: Any) -> None:
    asked = create(sent={**ASKED, "x": {"a": 1}, "session_id": "s"})
    look = saw(("POST", "/v1/batches", reached))
    assert found("REST-CREATE-15", asked, look) == expected
    assert found("REST-CREATE-15", asked, asked, look) == (0, [])


@pytest.mark.parametrize(
    ("alias", "expected"),
    [
        (create(path="/batch"), (2, [])),
        (create(batch(id="batch_2", session_id=None), path="/batch"), (2, [])),
        (create(batch(provider=None), path="/batch"), (2, [""])),
        (create(status=201, path="/batch"), (2, [""])),
        (create(batch("in_progress"), path="/batch"), (1, [])),
        (refusal(404, path="/batch"), (1, [""])),
        (refusal(503, path="/batch"), (0, [])),
        (refusal(402, path="/batch"), (0, [])),
        (create(path="/batch", key="b"), (0, [])),
        (create(), (0, [])),
    ],
)
def test_both_paths_create_alike(alias: Step, expected: Any) -> None:
    assert found("REST-CREATE-16", create(), alias) == expected


def test_a_switched_off_api_answers_501_with_or_without_a_key() -> None:
    off = edge("batch_switch", enabled=False)
    for key in ("a", None):
        answers = [
            exchange("POST", "/batches", {}, sent={}, status=status, key=key)
            for status in (501, 401)
        ]
        assert found("REST-CREATE-17", off, *answers) == (2, [""])
        assert found("REST-CREATE-17", answers[1]) == (0, [])
