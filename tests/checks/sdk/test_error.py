from typing import Any

import pytest

from conformance.testing_sdk import BASE, KEY, failed, hello, opened, refused, returned, wire

NOT_FOUND = {"error": "not_found", "request_id": "G-1"}
CREATED = wire("GET /v1/batches/b", answer={"id": "b"}, status=201)
GOOD = returned("getBatch", wire("GET /v1/batches/b", answer={"id": "b"}), batch_id="b")
CUT = wire("GET /v1/batches/b", status=0)


def answered(status: int = 404, answer: Any = NOT_FOUND, **more: Any) -> Any:
    return wire("GET /v1/batches/b", status=status, answer=answer, **more)


def fails(error: Any = None, **answer: Any) -> Any:
    return refused("getBatch", answered(**answer), error, batch_id="b")


def lost(**error: Any) -> Any:
    return failed("getBatch", CUT, kind="transport", error=error, batch_id="b")


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422, 429, 500, 501, 503])
def test_a_refusal_is_an_error(status: int, count: Any) -> None:
    assert count("ERROR-01", fails(status=status)) == (1, 0)
    swallowed = returned("getBatch", answered(status), batch_id="b")
    assert count("ERROR-01", swallowed) == (1, 1)


def test_the_last_attempt_decides(count: Any) -> None:
    again = returned("getBatch", answered(500), GOOD.sent[0], batch_id="b")
    assert count("ERROR-01", again, GOOD, lost()) == (0, 0)


@pytest.mark.parametrize(
    ("error", "broken"),
    [(None, 0), ({"status": 400}, 1), ({"status": None}, 1), ({"status": "404"}, 1)],
)
def test_an_error_has_the_status(error: Any, broken: int, count: Any) -> None:
    assert count("ERROR-02", fails(error)) == (1, broken)
    assert count("ERROR-02", lost(), GOOD) == (0, 0)


@pytest.mark.parametrize(
    ("body", "answer", "profile", "broken"),
    [
        (NOT_FOUND, NOT_FOUND, "ai-stats", 0),
        ('{"request_id": "G-1", "error": "not_found"}', NOT_FOUND, "ai-stats", 0),
        ("not_found", NOT_FOUND, "ai-stats", 1),
        (None, NOT_FOUND, "ai-stats", 1),
        ({}, NOT_FOUND, "ai-stats", 1),
        ("<html>\n", b"<html>\n\n", "ai-stats", 0),
        ("body: <html>", b"<html>", "ai-stats", 0),
        ("", b"<html>", "ai-stats", 1),
        ({"code": "x"}, {"error": {"code": "x"}}, "ai-stats", 0),
        ({"code": "x"}, {"error": {"code": "x"}, "request_id": "G"}, "ai-stats", 1),
        ({"code": "x"}, {"error": {"code": "x"}, "request_id": "G"}, "openai", 0),
        ({"code": "y"}, {"error": {"code": "x"}}, "openai", 1),
    ],
)
def test_an_error_has_the_body(
    body: Any, answer: Any, profile: str, broken: int, count: Any
) -> None:
    call = fails({"body": body}, answer=answer)
    assert count("ERROR-03", call, profile=profile) == (1, broken)


def test_a_message_may_hold_the_body(count: Any) -> None:
    page = b"<html>no gateway</html>"
    told = {"body": None, "message": "502 <html>no gateway</html>"}
    assert count("ERROR-03", fails(told, answer=page)) == (1, 0)
    assert count("ERROR-03", fails({**told, "message": "502"}, answer=page)) == (1, 1)


def test_an_empty_body_need_not_be_shown(count: Any) -> None:
    assert count("ERROR-03", fails({"body": None}, answer=b""), lost()) == (0, 0)


@pytest.mark.parametrize(
    ("name", "language", "broken"),
    [
        ("acme.errors.NotFound", "python", 0),
        ("urllib.error.HTTPError", "python", 1),
        ("httpx.HTTPStatusError", "python", 1),
        ("ValueError", "python", 1),
        ("AIStatsHttpError", "typescript", 0),
        ("Error", "typescript", 1),
        ("gen.HTTPError", "go", 0),
        ("*errors.errorString", "go", 1),
        ("System.Net.Http.HttpRequestException", "csharp", 1),
        ("http.Refused", "typescript", 0),
        (7, "python", 1),
    ],
)
def test_http_errors_have_their_own_class(
    name: Any, language: str, broken: int, count: Any
) -> None:
    says = hello(language=language)
    assert count("ERROR-04", fails({"type": name}), says=says) == (1, broken)


def test_a_refusal_and_a_lost_connection_are_told_apart(count: Any) -> None:
    assert count("ERROR-04", fails({"type": "acme.Error"}), lost(type="acme.Error")) == (1, 1)
    assert count("ERROR-04", fails({"type": "acme.Error"}), lost(type="acme.Lost")) == (1, 0)


WAIT = (("Retry-After", "1"),)


