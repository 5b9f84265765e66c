"""Exceptions of Python SDKs by the kinds of the contract."""

import email.message
import http.client
import io
import json
import urllib.error
from typing import Any

import httpx
import pytest

from conformance.adapters.failures import sdk_error


class Answered(Exception):
    def __init__(self, **shown: Any) -> None:
        super().__init__("HTTP")
        self.__dict__ |= shown


class APIConnectionError(Exception):
    pass


class APITimeoutError(APIConnectionError):
    pass


class APIResponseValidationError(Exception):
    status_code = 200


def unicode_error(kind: str) -> UnicodeError:
    try:
        return "ü".encode("ascii") and UnicodeError() if kind == "encode" else _decoded()
    except UnicodeError as error:
        return error


def _decoded() -> UnicodeError:
    b"\xff".decode()
    return UnicodeError()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError("timed out"), "timeout"),
        (urllib.error.URLError(TimeoutError("timed out")), "timeout"),
        (httpx.ReadTimeout("late"), "timeout"),
        (APITimeoutError(), "timeout"),
        (APIConnectionError(), "transport"),
        (urllib.error.URLError(ConnectionRefusedError(111, "refused")), "transport"),
        (http.client.RemoteDisconnected("gone"), "transport"),
        (httpx.RemoteProtocolError("gone"), "transport"),
        (json.JSONDecodeError("bad", "{", 1), "parse"),
        (unicode_error("decode"), "parse"),
        (APIResponseValidationError(), "parse"),
        (unicode_error("encode"), "argument"),
        (ValueError("no id"), "argument"),
        (TypeError("no id"), "argument"),
        (http.client.InvalidURL("control characters"), "argument"),
        (httpx.InvalidURL("control characters"), "argument"),
        (KeyError("id"), "other"),
        (Answered(status_code="404"), "other"),
        (Answered(status_code=True), "other"),
        (Answered(code=3), "other"),
    ],
)
def test_the_kind_is_what_the_error_says_of_itself(error: Exception, kind: str) -> None:
    found = sdk_error(error)
    assert (found.kind, found.status, found.message) == (kind, None, str(error))


@pytest.mark.parametrize("name", ["status_code", "status", "code"])
def test_a_status_makes_it_an_answer(name: str) -> None:
    found = sdk_error(Answered(**{name: 404, "body": {"error": "no"}, "headers": {"a": "b"}}))
    assert (found.kind, found.status, found.body) == ("http", 404, {"error": "no"})
    assert found.headers == [("a", "b")]
    assert found.type.endswith(".Answered")


def test_a_redirect_that_is_not_followed_is_an_answer() -> None:
    assert sdk_error(Answered(status=302)).status == 302


def test_the_body_of_a_urllib_error_is_read() -> None:
    headers = email.message.Message()
    headers["Retry-After"] = "7"
    error = urllib.error.HTTPError("http://h/", 429, "no", headers, io.BytesIO(b'{"error":"x"}'))
    found = sdk_error(error)
    assert (found.kind, found.status, found.body) == ("http", 429, '{"error":"x"}')
    assert found.headers == [("Retry-After", "7")]


def test_body_and_headers_may_stand_in_the_response() -> None:
    response = httpx.Response(500, headers={"a": "b"}, text="no")
    found = sdk_error(Answered(status_code=500, response=response))
    assert found.body == "no"
    assert ("a", "b") in list(found.headers or ())


def test_a_body_of_bytes_is_text_and_one_without_a_form_is_left_out() -> None:
    assert sdk_error(Answered(status=500, response_body=b"n\xc3\xbc")).body == "nü"
    assert sdk_error(Answered(status=500, body=object())).body is None


def test_a_body_that_is_gone_already_is_no_further_error() -> None:
    def read() -> bytes:
        raise OSError("closed")

    found = sdk_error(Answered(status=500, read=read))
    assert (found.status, found.body) == (500, None)
