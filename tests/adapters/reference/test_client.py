import json
from email.message import Message
from typing import Any

import pytest

from conformance.adapters.reference.client import Client
from conformance.adapters.reference.wire import Answer, AnswerNotDecoded, ApiError, Request
from conformance.addresses import address_of, all_decoded
from conformance.resources import vectors_dir

URLS = json.loads((vectors_dir() / "websocket-urls.json").read_text("utf-8"))


class Kept(Client):
    """Keeps what it would send, and is answered with an object."""

    def exchange(self, request: Request) -> Answer:
        self.sent = request
        return answer(b'{"id": "b"}')


def answer(content: bytes, status: int = 200) -> Answer:
    return Answer(status, Message(), content)


def parts(url: str) -> Any:
    """A URL as two of them are compared: a port of the scheme is none, segments are decoded."""
    found = address_of(url)
    assert found is not None
    port = None if found.port in {80, 443} else found.port
    return found.scheme, found.host, port, all_decoded(found.segments), sorted(found.pairs)


@pytest.fixture
def client() -> Kept:
    return Kept(base_url="http://h/v1//", api_key="k")


@pytest.mark.parametrize("vector", URLS, ids=lambda vector: str(vector.get("id")))
def test_stream_urls_are_those_of_the_vectors(vector: Any) -> None:
    made = Client(base_url=vector["base_url"], api_key="k")
    options = {name: one for name, one in vector["options"].items() if one is not None}
    if vector["expected"] is None:
        with pytest.raises(ValueError, match="id"):
            made.get_async_job_websocket_url(vector["kind"], vector["id"], **options)
    else:
        found = made.get_async_job_websocket_url(vector["kind"], vector["id"], **options)
        assert parts(found) == parts(vector["expected"])


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda client: client.create_batch({"a": None}), ("POST", "/batches", b'{"a": null}')),
        (lambda client: client.batches.get("a/b?c"), ("GET", "/batches/a%2Fb%3Fc", None)),
        (lambda client: client.cancel_batch("b"), ("POST", "/batches/b/cancel", None)),
        (lambda client: client.list_batches(), ("GET", "/batches", None)),
        (
            lambda client: client.batches.list({"s": ["x", "y z"], "n": None, "t": True}),
            ("GET", "/batches?s=x&s=y+z&t=true", None),
        ),
        (lambda client: client.list_batch_models(), ("GET", "/batches/models", None)),
    ],
)
def test_a_call_is_its_one_request(call: Any, line: Any, client: Kept) -> None:
    assert call(client) == {"id": "b"}
    assert (client.sent.method, client.sent.target, client.sent.content) == line


@pytest.mark.parametrize("batch_id", ["", "  ", ".", "..", None])
def test_an_id_that_is_no_segment_is_refused(batch_id: Any, client: Kept) -> None:
    with pytest.raises(ValueError, match="an id"):
        client.get_batch(batch_id)
    assert not hasattr(client, "sent")


def test_headers_have_key_agent_and_type(client: Kept) -> None:
    common = {
        "Authorization": "Bearer k",
        "Accept": "application/json",
        "User-Agent": "reference-sdk/1.0.0",
    }
    assert client.headers(Request("GET", "")) == common
    with_body = client.headers(Request("POST", "", content=b"{}"))
    assert with_body == {**common, "Content-Type": "application/json"}


@pytest.mark.parametrize("content", [b"text", b"[1]", b"null", b'{"a"'])
def test_a_success_that_is_no_object_is_an_error(content: bytes, client: Kept) -> None:
    with pytest.raises(AnswerNotDecoded):
        client.result(answer(content))


def test_a_refusal_shows_status_and_body(client: Kept) -> None:
    with pytest.raises(ApiError, match="HTTP 404") as caught:
        client.result(answer(b'{"error": "x"}', 404))
    assert (caught.value.status, caught.value.body) == (404, {"error": "x"})
    assert client.result(answer(b"", 204)) is None


def test_a_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Client.key_variables:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match="AI_STATS_API_KEY"):
        Client(base_url="http://h")
    monkeypatch.setenv("PHASEO_API_KEY", "p")
    assert Client(base_url="http://h").key == "p"


@pytest.mark.parametrize("base_url", ["", "h/v1", "ftp://h", "http://"])
def test_a_base_that_is_no_url_is_refused(base_url: str) -> None:
    with pytest.raises(ValueError, match="a base URL begins with"):
        Client(base_url=base_url, api_key="k")
