"""Where an SDK has the methods, and how it wants their arguments."""

import types
from typing import Any

import pytest

from conformance.adapters import METHODS
from conformance.adapters.native import PLACES, find, fold, native_arguments


class Batches:
    def create(self, *, endpoint: str, **more: Any) -> None: ...
    def retrieve(self, batch_id: str) -> None: ...
    def websocketUrl(self, batch_id: str, options: Any = None) -> None: ...  # noqa: N802


class Client:
    def __init__(self) -> None:
        self.batches = Batches()

    timeout_of_get_batch = 3

    def createBatch(self, request: Any) -> None: ...  # noqa: N802
    def retrieve_batch(self, batch_id: str) -> None: ...
    def cancel_batch_async(self, batch_id: str) -> None: ...
    def batch_websocket_url(self, batch_id: str) -> None: ...
    def list_batches(self, params: Any = None) -> None: ...
    def get_async_job_websocket_url(
        self,
        kind: str,
        job_id: str,
        *,
        interval_ms: int = 1,
        closeOnTerminal: bool = True,  # noqa: N803
    ) -> None: ...


def verify_async_webhook_signature(
    *, secret: str, payload: bytes, headers: Any, tolerance: int = 300, now: int = 0
) -> None: ...


MODULE = types.SimpleNamespace(verify_async_webhook_signature=verify_async_webhook_signature)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("create_batch", "createbatch"),
        ("CreateBatchAsync", "createbatch"),
        ("RetrieveBatch", "getbatch"),
        ("GetAsyncJobWebSocketURL", "getasyncjobwebsocketurl"),
        ("async", "async"),
    ],
)
def test_names_fold_to_what_languages_share(name: str, folded: str) -> None:
    assert fold(name) == folded


def test_every_method_of_the_contract_has_a_place() -> None:
    assert set(PLACES) == set(METHODS)


def test_methods_are_found_wherever_the_language_has_them() -> None:
    found = {name: find(name, Client(), MODULE) for name in METHODS}
    assert {name: one.spelling for name, one in found.items() if one} == {
        "createBatch": "createBatch",
        "getBatch": "retrieve_batch",
        "cancelBatch": "cancel_batch_async",
        "getAsyncJobWebSocketUrl": "get_async_job_websocket_url",
        "batches.create": "batches.create",
        "batches.get": "batches.retrieve",
        "batches.websocketUrl": "batches.websocketUrl",
        "listBatches": "list_batches",
        "verifyAsyncWebhookSignature": "verify_async_webhook_signature",
    }


def test_a_resource_comes_before_the_client() -> None:
    client = Client()
    del client.batches
    found = find("batches.websocketUrl", client, MODULE)
    assert found is not None
    assert found.spelling == "batch_websocket_url"


def test_of_two_names_the_plainer_one_is_taken() -> None:
    both = types.SimpleNamespace(
        get_batch_async=print, get_batch=repr, retrieve_batch=print, get_batches=print
    )
    found = find("getBatch", both, None)
    assert found is not None
    assert (found.spelling, found.function) == ("get_batch", repr)


def test_what_cannot_be_called_is_no_method() -> None:
    assert find("getBatch", types.SimpleNamespace(get_batch="yes"), None) is None


def arguments(method: str, **args: Any) -> Any:
    found = find(method, Client(), MODULE)
    assert found is not None
    return native_arguments(method, found.function, args)


@pytest.mark.parametrize(
    ("method", "args", "native"),
    [
        ("createBatch", {"request": {"a": None}}, ([{"a": None}], {})),
        ("createBatch", {}, ([], {})),
        ("batches.create", {"request": {"endpoint": "e"}}, ([], {"endpoint": "e"})),
        ("getBatch", {"batch_id": None}, ([None], {})),
        ("getBatch", {}, ([], {})),
        ("listBatches", {}, ([], {})),
        ("listBatches", {"params": {"limit": 2}}, ([{"limit": 2}], {})),
        (
            "getAsyncJobWebSocketUrl",
            {"kind": "batch", "job_id": "b", "options": {"close_on_terminal": False}},
            (["batch", "b"], {"closeOnTerminal": False}),
        ),
        ("getAsyncJobWebSocketUrl", {"kind": "batch", "options": {}}, (["batch"], {})),
        (
            "batches.websocketUrl",
            {"batch_id": "b", "options": {"interval_ms": 0}},
            (["b"], {"options": {"interval_ms": 0}}),
        ),
    ],
)
def test_arguments_are_handed_on_as_the_function_wants_them(
    method: str, args: dict[str, Any], native: Any
) -> None:
    assert arguments(method, **args) == native


def test_a_signature_is_verified_over_bytes_and_a_mapping_of_headers() -> None:
    given = {"secret": "s", "body_base64": "/w==", "headers": [["a", "1"]]}
    assert arguments("verifyAsyncWebhookSignature", **given, tolerance_seconds=None) == (
        [],
        {"secret": "s", "payload": b"\xff", "headers": {"a": "1"}, "tolerance": None},
    )


def test_a_header_that_stands_twice_makes_pairs() -> None:
    _, named = arguments("verifyAsyncWebhookSignature", headers=[["a", "1"], ["a", "2"]])
    assert named == {"headers": [("a", "1"), ("a", "2")]}


def test_a_function_without_a_signature_takes_what_is_given_in_order() -> None:
    assert native_arguments("createBatch", dict.fromkeys, {"request": {}}) == ([{}], {})
