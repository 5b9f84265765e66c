from typing import Any

import pytest

from conformance.addresses import address_of
from conformance.checks.sdk import _stream_urls
from conformance.sdk_views import urls
from conformance.testing import observed
from conformance.testing_sdk import opened, returned, sdk


def one(base: str = "https://a.test/v1", value: Any = "", job_id: Any = "b", **args: Any) -> Any:
    given = {"kind": "batch", "job_id": job_id, **args}
    said = returned("getAsyncJobWebSocketUrl", value=value, **given)
    return urls(observed(*sdk(said, clients=[opened(base_url=base)])))[0]


@pytest.mark.parametrize(
    ("url", "schemes", "expected"),
    [
        ("wss://a.test:443/", (), None),
        ("ws://a.test:443/", (), 443),
        ("ws://a.test:443/", ("https",), None),
        ("ws://a.test:8787/", ("http",), 8787),
        ("ws://a.test/", (), None),
    ],
)
def test_a_default_port_is_none(url: str, schemes: tuple[str, ...], expected: Any) -> None:
    address = address_of(url)
    assert address is not None
    assert _stream_urls.port_of(address, *schemes) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"interval_ms": 0, "close_on_terminal": False},
         {"interval_ms": "0", "close_on_terminal": "false"}),
        ({"interval_ms": True, "close_on_terminal": 1}, {}),
        ({"interval_ms": -1, "close_on_terminal": None}, {}),
    ],
)  # fmt: skip
def test_good_options_are_pairs(options: dict[str, Any], expected: dict[str, str]) -> None:
    assert _stream_urls.query_of(options) == expected


@pytest.mark.parametrize(
    ("job_id", "refused"), [("", True), (" \n", True), (" .. ", True), (".", True), ("...", False)]
)
def test_some_ids_have_no_url(job_id: str, refused: object) -> None:
    assert _stream_urls.is_refused(job_id) is refused


@pytest.mark.parametrize(
    ("made", "usual"),
    [
        (one(), True),
        (one("wss://a.test"), True),
        (one("ws://a.test"), False),
        (one("https://a.test?x"), False),
        (one("https://u@a.test"), False),
        (one("https://a.test/a//b"), False),
        (one("a.test"), False),
        (one(job_id=None), False),
        (one(kind="a/b"), False),
    ],
)
def test_only_what_has_a_defined_url_is_usual(made: Any, usual: object) -> None:
    assert _stream_urls.is_usual(made) is usual


@pytest.mark.parametrize(
    ("value", "job_id", "whole"),
    [
        ("wss://a.test/v1/async/batch/b/ws", "b", True),
        ("wss://a.test/v1/async/batch/b/ws", " b ", True),
        ("wss://a.test/v1/async/batch/%20b%20/ws", " b ", True),
        ("wss://a.test/async/batch/b/ws", "b", True),
        ("wss://a.test/v1/async/video/b/ws", "b", False),
        ("no URL", "b", False),
    ],
)
def test_kind_and_id_have_a_segment_each(value: str, job_id: str, whole: object) -> None:
    assert _stream_urls.is_whole(one(value=value, job_id=job_id)) is whole
