"""The doctor: whose fault is it? Adapters of SDKs that go wrong in one place each."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest

from conformance.adapters import SdkError, Unsupported
from conformance.doctor import Symptom, examine
from conformance.targets.adapter import AdapterHost
from conformance.targets.hosting import SdkLimits

HELLO = {
    "sdk": "acme",
    "version": "1",
    "language": "python",
    "runtime": "x",
    "methods": {
        "createBatch": "create_batch",
        "batches.get": "batches.get",
        "getAsyncJobWebSocketUrl": "url",
    },
    "options": [],
    "concurrency": 1,
}
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Acme:
    """A good adapter of a good SDK; `flaw` is what is wrong."""

    def __init__(self, flaw: str = "") -> None:
        self.flaw = flaw

    def hello(self) -> Any:
        if self.flaw == "no-hello":
            raise RuntimeError("no SDK here")
        return HELLO if self.flaw != "no-methods" else {**HELLO, "methods": {}}

    def open(self, settings: Any) -> object:
        if self.flaw == "no-client":
            raise TypeError("unexpected keyword 'base_url'")
        return settings["base_url"]

    def close(self, client: object) -> object:
        if self.flaw == "no-close":
            raise OSError("stuck")
        return None

    def call(self, client: Any, method: str, args: Mapping[str, Any]) -> Any:
        step = {"createBatch": self.create, "batches.get": self.get}.get(method, self.url)
        return step(client, args)

    def create(self, base: str, args: Mapping[str, Any]) -> Any:
        if self.flaw == "stand-in":
            return {"status": "coming soon"}
        if self.flaw == "unsupported":
            raise Unsupported("createBatch", "not yet")
        if self.flaw == "no-arguments":
            raise SdkError("argument", "TypeError", "missing request")
        if self.flaw == "object":
            return object()
        body = {"model": "mine"} if self.flaw == "other-body" else args["request"]
        path = "/batch" if self.flaw == "other-path" else "/batches"
        value = self.send("POST", base + path, body)
        if self.flaw == "sent-argument":
            raise SdkError("argument", "ValueError", "no")
        if self.flaw == "good-is-error":
            raise SdkError("parse", "ValueError", "no")
        return {"nothing": None, "no-id": {}, "": value}.get(
            self.flaw if self.flaw in {"nothing", "no-id"} else ""
        )

    def get(self, base: str, args: Mapping[str, Any]) -> Any:
        if self.flaw == "get-unsent":
            raise SdkError("transport", "OSError", "refused")
        prefix = "/batch" if self.flaw == "get-other" else "/batches"
        try:
            self.send("GET", f"{base}{prefix}/{args['batch_id']}")
        except urllib.error.HTTPError as error:
            if self.flaw == "swallows":
                return {}
            if self.flaw == "hides":
                raise SdkError("other", "AcmeError", "failed") from error
            status = 500 if self.flaw == "other-status" else error.code
            raise SdkError("http", "AcmeError", "failed", status) from error

    def url(self, base: str, args: Mapping[str, Any]) -> Any:
        if self.flaw == "url-fails":
            raise SdkError("argument", "ValueError", "no")
        if self.flaw == "url-sends":
            self.send("GET", f"{base}/batches")
        if self.flaw == "url-bytes":
            return [base]
        scheme = base if self.flaw == "url-http" else base.replace("http", "ws", 1)
        return f"{scheme}/async/{args['kind']}/{args['job_id']}/ws"

    def send(self, method: str, url: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        try:
            with OPENER.open(urllib.request.Request(url, data, method=method)) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            error.close()
            raise


def symptoms(flaw: str = "") -> list[Symptom]:
    async def go() -> list[Symptom]:
        return await examine(AdapterHost(Acme(flaw), "--adapter acme:Acme", SdkLimits()))

    return asyncio.run(go())


def test_a_good_adapter_of_a_good_sdk_is_well() -> None:
    found = symptoms()
    steps = ["hello", "open", "create", "get", "url", "exit"]
    assert [(one.step, one.blame) for one in found] == [(step, "") for step in steps]
    assert found[0].text == "acme 1, python, x: 3 methods, 1 at once"
    assert found[2].text == "createBatch: POST /v1/batches, returned a dict"
    assert found[3].text == (
        "batches.get: GET /v1/batches/batch_missing, AcmeError with status 404"
    )
    assert found[4].text.endswith("/v1/async/batch/batch_doctor/ws")


@pytest.mark.parametrize(
    ("flaw", "step", "blame", "text"),
    [
        ("no-hello", "hello", "adapter", "--adapter acme:Acme: hello: RuntimeError: no SDK here"),
        ("no-methods", "hello", "sdk", "acme 1, python, x: no method of the contract"),
        ("no-client", "open", "adapter", "builds no client: kind other TypeError: unexpected"),
        ("no-close", "close", "adapter", "kind other OSError: stuck"),
        ("stand-in", "create", "sdk", "createBatch: sent nothing in place of POST /v1/batches"),
        ("unsupported", "create", "adapter", "createBatch: declared in hello, and now unsupported"),
        ("no-arguments", "create", "adapter", "createBatch: nothing came to the recorder: kind ar"),
        ("object", "create", "adapter", "createBatch: kind protocol: --adapter acme:Acme: createB"),
        ("other-path", "create", "sdk", "createBatch: sent POST /v1/batch in place of POST /v1/ba"),
        ("other-body", "create", "sdk", "createBatch: sent a body that is not the one given: {'mo"),
        ("sent-argument", "create", "adapter", "createBatch: kind argument is for what was not s"),
        (
            "good-is-error",
            "create",
            "sdk",
            "createBatch: a good answer became an error: kind par",
        ),
        ("nothing", "create", "adapter", "createBatch: returned None in place of the batch that"),
        ("no-id", "create", "sdk", "createBatch: returned a batch without the answered id: {}"),
        ("get-unsent", "get", "adapter", "batches.get: nothing came to the recorder: kind transp"),
        ("get-other", "get", "sdk", "batches.get: sent GET /v1/batch/batch_missing in place of "),
        ("swallows", "get", "sdk", "batches.get: a 404 came back as a value: {}"),
        ("hides", "get", "sdk", "batches.get: the error hides its status, kind other AcmeError: "),
        ("other-status", "get", "adapter", "batches.get: status 500, the recorder answered 404"),
        ("url-fails", "url", "sdk", "getAsyncJobWebSocketUrl: builds no URL: kind argument Value"),
        ("url-sends", "url", "sdk", "getAsyncJobWebSocketUrl: a URL needs no request, but GET /v1"),
        ("url-bytes", "url", "adapter", "getAsyncJobWebSocketUrl: returned ['http://127.0.0.1:"),
        ("url-http", "url", "sdk", "getAsyncJobWebSocketUrl: no stream URL of batch_doctor: http"),
    ],
)
def test_what_is_wrong_is_told_with_whom_to_blame(
    flaw: str, step: str, blame: str, text: str
) -> None:
    (bad,) = [one for one in symptoms(flaw) if one.blame]
    assert (bad.step, bad.blame) == (step, blame)
    assert bad.text.startswith(text)


def test_what_is_not_offered_is_said_and_no_fault() -> None:
    found = [one.text for one in symptoms("no-methods")]
    assert "not offered: batches.websocketUrl or getAsyncJobWebSocketUrl" in found