@pytest.mark.parametrize(
    ("headers", "broken"),
    [
        ([["retry-after", "1"]], 0),
        ({"Retry-After": "1"}, 0),
        ([["retry-after", "2"]], 1),
        ([], 1),
        (None, 1),
        ("retry-after: 1", 1),
        ([7], 1),
    ],
)
def test_an_error_has_the_headers(headers: Any, broken: int, count: Any) -> None:
    call = fails({"headers": headers}, status=429, headers=WAIT)
    assert count("ERROR-05", call) == (1, broken)
    assert count("ERROR-05", fails({"headers": []}), GOOD) == (0, 0)


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"bad gateway"])
def test_no_parsing_error_hides_a_refusal(body: bytes, count: Any) -> None:
    assert count("ERROR-06", fails(status=502, answer=body)) == (1, 0)
    hidden = failed("getBatch", answered(502, body), kind="parse", batch_id="b")
    assert count("ERROR-06", hidden) == (1, 1)
    assert count("ERROR-06", fails(), lost()) == (0, 0)


def test_the_message_names_the_status(count: Any) -> None:
    assert count("ERROR-07", fails({"message": "HTTP Error 404: gone"})) == (1, 0)
    assert count("ERROR-07", fails({"message": "gone"}), lost()) == (1, 1)


@pytest.mark.parametrize("name", ["type", "message", "repr"])
def test_errors_keep_the_key(name: str, count: Any) -> None:
    assert count("ERROR-08", lost(), fails(), GOOD) == (2, 0)
    assert count("ERROR-08", lost(**{name: f"key={KEY}"})) == (1, 1)


def test_a_cut_connection_is_an_error(count: Any) -> None:
    assert count("ERROR-09", lost()) == (1, 0)
    assert count("ERROR-09", lost(status=0)) == (1, 1)
    assert count("ERROR-09", returned("getBatch", CUT, batch_id="b")) == (1, 1)
    assert count("ERROR-09", GOOD, fails()) == (0, 0)
    again = returned("getBatch", CUT, GOOD.sent[0], batch_id="b")
    assert count("ERROR-09", again) == (0, 0)


def test_a_closed_port_is_an_error(count: Any) -> None:
    alone = [opened(origins=[])]
    refusal = failed("getBatch", kind="transport", batch_id="b")
    assert count("ERROR-09", refusal, clients=alone) == (1, 0)
    assert count("ERROR-09", returned("getBatch", value={}), clients=alone) == (1, 1)
    assert count("ERROR-09", refusal) == (0, 0)
    far = [opened(base_url="https://gateway.test/v1", origins=[])]
    assert count("ERROR-09", refusal, clients=far) == (0, 0)


def late(took_ms: int, kind: str = "", **error: Any) -> Any:
    if not kind:
        return returned("getBatch", GOOD.sent[0], took_ms=took_ms, batch_id="b")
    return failed("getBatch", CUT, kind=kind, took_ms=took_ms, error=error, batch_id="b")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (late(1010, "timeout"), (1, 0)),
        (late(1990, "other"), (1, 0)),
        (late(2100, "timeout"), (1, 1)),
        (late(4000), (1, 1)),
        (late(9000, "timeout", by="suite"), (1, 1)),
        (late(20), (0, 0)),
        (late(1020), (0, 0)),
        (late(20, "transport"), (0, 0)),
    ],
)
def test_a_timeout_bounds_a_call(call: Any, expected: Any, count: Any) -> None:
    clients = [opened(settings={"base_url": BASE, "api_key": KEY, "timeout": 1})]
    assert count("ERROR-10", call, clients=clients) == expected
    assert count("ERROR-10", call) == (0, 0)


@pytest.mark.parametrize(("default", "broken"), [(60, 0), (0.5, 0), (None, 1), (True, 1)])
def test_there_is_a_timeout_by_default(default: Any, broken: int, count: Any) -> None:
    assert count("ERROR-11", says=hello(timeout_default=default)) == (1, broken)


def test_an_unknown_default_is_not_judged(count: Any) -> None:
    unknown = hello()
    del unknown.detail["timeout_default"]
    assert count("ERROR-11", says=unknown) == (0, 0)
    clients = [opened(settings={"base_url": BASE, "timeout": 1})]
    assert count("ERROR-11", says=hello(timeout_default=None), clients=clients) == (0, 0)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([fails(), GOOD], (1, 0)),
        ([lost(), GOOD], (1, 0)),
        ([fails(), failed("getBatch", GOOD.sent[0], kind="other", batch_id="b")], (1, 1)),
        ([fails(), failed("getBatch", kind="other", batch_id="b")], (1, 1)),
        ([fails(), fails()], (0, 0)),
        ([fails(), failed("getBatch", CREATED, kind="http", batch_id="b")], (0, 0)),
        ([GOOD, GOOD], (0, 0)),
        ([fails(), failed("getBatch", kind="argument", batch_id="b")], (0, 0)),
    ],
)
def test_a_client_outlives_a_failure(calls: Any, expected: Any, count: Any) -> None:
    assert count("ERROR-12", *calls) == expected


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_unfollowed_redirect_is_an_error(status: int, count: Any) -> None:
    assert count("ERROR-13", fails(status=status, to="/x")) == (1, 0)
    assert count("ERROR-13", fails({"status": None}, status=status, to="/x")) == (1, 1)
    assert count("ERROR-13", returned("getBatch", answered(status, to="/x"))) == (1, 1)
    followed = returned("getBatch", answered(status, to="/x"), wire("GET /x", answer={}))
    assert count("ERROR-13", followed, fails(), GOOD) == (0, 0)
