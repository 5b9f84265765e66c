"""The base class: one method, and an adapter is there."""

import asyncio
import platform
import types
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters import Result, SdkError, Unsupported
from conformance.adapters.base import PackageAdapter, typed


class Batches:
    def retrieve(self, batch_id: str) -> dict[str, Any]:
        if batch_id == "missing":
            raise KeyError(batch_id)
        return {"id": batch_id}


class Client:
    closed = 0

    def __init__(self, base_url: str, api_key: str | None = None, timeout: float = 60.0) -> None:
        if base_url.startswith("ftp"):
            raise ValueError("no such scheme")
        self.settings = (base_url, api_key, timeout)
        self.batches = Batches()

    async def get_batch(self, batch_id: str) -> dict[str, Any]:
        if batch_id == "late":
            raise TimeoutError("too late")
        return {"id": batch_id}

    def close(self) -> None:
        Client.closed += 1


class Acme(PackageAdapter):
    package = "pytest"

    def client(self, **settings: Any) -> Client:
        return Client(**settings)


class Slow(Acme):
    options = ("base_url",)
    concurrency = 8
    timeout_default = None


URL = "http://127.0.0.1:1/v1"


def test_hello_says_what_is_installed_and_what_was_found() -> None:
    before = Client.closed
    assert Acme().hello() == {
        "sdk": "pytest",
        "version": metadata.version("pytest"),
        "language": "python",
        "runtime": f"{platform.python_implementation()} {platform.python_version()}",
        "methods": {"getBatch": "get_batch", "batches.get": "batches.retrieve"},
        "options": ["base_url", "api_key", "timeout", "env"],
        "concurrency": 1,
    }
    assert Client.closed == before + 1


def test_what_a_subclass_knows_better_it_says() -> None:
    hello = Slow().hello()
    assert hello["options"] == ["base_url"]
    assert (hello["concurrency"], hello["timeout_default"]) == (8, None)


def test_a_package_that_is_not_there_has_no_hello() -> None:
    class Gone(Acme):
        package = "acme-that-is-nowhere"

    with pytest.raises(metadata.PackageNotFoundError):
        Gone().hello()


def test_an_sdk_that_does_not_import_has_no_methods_and_builds_no_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme_torn.py").write_text("import acme_that_is_nowhere", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    class Torn(Acme):
        module = "acme_torn"

        def client(self, **settings: Any) -> Any:
            return self.sdk.Client(**settings)

    assert Torn().hello()["methods"] == {}
    with pytest.raises(SdkError, match="No module named 'acme_that_is_nowhere'") as caught:
        Torn().open({"base_url": URL})
    assert caught.value.kind == "other"


def test_functions_of_the_named_module_are_methods(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme_whole.py").write_text(
        "def compute_async_webhook_signature(secret, timestamp, body): return 'ab'", "utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    class Whole(Acme):
        module = "acme_whole"

    assert "computeAsyncWebhookSignature" in Whole().hello()["methods"]
    assert "computeAsyncWebhookSignature" not in Acme().hello()["methods"]


def test_an_adapter_that_names_no_module_has_no_sdk() -> None:
    with pytest.raises(AttributeError, match="Acme names no module"):
        Acme().sdk  # noqa: B018


def test_a_client_gets_what_is_given_and_nothing_else() -> None:
    made = Acme().open({"base_url": URL, "api_key": None})
    assert isinstance(made, Client)
    assert made.settings == (URL, None, 60.0)
    made = Acme().open({"base_url": URL, "api_key": "k", "timeout": 1.5})
    assert isinstance(made, Client)
    assert made.settings == (URL, "k", 1.5)


def test_a_key_that_is_left_to_the_sdk_is_no_argument() -> None:
    class Told(Acme):
        def client(self, **settings: Any) -> Any:
            return settings

    assert Told().open({"base_url": URL, "api_key": None}) == {"base_url": URL}


def test_a_client_that_cannot_be_built_says_the_kind() -> None:
    with pytest.raises(SdkError) as caught:
        Acme().open({"base_url": "ftp://h"})
    assert (caught.value.kind, caught.value.type) == ("argument", "ValueError")


def test_a_class_that_builds_no_client_says_so() -> None:
    with pytest.raises(SdkError, match="PackageAdapter does not say how to build its client"):
        PackageAdapter().open({"base_url": URL})


def test_calls_go_to_the_native_method() -> None:
    client = Client(URL)
    assert Acme().call(client, "batches.get", {"batch_id": "b"}) == {"id": "b"}
    assert asyncio.run(Acme().call(client, "getBatch", {"batch_id": "b"})) == {"id": "b"}


def test_what_a_method_raises_is_an_error_of_the_sdk() -> None:
    client = Client(URL)
    with pytest.raises(SdkError) as caught:
        Acme().call(client, "batches.get", {"batch_id": "missing"})
    assert (caught.value.kind, caught.value.type) == ("other", "KeyError")
    with pytest.raises(SdkError) as caught:
        asyncio.run(Acme().call(client, "getBatch", {"batch_id": "late"}))
    assert caught.value.kind == "timeout"
    with pytest.raises(SdkError) as caught:
        Acme().call(client, "batches.get", {})
    assert caught.value.kind == "argument"


def test_what_the_sdk_does_not_have_is_unsupported() -> None:
    with pytest.raises(Unsupported) as caught:
        Acme().call(Client(URL), "cancelBatch", {"batch_id": "b"})
    assert (caught.value.method, caught.value.reason) == (
        "cancelBatch",
        "pytest has no such method",
    )


def test_a_client_without_close_needs_none() -> None:
    assert Acme().close(object()) is None


class Model:
    model_fields_set = frozenset({"id"})

    def model_dump(self, **how: Any) -> dict[str, Any]:
        assert how == {"exclude_unset": True, "by_alias": True, "warnings": False}
        return {"id": "b"}


@dataclass
class Record:
    id: str
    errors: None = None


def test_typed_models_become_what_was_set() -> None:
    assert typed(Model()) == Result({"id": "b"}, "Model", {"id": "b"})
    assert typed(Record("b")) == Result({"id": "b", "errors": None}, "Record")
    mapped = types.SimpleNamespace(to_dict=lambda: {"id": "b"})
    assert typed(mapped) == Result({"id": "b"}, "SimpleNamespace")
    assert typed({"id": "b"}) == {"id": "b"}
