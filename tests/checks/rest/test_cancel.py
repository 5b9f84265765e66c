from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import ORIGIN, batch, edge, exchange, refused, transcript
from conformance.transcript import Exchange, Step

Expected = tuple[int, list[str]]

HOUR_MS = 3_600_000
CREATED = exchange("POST", "/batches", batch())
LATE = "batch_cancel_requires_non_terminal_status"


def found(requirement: str, *steps: Step) -> Expected:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def got(status: str = "validating", **more: Any) -> Exchange:
    members = more.pop("members", {})
    return exchange("GET", "/batches/batch_1", batch(status, **members), **more)


def cancel(answer: Any = None, *, path: str = "/batches/batch_1/cancel", **more: Any) -> Exchange:
    return exchange("POST", path, batch("cancelling") if answer is None else answer, **more)


def denied(status: int = 400, *, state: str | None = None, **more: Any) -> Exchange:
    body = {**refused(status, "validation_error", LATE), **({"status": state} if state else {})}
    return cancel(body, status=status, **more)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((got(), cancel()), (1, [])),
        ((got("in_progress"), cancel(batch("cancelled"))), (1, [])),
        ((got(), cancel(batch("completed"))), (1, [])),
        ((got(), cancel(batch("in_progress"))), (1, [])),
        ((got(), cancel(batch("in_progress")), got("cancelling")), (1, [])),
        ((got(), cancel(batch("in_progress")), got("finalizing"), got("completed")), (1, [""])),
        ((got(), cancel(key="same")), (1, [])),
        ((got(), cancel(status=202)), (1, [""])),
        ((got(), cancel({"ok": True})), (1, [""])),
        ((got(), cancel(b"done")), (1, [""])),
        ((got(), cancel([])), (1, [""])),
        ((got(), denied(404)), (1, [""])),
        ((got(), denied(), got("in_progress")), (1, [""])),
        ((got(), denied(), got("cancelled")), (1, [""])),
        ((got(), denied(500)), (1, [""])),
        ((got(), denied(502), cancel()), (1, [])),
        ((got(), denied(state="completed")), (0, [])),
        ((got("in_progress"), denied(state="in_progress")), (1, [""])),
        ((got(), denied(state="validating"), got("completed")), (0, [])),
        ((got(), denied(), got("completed")), (0, [])),
        ((got(), denied()), (0, [])),
        ((got(), denied(401), denied(429)), (0, [])),
        ((got(), cancel(key="b", status=202), cancel(key=None, status=202)), (0, [])),
        ((CREATED, got(key="b"), denied(404, key="b")), (0, [])),
        ((got("finalizing"), cancel(status=202)), (0, [])),
        ((got(at_ms=9), cancel(at_ms=5, status=202)), (0, [])),
        ((got(), edge("provider_next_error", match="cancel"), denied(500)), (0, [])),
        ((cancel(status=202),), (0, [])),
    ],
)
def test_a_running_batch_can_be_cancelled(steps: Any, expected: Expected) -> None:
    assert found("REST-CANCEL-01", *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((cancel(), got("cancelling"), got("cancelled")), (1, [])),
        ((cancel(batch("cancelled")),), (1, [])),
        ((cancel(), got("cancelling", at_ms=25 * HOUR_MS)), (1, ["/status"])),
        (
            (cancel(), edge("clock_advanced", by_ms=25 * HOUR_MS), got("cancelling")),
            (1, ["/status"]),
        ),
        ((cancel(), got("cancelling", at_ms=23 * HOUR_MS)), (0, [])),
        ((got("in_progress", at_ms=0), got("in_progress", at_ms=99 * HOUR_MS)), (0, [])),
        ((denied(), got("in_progress", at_ms=99 * HOUR_MS)), (0, [])),
        ((edge("life_scripted", life="cancel_slow"), cancel(), got(at_ms=99 * HOUR_MS)), (0, [])),
        ((edge("provider_hold", hold=True), cancel(), got(at_ms=99 * HOUR_MS)), (0, [])),
    ],
)
def test_a_cancelled_batch_comes_to_an_end(steps: Any, expected: Expected) -> None:
    assert found("REST-CANCEL-02", *steps) == expected


