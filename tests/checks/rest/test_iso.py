from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import batch, edge, exchange, refused, transcript, upload
from conformance.transcript import Exchange, Step

Expected = tuple[int, list[str]]

CREATED = exchange("POST", "/batches", batch(), sent={"input_file_id": "file_1"})
UPLOADED = upload(b"{}\n", {"id": "file_1", "object": "file"})


def found(requirement: str, *steps: Step) -> Expected:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def listed(*items: Any, query: str = "limit=100", key: str | None = "b") -> Exchange:
    return exchange("GET", f"/batches?{query}", {"object": "list", "data": list(items)}, key=key)


def got(status: str = "validating", *, key: str | None = "a", **more: Any) -> Exchange:
    return exchange("GET", "/batches/batch_1", batch(status), key=key, **more)


def denied(path: str, status: int = 404, *, method: str = "GET", **more: Any) -> Exchange:
    body = {**refused(status, batch_id=path.split("/")[2]), **more.pop("extra", {})}
    return exchange(method, path, body, status=status, **{"key": "b", **more})


GOOD_KEY = listed()


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((CREATED, GOOD_KEY, denied("/batches/batch_1")), (1, [])),
        ((CREATED, got(key="b")), (1, [""])),
        ((CREATED, GOOD_KEY, denied("/batches/batch_1", 500)), (1, [""])),
        ((CREATED, GOOD_KEY, denied("/batches/batch_1", 401)), (0, [])),
        ((CREATED, denied("/batches/batch_1", 403)), (0, [])),
        ((CREATED, GOOD_KEY, denied("/batches/batch_1", 403)), (1, [""])),
        ((CREATED, denied("/batches/batch_1")), (0, [])),
        ((CREATED, got(), got(key="same"), got(key=None)), (0, [])),
        ((got(key="b"),), (0, [])),
        ((got(key="b"), CREATED), (0, [])),
        ((CREATED, edge("batch_switch", enabled=False), denied("/batches/batch_1", 501)), (0, [])),
    ],
)
def test_a_foreign_batch_cannot_be_read(steps: Any, expected: Expected) -> None:
    assert found("REST-ISO-01", *steps) == expected


def cancel(answer: Any = None, *, key: str = "b", status: int = 200) -> Exchange:
    body = batch("cancelling") if answer is None else answer
    return exchange("POST", "/batches/batch_1/cancel", body, key=key, status=status)


REFUSED = denied("/batches/batch_1/cancel", method="POST")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((CREATED, GOOD_KEY, REFUSED), (1, [])),
        ((CREATED, GOOD_KEY, REFUSED, got("in_progress")), (2, [])),
        ((CREATED, GOOD_KEY, REFUSED, got("cancelling")), (2, [""])),
        ((CREATED, cancel(), got("cancelling")), (2, ["", ""])),
        ((CREATED, GOOD_KEY, REFUSED, cancel(key="a"), got("cancelled")), (2, [])),
        ((CREATED, cancel(key="a"), GOOD_KEY, REFUSED, got("cancelled")), (1, [])),
        ((CREATED, cancel(key="same")), (0, [])),
    ],
)
def test_a_foreign_batch_cannot_be_cancelled(steps: Any, expected: Expected) -> None:
    assert found("REST-ISO-02", *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((CREATED, listed()), (1, [])),
        ((CREATED, listed(batch(id="batch_2"))), (1, [])),
        ((CREATED, listed(batch())), (1, ["/data"])),
        ((CREATED, listed({"id": ["batch_1"]}, "batch_1", 5)), (1, [])),
        ((CREATED, listed(batch(), key="a"), listed(batch(), key="same")), (0, [])),
        ((listed(batch()), CREATED), (0, [])),
    ],
)
def test_a_list_shows_own_batches_only(steps: Any, expected: Expected) -> None:
    assert found("REST-ISO-03", *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((CREATED, got(key="same"), listed(batch(), key="same")), (2, [])),
        ((CREATED, listed(key="same"), denied("/batches/batch_1", key="same")), (2, ["", "/data"])),
        ((CREATED, listed(key="same", query="")), (0, [])),
        ((CREATED, listed(key="same", query="status=failed&limit=9")), (0, [])),
        ((CREATED, listed(batch(id="batch_2"), key="same", query="limit=1")), (0, [])),
        ((CREATED, denied("/batches/batch_1", 401, key="same")), (0, [])),
        ((CREATED, got(), listed(key="a"), listed(key="b")), (0, [])),
    ],
)
def test_keys_of_one_workspace_see_the_same(steps: Any, expected: Expected) -> None:
    assert found("REST-ISO-04", *steps) == expected


def read(path: str = "/files/file_1", key: str = "b") -> Exchange:
    return exchange("GET", path, {"id": "file_1", "object": "file"}, key=key)


