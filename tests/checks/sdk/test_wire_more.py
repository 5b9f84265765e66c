from typing import Any

import pytest

from conformance.testing_sdk import KEY, OTHER, OWN, failed, opened, returned, wire

BATCH = {"id": "b"}
REQUEST = {"input_file_id": "file_1", "endpoint": "/v1/responses"}


def get(target: str, *more: Any) -> Any:
    return returned("getBatch", wire(f"GET {target}", answer=BATCH), *more, batch_id="b")


@pytest.mark.parametrize(
    ("base", "target", "broken"),
    [
        ("/v1", "/v1/batches/b", 0),
        ("/v1/", "/v1/batches/b", 0),
        ("/v1//", "/v1/batches/b", 0),
        ("/v1/", "/v1//batches/b", 1),
        ("/v1//", "/v1///batches/b", 1),
        ("/a%20b/v1", "/a%20b/v1/batches/b", 0),
        ("/a%20b/v1", "/v1/batches/b", 1),
        ("/a/v1/", "/batches/b", 1),
        ("", "/batches/b", 0),
        ("/", "//batches/b", 1),
    ],
)
def test_a_base_is_kept_without_its_last_slashes(
    base: str, target: str, broken: int, count: Any
) -> None:
    clients = [opened(base_url=OWN + base)]
    assert count("WIRE-18", get(target), clients=clients) == (1, broken)


def test_odd_ids_say_nothing_of_the_base(count: Any) -> None:
    call = returned("getBatch", wire("GET /v1/", answer=BATCH), batch_id="..")
    assert count("WIRE-18", call) == (0, 0)


def test_nothing_else_is_sent(count: Any) -> None:
    look_up = wire("GET /v1/models?id=x", answer={})
    post = wire("POST /v1/batches", REQUEST, answer=BATCH)
    assert count("WIRE-21", returned("createBatch", post, request=REQUEST)) == (1, 0)
    for sent in ((look_up, post), (post, look_up)):
        assert count("WIRE-21", returned("createBatch", *sent, request=REQUEST)) == (1, 1)
    again = wire("POST /v1/batches", REQUEST, status=500)
    assert count("WIRE-21", returned("createBatch", again, post, request=REQUEST)) == (1, 0)
    assert count("WIRE-21", failed("createBatch", kind="argument", request=REQUEST)) == (0, 0)


def posts(*keys: str | None, status: int = 500) -> Any:
    sent = [
        wire(
            "POST /v1/batches",
            REQUEST,
            status=status,
            more=((("Idempotency-Key", key),) if key else ()),
        )
        for key in keys
    ]
    return failed("createBatch", *sent, kind="http", request=REQUEST)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (posts(None), (1, 0)),
        (posts("k"), (1, 0)),
        (posts("k", "k"), (1, 0)),
        (posts(None, None), (1, 1)),
        (posts("k", "l"), (1, 1)),
        (posts("k", None), (1, 1)),
        (posts(None, None, status=0), (1, 1)),
        (posts(None, None, status=429), (1, 1)),
        (posts(None, status=200), (0, 0)),
    ],
)
def test_a_failed_create_is_not_repeated(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-22", call) == expected


def redirect(to: str, status: int = 302, line: str = "GET /v1/batches/b") -> Any:
    return wire(line, status=status, to=to)


def there(key: str | None, origin: str = OTHER, line: str = "GET /x") -> Any:
    return wire(line, answer=BATCH, key=key, origin=origin)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([redirect(f"{OTHER}/x"), there(None)], (1, 0)),
        ([redirect(f"{OTHER}/x"), there(KEY)], (1, 1)),
        ([redirect(f"{OTHER}/x")], (1, 0)),
        ([redirect(f"{OWN}/x"), there(KEY, OWN)], (0, 0)),
        ([redirect("/x"), there(KEY, OWN)], (0, 0)),
        ([redirect(f"{OWN}/y"), redirect(f"{OTHER}/x", line="GET /y"), there(KEY)], (1, 1)),
    ],
)
def test_the_key_stays_with_its_host(sent: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-23", returned("getBatch", *sent, batch_id="b")) == expected


CANCEL = "POST /v1/batches/b/cancel"


def moved(status: int, *later: Any) -> Any:
    first = redirect(f"{OWN}/x", status, CANCEL)
    return returned("cancelBatch", first, *later, value=BATCH, batch_id="b")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_post_stays_a_post(status: int, count: Any) -> None:
    assert count("WIRE-24", moved(status, there(KEY, OWN, "POST /x"))) == (1, 0)
    assert count("WIRE-24", moved(status, there(KEY, OWN, "GET /x"))) == (1, 1)
    assert count("WIRE-24", moved(status)) == (1, 1)
    first = redirect(f"{OWN}/x", status, CANCEL)
    assert count("WIRE-24", failed("cancelBatch", first, kind="http", batch_id="b")) == (1, 0)
    assert count("WIRE-24", get("/v1/batches/b")) == (0, 0)