def looked(*paths: str) -> Step:
    return edge("provider_saw", requests=[{"method": "POST", "path": path} for path in paths])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((got("completed"), looked(), denied(), looked()), (1, [])),
        ((got("failed"), denied(), looked("/v1/batches/batch_1/cancel")), (1, [""])),
        ((got("expired"), denied(), looked("/v1/batches/batch_2/cancel")), (1, [])),
        ((got("completed"), denied()), (0, [])),
        ((got("completed"), denied(), edge("provider_saw", body={})), (0, [])),
        ((got("cancelled"), cancel(), looked("/v1/batches/batch_1/cancel")), (0, [])),
        (
            (got(), cancel(), got("completed"), denied(), looked("/v1/batches/batch_1/cancel")),
            (0, []),
        ),
    ],
)
def test_a_cancel_of_an_ended_batch_stays_at_the_gateway(steps: Any, expected: Expected) -> None:
    assert found("REST-CANCEL-03", *steps) == expected


@pytest.mark.parametrize("status", ["completed", "failed", "expired"])
def test_a_late_cancel_is_answered_400(status: str) -> None:
    assert found("REST-CANCEL-04", got(status), denied()) == (1, [])
    assert found("REST-CANCEL-04", got(status), denied(409)) == (1, [""])
    assert found("REST-CANCEL-04", got(status), cancel()) == (1, [""])
    assert found("REST-CANCEL-04", got(), denied()) == (0, [])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((got("cancelled"), cancel(batch("cancelled"))), (1, [])),
        ((got("cancelled"), cancel(batch("canceled"))), (1, [])),
        ((got("cancelled"), cancel()), (1, [""])),
        ((got("cancelled"), denied()), (1, [""])),
        ((got("cancelled"), cancel(b"")), (1, [""])),
        ((got("cancelling"), cancel()), (0, [])),
        ((got("cancelled"), denied(404, key="b")), (0, [])),
    ],
)
def test_a_cancelled_batch_may_be_cancelled_again(steps: Any, expected: Expected) -> None:
    assert found("REST-CANCEL-05", *steps) == expected


def test_a_repeated_cancel_shows_the_whole_batch() -> None:
    abridged = {"id": "batch_1", "status": "cancelled"}
    lacking = ["/object", "/endpoint", "/input_file_id", "/created_at"]
    first = (got(), cancel())
    assert found("REST-CANCEL-06", *first, cancel(batch("cancelled"))) == (4, [])
    assert found("REST-CANCEL-06", *first, cancel(abridged)) == (4, lacking)
    empty = batch("cancelled", endpoint=None)
    assert found("REST-CANCEL-06", *first, cancel(empty)) == (4, ["/endpoint"])
    assert found("REST-CANCEL-06", *first, cancel(b"cancelled")) == (4, lacking)
    assert found("REST-CANCEL-06", *first, denied(409)) == (0, [])
    assert found("REST-CANCEL-06", *first) == (0, [])


def test_a_repeated_cancel_need_not_show_what_no_body_shows() -> None:
    small = {"id": "batch_1", "object": "batch", "status": "cancelling"}
    read = exchange("GET", "/batches/batch_1", small)
    again = cancel({"id": "batch_1", "status": "cancelled"})
    assert found("REST-CANCEL-06", read, cancel(small), again) == (1, ["/object"])


def test_a_cancel_of_an_unknown_batch_is_answered_404() -> None:
    unknown = "/batches/batch_0/cancel"
    assert found("REST-CANCEL-07", denied(404, path=unknown)) == (1, [])
    assert found("REST-CANCEL-07", denied(400, path=unknown)) == (1, [""])
    assert found("REST-CANCEL-07", got(), denied(400)) == (0, [])