@pytest.mark.parametrize("path", ["/files/file_1", "/files/file_1/content"])
def test_a_foreign_file_cannot_be_read(path: str) -> None:
    assert found("REST-ISO-05", UPLOADED, GOOD_KEY, denied(path)) == (1, [])
    assert found("REST-ISO-05", UPLOADED, read(path)) == (1, [""])
    assert found("REST-ISO-05", UPLOADED, GOOD_KEY, denied(path, 400)) == (1, [""])
    assert found("REST-ISO-05", UPLOADED, read(path, "a"), read(path, "same")) == (0, [])
    assert found("REST-ISO-05", read(path)) == (0, [])


def test_a_foreign_result_file_cannot_be_read() -> None:
    ended, path = got("completed"), "/files/file_out/content"
    assert found("REST-ISO-05", CREATED, ended, GOOD_KEY, denied(path)) == (1, [])
    assert found("REST-ISO-05", CREATED, ended, read(path)) == (1, [""])
    assert found("REST-ISO-05", CREATED, got("completed", key="b"), read(path)) == (0, [])


def tried(status: int = 404) -> Exchange:
    body = batch(id="batch_2") if status == 200 else refused(status)
    sent = {"input_file_id": "file_1"}
    return exchange("POST", "/batches", body, sent=sent, key="b", status=status)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((UPLOADED, GOOD_KEY, tried()), (1, [])),
        ((UPLOADED, GOOD_KEY, tried(), denied("/files/file_1")), (2, [])),
        ((UPLOADED, tried(200)), (1, [""])),
        ((UPLOADED, GOOD_KEY, tried(400), read()), (2, [""])),
        ((UPLOADED, tried(200), read("/files/file_1/content")), (2, ["", ""])),
        ((UPLOADED, GOOD_KEY, tried(402)), (0, [])),
        ((UPLOADED, read()), (0, [])),
        ((UPLOADED, CREATED), (0, [])),
        ((exchange("POST", "/batches", {}, sent={"input_file_id": []}, key="b"),), (0, [])),
    ],
)
def test_a_foreign_file_makes_no_batch(steps: Any, expected: Expected) -> None:
    assert found("REST-ISO-06", *steps) == expected


def test_reads_after_an_attempt_are_judged_once() -> None:
    assert found("REST-ISO-05", UPLOADED, tried(200), read()) == (0, [])


OWNED = {"reason": "batch_not_owned"}


@pytest.mark.parametrize(
    ("foreign", "unknown", "expected"),
    [
        (denied("/batches/batch_1"), denied("/batches/batch_0"), (1, [])),
        (denied("/batches/batch_1", extra=OWNED), denied("/batches/batch_0"), (1, [""])),
        (denied("/batches/batch_1", extra={"owner": 1}), denied("/batches/batch_0"), (1, [""])),
        (denied("/batches/batch_1", 403), denied("/batches/batch_0"), (1, [""])),
        (denied("/batches/batch_1", 429), denied("/batches/batch_0"), (0, [])),
        (denied("/batches/batch_1", 400), denied("/batches/batch_0"), (1, [""])),
        (denied("/batches/batch_1"), denied("/batches/batch_unknown"), (0, [])),
        (denied("/batches/batch_1"), denied("/batches/batch_0", 400), (0, [])),
        (denied("/batches/batch_1"), denied("/batches/batch_0", key="a"), (0, [])),
        (
            denied("/batches/batch_1", extra={"message": "no batch_1", "request_id": "1"}),
            denied("/batches/batch_0", extra={"message": "no batch_0", "request_id": "2"}),
            (1, []),
        ),
        (
            denied("/batches/batch_1", extra={"error": {"type": "x", "code": "owned"}}),
            denied("/batches/batch_0", extra={"error": {"type": "x", "code": "unknown"}}),
            (1, [""]),
        ),
    ],
)
def test_foreign_and_unknown_ids_look_alike(
    foreign: Exchange, unknown: Exchange, expected: Expected
) -> None:
    assert found("REST-ISO-07", CREATED, GOOD_KEY, foreign, unknown) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((UPLOADED, listed(batch())), (1, [])),
        ((UPLOADED, listed(batch(id="file_1"))), (1, ["/data"])),
        ((UPLOADED, listed(batch(id="__file__:file_1"), {"id": 5})), (1, ["/data"])),
        ((UPLOADED, denied("/batches/file_1", key="a")), (1, [])),
        ((UPLOADED, exchange("GET", "/batches/file_1", {"id": "file_1"})), (1, [""])),
        ((UPLOADED, exchange("GET", "/batches/__file__:file_1", batch())), (1, [""])),
        ((listed(batch(id="file_1")), UPLOADED), (0, [])),
        ((UPLOADED, got()), (0, [])),
    ],
)
def test_an_uploaded_file_is_no_batch(steps: Any, expected: Expected) -> None:
    assert found("REST-ISO-08", *steps) == expected
