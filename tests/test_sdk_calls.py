from decimal import Decimal
from typing import Any

import pytest

from conformance.json_text import ABSENT
from conformance.sdk_calls import SdkClient, SdkUrl, is_plain_id, key_in
from conformance.sdk_views import calls
from conformance.testing import observed
from conformance.testing_sdk import BASE, KEY, OWN, failed, opened, returned, sdk, wire


def first(said: Any, **around: Any) -> Any:
    return calls(observed(*sdk(said, **around)))[0]


def client(**members: Any) -> SdkClient:
    return SdkClient(2, opened(**members).detail)


@pytest.mark.parametrize("value", ["batch_123", "a.b", "...", "A~-"])
def test_ids_that_need_no_escape_are_plain(value: str) -> None:
    assert is_plain_id(value)


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "ü", "a b", "a\n", None, 7])
def test_other_ids_are_not(value: Any) -> None:
    assert not is_plain_id(value)


def test_a_key_is_known_by_its_marker() -> None:
    assert key_in(f"x {KEY}")
    assert not key_in("{{webhook:1}}")


def test_a_client_tells_what_it_was_given() -> None:
    made = client(settings={"api_key": KEY, "timeout": Decimal("1.5")}, env={"A": KEY, "B": None})
    assert (made.name, made.base_url, made.key, made.timeout_s) == ("c", BASE, KEY, 1.5)
    assert (made.keys_around, made.error) == ([KEY], None)


def test_a_client_without_anything_has_nothing() -> None:
    made = SdkClient(0, {})
    assert (made.name, made.base, made.origins, made.key, made.timeout_s) == (
        "",
        None,
        (),
        None,
        None,
    )
    assert (made.variables, made.keys_around, made.error, made.is_alone) == (None, [], None, False)


@pytest.mark.parametrize(
    ("base", "origins", "alone"),
    [
        (BASE, [], True),
        ("http://localhost:1/v1", [], True),
        ("http://[::1]:1/v1", [], True),
        ("https://gateway.test/v1", [], False),
        (BASE, [OWN], False),
    ],
)
def test_a_loopback_port_that_nobody_records_is_closed(base: str, origins: Any, alone: Any) -> None:
    assert client(base_url=base, origins=origins).is_alone is alone


def test_a_call_shows_its_value_or_its_error() -> None:
    good = first(returned("getBatch", value={"id": "b"}))
    bad = first(failed("getBatch", kind="http", error={"type": "E", "message": "gone"}))
    assert (good.value, good.kind, good.shown) == ({"id": "b"}, "", {"id": "b"})
    assert (bad.value, bad.kind, bad.shown) == (ABSENT, "http", "http error E: gone")


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        (failed("getBatch", kind="http"), True),
        (failed("getBatch", kind="unsupported"), False),
        (failed("getBatch", kind="protocol"), False),
        (failed("getBatch", kind="timeout", error={"by": "suite"}), False),
        (failed("createBatch", kind="http"), False),
        (failed("getFish", kind="http"), False),
    ],
)
def test_only_what_speaks_of_the_sdk_counts(said: Any, counts: Any) -> None:
    assert first(said).of("get") is counts


@pytest.mark.parametrize(
    ("method", "args", "expected"),
    [
        ("createBatch", {}, ["v1", "batches"]),
        ("batches.list", {}, ["v1", "batches"]),
        ("listBatchModels", {}, ["v1", "batches", "models"]),
        ("getBatch", {"batch_id": "a/b"}, ["v1", "batches", "a/b"]),
        ("batches.cancel", {"batch_id": "b"}, ["v1", "batches", "b", "cancel"]),
    ],
)
def test_a_call_knows_its_path(method: str, args: dict[str, Any], expected: Any) -> None:
    assert first(failed(method, kind="other", **args)).expected == expected


def test_the_path_of_a_base_is_decoded_and_mended() -> None:
    call = first(failed("listBatches", kind="other"), clients=[opened(base_url=f"{OWN}/a%20b//")])
    assert (call.expected, call.prefix, call.has_plain_base) == (
        ["a b", "batches"],
        ("a%20b",),
        False,
    )


@pytest.mark.parametrize(
    ("said", "around", "ordinary"),
    [
        (failed("getBatch", kind="other", batch_id="b"), {}, True),
        (failed("getBatch", kind="other"), {}, False),
        (failed("createBatch", kind="other", request={}), {}, True),
        (failed("createBatch", kind="other", request=[]), {}, False),
        (failed("listBatches", kind="other"), {}, True),
        (failed("listBatches", kind="other"), {"clients": [opened(origins=[])]}, False),
        (failed("listBatches", kind="other"), {"clients": [opened(settings={})]}, False),
        (
            failed("listBatches", kind="other"),
            {"clients": [opened(settings={}, env={"A": KEY})]},
            True,
        ),
    ],
)
def test_an_ordinary_call_has_all_that_it_needs(said: Any, around: Any, ordinary: Any) -> None:
    assert first(said, **around).is_ordinary is ordinary


def test_an_answer_belongs_to_its_call() -> None:
    call = first(returned("getBatch", wire("GET /v1/batches/b", answer={"id": "b"}), batch_id="b"))
    assert call.answer.json == {"id": "b"}


def test_a_url_knows_what_it_is_made_from() -> None:
    options = {"interval_ms": 0, "close_on_terminal": None}
    args = {"kind": "video", "job_id": "v", "options": options}
    one = SdkUrl(first(returned("getAsyncJobWebSocketUrl", value="ws://h/x", **args)))
    assert (one.kind, one.id, one.options, one.text) == (
        "video",
        "v",
        {"interval_ms": 0},
        "ws://h/x",
    )
    other = SdkUrl(first(failed("batches.websocketUrl", kind="argument", batch_id="b")))
    assert (other.kind, other.id, other.text, other.url) == ("batch", "b", None, None)
