from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import batch, edge, exchange, refused, transcript
from conformance.transcript import Exchange, Step

ASKED = {"input_file_id": "file_1", "endpoint": "/v1/responses"}
HOOK = {"url": "https://example.com/", "events": ["job.failed"], "has_secret": True}


def found(requirement: str, *steps: Step) -> tuple[int, list[str]]:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def created(**members: Any) -> Exchange:
    return exchange("POST", "/batches", batch(**members), sent=ASKED)


def got(answer: Any = None, *, path: str = "/batches/batch_1", **more: Any) -> Exchange:
    return exchange("GET", path, batch() if answer is None else answer, **more)


def denied(status: int = 404, **more: Any) -> Exchange:
    return got(refused(status), status=status, **more)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((got(),), (1, [])),
        ((got(path="/batch/batch_1"),), (1, [])),
        ((got(batch(id="a b"), path="/batches/a%20b"),), (1, [])),
        ((got(batch(id="batch_2")),), (1, ["/id"])),
        ((got(b"fine"),), (1, ["/id"])),
        ((got([]),), (1, ["/id"])),
        ((created(), denied()), (1, [""])),
        ((created(), denied(501)), (1, [""])),
        ((created(), denied(key="same")), (1, [""])),
        ((created(), denied(500)), (0, [])),
        ((created(), denied(500), denied(500)), (2, ["", ""])),
        ((created(), denied(500), got(), denied(502)), (1, [])),
        ((created(), denied(429), denied(401)), (0, [])),
        ((created(), denied(key="b"), denied(key=None)), (0, [])),
        ((created(), denied(path="/batches/batch_1?x=1")), (0, [])),
        ((created(), edge("batch_switch", enabled=False), denied(501)), (0, [])),
        ((created(), edge("database_next_call_fails", operation="get"), denied()), (0, [])),
        ((denied(), created()), (0, [])),
    ],
)
def test_get_returns_the_batch_of_the_path(steps: Any, expected: Any) -> None:
    assert found("REST-GET-01", *steps) == expected


def test_an_unknown_batch_is_answered_404() -> None:
    assert found("REST-GET-02", denied(path="/batches/batch_0")) == (1, [])
    assert found("REST-GET-02", denied(400, path="/batches/batch_0")) == (1, [""])
    assert found("REST-GET-02", created(), denied(400)) == (0, [])
    assert found("REST-GET-02", got({"data": []}, path="/batches/models")) == (0, [])


HELD_BACK = edge("provider_hold", batch="batch_1", hold=True)
ENDED = edge("provider_step", batch="batch_1", steps=3, status="completed")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((created(), got(), got(batch("completed"))), (1, [])),
        ((created(), got(batch("completed") | {"status": "canceled"})), (1, [])),
        ((created(), HELD_BACK, ENDED, got(batch("completed"))), (1, [])),
        ((created(), HELD_BACK, ENDED, got()), (1, ["/status"])),
        ((created(), ENDED, got()), (0, [])),
        ((created(), HELD_BACK, ENDED, edge("life_scripted", life="slow"), got()), (0, [])),
        ((created(), HELD_BACK, ENDED, denied(500)), (0, [])),
        ((created(), HELD_BACK, edge("provider_step", batch="batch_1", status=[]), got()), (0, [])),
        ((created(), got()), (0, [])),
        ((got(batch("completed")),), (0, [])),
        ((created(), edge("scheduled_job_tick"), got(batch("completed"))), (0, [])),
        (
            (created(), exchange("POST", "/batches/batch_1/cancel"), got(batch("cancelled"))),
            (0, []),
        ),
    ],
)
def test_polling_alone_shows_the_end(steps: Any, expected: Any) -> None:
    assert found("REST-GET-03", *steps) == expected


@pytest.mark.parametrize(
    ("now", "broken"),
    [
        ({}, []),
        ({"session_id": None}, []),
        ({"request_id": "G-2"}, ["/request_id"]),
        ({"provider": "other"}, ["/provider"]),
        ({"session_id": "t"}, ["/session_id"]),
        ({"webhook": {**HOOK, "has_secret": 1}}, ["/webhook/has_secret"]),
        ({"webhook": {**HOOK, "events": []}}, ["/webhook/events"]),
        ({"webhook": {**HOOK, "attempts": [{}]}}, []),
        ({"webhook": 7}, []),
    ],
)
def test_what_create_said_lasts(now: Any, broken: list[str]) -> None:
    said: dict[str, Any] = {"session_id": "s", "webhook": HOOK}
    assert found("REST-GET-04", created(**said), got(batch(**said) | now))[1] == broken


def test_what_lasts_is_judged_on_gets_of_a_batch_that_was_seen_made() -> None:
    assert found("REST-GET-04", created(), got()) == (2, [])
    assert found("REST-GET-04", got(), got()) == (0, [])