def test_a_cancel_at_a_provider_without_cancel_is_answered_501() -> None:
    changed = edge("stored_provider_changed", batch="batch_1", provider="another")
    assert found("REST-CANCEL-08", got(), changed, denied(501)) == (1, [])
    assert found("REST-CANCEL-08", got(), changed, denied(404)) == (1, [""])
    assert found("REST-CANCEL-08", got(), denied(404)) == (0, [])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((cancel(), cancel()), (1, [])),
        ((cancel(), denied(409)), (1, [])),
        ((cancel(), denied(502)), (1, [""])),
        ((got(), denied(502)), (0, [])),
        ((cancel(), edge("provider_next_error", match="cancel"), denied(500)), (0, [])),
    ],
)
def test_a_cancel_while_cancelling_is_no_server_error(steps: Any, expected: Expected) -> None:
    assert found("REST-CANCEL-09", *steps) == expected


def test_a_cancel_needs_no_body() -> None:
    assert found("REST-CANCEL-12", got(), cancel()) == (1, [])
    assert found("REST-CANCEL-12", got(), cancel(status=202)) == (1, [])
    assert found("REST-CANCEL-12", got(), denied(), got()) == (1, [""])
    assert found("REST-CANCEL-12", got(), denied(sent=b""), got()) == (1, [""])
    assert found("REST-CANCEL-12", got(), denied(sent={}), got()) == (0, [])


@pytest.mark.parametrize(
    ("path", "answer", "expected"),
    [
        ("/batches/batch_1/cancel", cancel, (1, [])),
        ("/stop?batch=batch_1", cancel, (1, [])),
        ("/stop?batch=batch_1", lambda path: cancel(batch("cancelled"), path=path), (1, [])),
        ("/stop", lambda path: cancel(batch("in_progress"), path=path), (1, [""])),
        ("/stop", lambda path: cancel(b"", path=path, status=404), (1, [""])),
        ("/stop", lambda path: denied(path=path, state="completed"), (0, [])),
        ("/stop", lambda path: cancel(path="/batches/batch_1/cancel"), (0, [])),
        ("/stop", lambda path: cancel(path=path, key="b", status=404), (0, [])),
    ],
)
def test_the_cancel_url_cancels(path: str, answer: Any, expected: Expected) -> None:
    url = f"{ORIGIN}/v1{path}"
    assert found("REST-CANCEL-13", got(members={"cancel_url": url}), answer(path=path)) == expected


def test_a_cancel_url_is_judged_as_long_as_the_batch_runs() -> None:
    url = {"cancel_url": f"{ORIGIN}/v1/stop"}
    ended = (got(members=url), got("completed", members=url), cancel(path="/stop", status=404))
    assert found("REST-CANCEL-13", *ended) == (0, [])
    assert found("REST-CANCEL-13", got(members={"cancel_url": None}), cancel()) == (0, [])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((got(), cancel(path="/batch/batch_1/cancel")), (1, [])),
        ((got(), denied(404, path="/batch/batch_1/cancel")), (1, [""])),
        ((got(), cancel({}, path="/batch/batch_1/cancel")), (1, [""])),
        ((got(), cancel(batch(), path="/batch/batch_1/cancel"), got()), (1, [""])),
        ((denied(404), denied(404, path="/batch/batch_1/cancel")), (1, [])),
        ((denied(404), denied(405, path="/batch/batch_1/cancel")), (1, [""])),
        ((denied(404), denied(503, path="/batch/batch_1/cancel")), (0, [])),
        ((denied(404, key="b"), denied(401, path="/batch/batch_1/cancel", key="b")), (0, [])),
        ((denied(404), denied(405, path="/batch/batch_2/cancel")), (0, [])),
        ((got(), cancel()), (0, [])),
    ],
)
def test_the_alias_cancels_too(steps: Any, expected: Expected) -> None:
    assert found("REST-CANCEL-14", *steps) == expected
