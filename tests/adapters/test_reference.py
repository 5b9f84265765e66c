"""The adapter of the reference SDK."""

from typing import Any

import pytest

from conformance.adapters import METHODS, SdkError, Unsupported
from conformance.adapters.reference import ReferenceAdapter

SETTINGS: Any = {"base_url": "http://127.0.0.1:9/v1", "api_key": "k"}


def test_every_method_of_the_contract_is_there() -> None:
    adapter = ReferenceAdapter()
    assert adapter.hello()["methods"].keys() == set(METHODS)


def test_options_and_bodies_are_translated() -> None:
    adapter = ReferenceAdapter()
    client = adapter.open(SETTINGS)
    url = adapter.call(
        client, "batches.websocketUrl", {"batch_id": "b", "options": {"interval_ms": 5}}
    )
    signature = adapter.call(
        client, "computeAsyncWebhookSignature", {"secret": "s", "timestamp": "1", "body_base64": ""}
    )
    assert url == "ws://127.0.0.1:9/v1/async/batch/b/ws?interval_ms=5"
    assert len(signature) == 64


def test_failures_have_the_kinds_of_the_contract() -> None:
    adapter = ReferenceAdapter()
    client = adapter.open(SETTINGS)
    for args in ({}, {"batch_id": ""}):
        with pytest.raises(SdkError) as caught:
            adapter.call(client, "getBatch", args)
        assert caught.value.kind == "argument"
    with pytest.raises(SdkError) as caught:
        adapter.open({**SETTINGS, "base_url": "nowhere"})
    assert caught.value.kind == "argument"


def test_what_is_no_method_is_unsupported() -> None:
    adapter = ReferenceAdapter()
    with pytest.raises(Unsupported):
        adapter.call(adapter.open(SETTINGS), "batches.delete", {})
