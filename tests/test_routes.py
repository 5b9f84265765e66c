"""Routes: the operation of a request is read off method and path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.routes import Route, canonical_status, is_batch_id, is_file_id, route_of


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/v1/batches", Route("list", prefix="/batches")),
        ("POST", "/v1/batch", Route("create", prefix="/batch")),
        ("GET", "/v1/batches/models", Route("models", prefix="/batches")),
        ("GET", "/v1/batches/a%2Fb", Route("get", "a/b", "/batches")),
        ("POST", "/gw/v1/batch/x/cancel", Route("cancel", "x", "/batch")),
        ("POST", "/v1/files", Route("upload")),
        ("GET", "/v1/files", Route("file-list")),
        ("GET", "/v1/files/f", Route("file", "f")),
        ("GET", "/v1/files/f/content", Route("content", "f")),
        ("GET", "/v1/credits", Route("credits")),
        ("GET", "/v1/async/batch/b/ws", Route("stream", "b")),
        ("OPTIONS", "/v1/batches", Route("preflight")),
        ("OPTIONS", "/v1/anything/at/all", Route("preflight")),
    ],
)
def test_a_documented_route_is_known(method: str, path: str, route: Route) -> None:
    assert route_of(method, path) == route
    assert route_of(method, path).documented


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/batches"),
        ("GET", "/v1"),
        ("GET", "/v1/"),
        ("GET", "/v1/batches/"),
        ("GET", "/v1//batches"),
        ("POST", "/v1/batches/models"),
        ("DELETE", "/v1/batches/x"),
        ("POST", "/v1/batches/x/stop"),
        ("GET", "/v1/batches/x/cancel"),
        ("POST", "/v1/batches/x/cancel/y"),
        ("GET", "/v1/files/f/other"),
        ("DELETE", "/v1/files/f"),
        ("POST", "/v1/async/batch/b/ws"),
        ("POST", "/v1/credits"),
        ("GET", "/v1/models"),
        ("OPTIONS", "/batches"),
    ],
)
def test_everything_else_is_unknown(method: str, path: str) -> None:
    assert route_of(method, path) == Route("unknown")
    assert not route_of(method, path).documented


@given(st.text(), st.text())
def test_every_method_and_path_has_a_route(method: str, path: str) -> None:
    assert isinstance(route_of(method, path), Route)


@pytest.mark.parametrize(
    ("status", "word"),
    [("canceled", "cancelled"), ("cancelled", "cancelled"), ("x", "x"), (None, None), (1, None),
     ([], None), ({}, None)],
)  # fmt: skip
def test_one_spelling_of_cancelled(status: object, word: str | None) -> None:
    assert canonical_status(status) == word


@pytest.mark.parametrize("word", ["batch_1", "a.b", "x" * 256, "ba%2Ftch", "50%", "a:b?c#d"])
def test_printable_text_of_one_segment_can_be_an_id(word: str) -> None:
    assert (is_file_id(word), is_batch_id(word)) == (True, True)


@pytest.mark.parametrize(
    "value",
    [None, 7, True, ["b"], {"id": "b"}, "", ".", "..", "../b", "a/b", "a\\b", "a b", "b\n", "\x00",
     "x" * 257, "ü", "\ud800"],
)  # fmt: skip
def test_what_would_lead_elsewhere_is_no_id(value: object) -> None:
    assert (is_file_id(value), is_batch_id(value)) == (False, False)


def test_the_word_of_the_model_list_is_no_batch() -> None:
    assert (is_file_id("models"), is_batch_id("models")) == (True, False)