def test_a_batch_of_another_provider_is_answered_501() -> None:
    changed = edge("stored_provider_changed", batch="batch_1", provider="mistral")
    label = "REST-GET-05/foreign-provider"
    assert found("REST-GET-05", created(), changed, denied(501, label=label)) == (1, [])
    assert found("REST-GET-05", created(), changed, denied(404, label=label)) == (1, [""])


ERROR = {"error": {"message": "scripted", "type": "server_error"}}
FAILS = edge("provider_next_error", match="get", status=500, body=ERROR)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (got(ERROR, status=500), (3, [])),
        (got(ERROR, status=502), (3, [""])),
        (got(refused(500), status=500), (3, ["", ""])),
        (got({**ERROR, "x_trace": "1"}, status=500), (3, [])),
        (got({**ERROR, "request_id": "G-1", "provider": "openai"}, status=500), (3, [""])),
        (got({**ERROR, "polling_url": "https://x.example/"}, status=500), (3, [""])),
        (got(), (3, ["", "", ""])),
        (got(key="b"), (0, [])),
    ],
)
def test_refresh_failure_is_passed_on(step: Step, expected: Any) -> None:
    assert found("REST-GET-06", created(), FAILS, step) == expected


def test_only_a_scripted_answer_to_a_running_batch_is_passed_on() -> None:
    hangup = edge("provider_next_error", match="get", hangup=True)
    for_cancel = edge("provider_next_error", match="cancel", status=500)
    ended = got(batch("completed"))
    assert found("REST-GET-06", created(), hangup, denied(502)) == (0, [])
    assert found("REST-GET-06", created(), for_cancel, got()) == (0, [])
    assert found("REST-GET-06", created(), ended, FAILS, ended) == (0, [])
    assert found("REST-GET-06", FAILS, denied()) == (0, [])


NO_OUTPUT = edge("provider_next_error", match="content", status=500)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((NO_OUTPUT, got(batch("completed"))), (1, [])),
        ((NO_OUTPUT, got(), got(batch("completed"))), (1, [])),
        ((NO_OUTPUT, denied(502)), (1, [""])),
        ((NO_OUTPUT, got()), (0, [])),
        ((NO_OUTPUT, exchange("GET", "/files/f/content", b""), denied(502)), (0, [])),
        ((NO_OUTPUT, created(), denied(502)), (0, [])),
        ((NO_OUTPUT, FAILS, got(ERROR, status=500)), (0, [])),
        ((NO_OUTPUT, denied(key="b")), (0, [])),
        ((got(batch("completed")), NO_OUTPUT, got(batch("completed"))), (0, [])),
        ((FAILS, denied(500)), (0, [])),
    ],
)
def test_failed_settlement_leaves_the_read_alone(steps: Any, expected: Any) -> None:
    assert found("REST-GET-07", created(), *steps) == expected


@pytest.mark.parametrize(
    ("alias", "broken"),
    [
        (batch(), []),
        (batch("completed"), []),
        (batch(session_id=None), []),
        (batch(provider=None), ["/provider"]),
        (batch(metadata={}), ["/metadata"]),
        (batch(request_counts=None), ["/request_counts"]),
        (batch("completed", request_counts=None), []),
        (batch(pricing_lines=None), ["/pricing_lines"]),
        (batch(polling_url="http://gateway.test/v1/batch/batch_1"), []),
        (batch(websocket_url="ws://gateway.test/x"), ["/websocket_url"]),
        (b"no JSON", None),
    ],
)
def test_both_paths_read_alike(alias: Any, broken: list[str] | None) -> None:
    judged, pointers = found("REST-GET-08", got(), got(alias, path="/batch/batch_1"))
    same_status = isinstance(alias, dict) and alias["status"] == "validating"
    assert judged == (25 if same_status else 18)
    assert pointers == broken if broken is not None else len(pointers) > 10


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (denied(path="/batch/batch_1"), (1, [""])),
        (denied(503, path="/batch/batch_1"), (0, [])),
        (denied(401, path="/batch/batch_1"), (0, [])),
        (denied(path="/batch/batch_1", key="b"), (0, [])),
        (denied(path="/batch/batch_2"), (0, [])),
        (got(), (0, [])),
    ],
)
def test_what_one_path_reads_the_other_does(step: Step, expected: Any) -> None:
    assert found("REST-GET-08", got(), step) == expected


WITH_QUERY = "/batches/batch_1?x=1"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (got(path=WITH_QUERY), (1, [])),
        (got(batch(id="batch_2"), path=WITH_QUERY), (1, ["/id"])),
        (denied(path=WITH_QUERY), (1, ["/id"])),
        (denied(503, path=WITH_QUERY), (0, [])),
        (denied(path=WITH_QUERY, key="b"), (0, [])),
        (denied(), (0, [])),
    ],
)
def test_query_does_not_change_the_batch(step: Step, expected: Any) -> None:
    assert found("REST-GET-10", created(), step) == expected


def test_a_query_on_a_batch_that_was_never_read_says_nothing() -> None:
    assert found("REST-GET-10", denied(path=WITH_QUERY), created()) == (0, [])
