import json
from typing import Any

import pytest

from conformance.resources import vectors_dir
from conformance.sdk_calls import is_plain_id
from conformance.testing_sdk import failed, opened, returned, sdk, wire

VECTORS = json.loads((vectors_dir() / "websocket-urls.json").read_text("utf-8"))
SECURE = "https://a.test/v1"
GOOD = "wss://a.test/v1/async/batch/b/ws"


def at(base_url: str) -> dict[str, Any]:
    return {"clients": [opened(base_url=base_url, origins=[])]}


def made(value: Any, batch_id: Any = "b", **options: Any) -> Any:
    return returned("batches.websocketUrl", value=value, batch_id=batch_id, options=options)


def refused(batch_id: Any = "b", **options: Any) -> Any:
    return failed("batches.websocketUrl", kind="argument", batch_id=batch_id, options=options)


def played(vector: Any, value: str | None) -> list[Any]:
    args = {"kind": vector["kind"], "job_id": vector["id"], "options": vector["options"]}
    if value is None:
        said = failed("getAsyncJobWebSocketUrl", kind="argument")
        said.call.arguments.update(args)
    else:
        said = returned("getAsyncJobWebSocketUrl", value=value, **args)
    return sdk(said, **at(vector["base_url"]))


@pytest.mark.parametrize("index", range(len(VECTORS)))
def test_the_expected_url_of_a_vector_breaks_nothing(index: int, broken: Any) -> None:
    assert broken(played(VECTORS[index], VECTORS[index]["expected"])) == set()


def test_there_are_53_vectors_of_which_4_are_refused() -> None:
    assert (len(VECTORS), sum(one["expected"] is None for one in VECTORS)) == (53, 4)


PLAIN = [one for one in VECTORS if one["expected"] and not one["base_url"].startswith("wss")]


@pytest.mark.parametrize("vector", PLAIN, ids=lambda one: one["note"][:30])
def test_another_part_than_expected_breaks_the_row_of_that_part(vector: Any, broken: Any) -> None:
    url = vector["expected"]
    scheme, _, rest = url.partition("://")
    is_plain = is_plain_id(vector["id"].strip())
    other = rest.replace("::1", "::2") if rest.startswith("[") else f"x.{rest}"
    assert broken(played(vector, f"{'ws' if scheme == 'wss' else 'wss'}://{rest}")) == {"URL-01"}
    assert broken(played(vector, f"{scheme}://{other}")) == {"URL-07"}
    assert broken(played(vector, url.replace("/async/", "/jobs/"))) == (
        {"URL-02"} if is_plain else set()
    )
    assert "URL-03" in broken(played(vector, url.replace("/ws", "/more/ws")))
    if "?" not in url:
        assert broken(played(vector, f"{url}?")) == ({"URL-04"} if is_plain else set())


@pytest.mark.parametrize("vector", [one for one in VECTORS if not one["expected"]])
def test_what_must_be_refused_is_not_made(vector: Any, broken: Any) -> None:
    value = f"wss://example.test/v1/async/batch/{vector['id']}/ws"
    assert broken(played(vector, value)) in ({"URL-08"}, {"ARGS-05"})


# What each of the published helpers makes of the vectors that it misses.
MISSED = {
    "dots folded": (SECURE, "..", {}, "wss://a.test/v1/async/ws", {"URL-08"}),
    "dots left": (SECURE, ".", {}, "wss://a.test/v1/async/batch/./ws", {"URL-08"}),
    "slash bare": (SECURE, "a/b", {}, "wss://a.test/v1/async/batch/a/b/ws", {"URL-03"}),
    "zero lost": (SECURE, "b", {"interval_ms": 0}, GOOD, {"URL-06"}),
    "TLS lost": ("wss://a.test/v1", "b", {}, "ws://a.test/v1/async/batch/b/ws", {"URL-15"}),
    "TLS lost again": ("HTTPS://A.TEST/v1", "b", {}, GOOD.replace("wss", "ws"), {"URL-01"}),
    "order": (
        SECURE,
        "b",
        {"interval_ms": 1, "close_on_terminal": True},
        f"{GOOD}?close_on_terminal=true&interval_ms=1",
        {"URL-13"},
    ),
}


@pytest.mark.parametrize("name", MISSED)
def test_what_published_helpers_make_breaks_one_row(name: str, broken: Any) -> None:
    base, batch_id, options, value, rows = MISSED[name]
    assert broken(sdk(made(value, batch_id, **options), **at(base))) == rows


@pytest.mark.parametrize(
    ("row", "call", "expected"),
    [
        ("URL-01", made(GOOD), (1, 0)),
        ("URL-01", made("ws://a.test/v1/async/batch/b/ws"), (1, 1)),
        ("URL-01", made("a.test/v1/async/batch/b/ws"), (1, 1)),
        ("URL-01", refused(), (0, 0)),
        ("URL-02", made(GOOD), (1, 0)),
        ("URL-02", made("wss://a.test/v1//async/batch/b/ws"), (1, 1)),
        ("URL-02", made("wss://a.test/async/batch/b/ws"), (1, 1)),
        ("URL-02", made("wss://a.test/v1/async/batches/b/ws"), (1, 1)),
        ("URL-02", made(f"{GOOD}/"), (1, 1)),
        ("URL-02", made(f"{GOOD}#x"), (1, 1)),
        ("URL-02", made(GOOD, "a/b"), (0, 0)),
        ("URL-03", made("wss://a.test/v1/async/batch/a%2Fb/ws", "a/b"), (1, 0)),
        ("URL-03", made("wss://a.test/v1/async/batch/a%2fb/ws", "a/b"), (1, 0)),
        ("URL-03", made("wss://a.test/v1/async/batch/a/b/ws", "a/b"), (1, 1)),
        ("URL-03", made("wss://a.test/v1/async/batch/a%2Fb/ws", "a%2Fb"), (1, 1)),
        ("URL-03", made("wss://a.test/v1/async/batch/100%/ws", "100%"), (1, 1)),
        ("URL-03", made("wss://a.test/v1/async/batch/ü/ws", "ü"), (1, 1)),
        ("URL-03", made("wss://a.test/v1/async/batch/%FC/ws", "ü"), (1, 1)),
        ("URL-03", made("wss://a.test/v1/async/batch/a b/ws", "a b"), (1, 1)),
        ("URL-03", made("wss://a.test/v1/async/batch/a\\b/ws", "a\\b"), (1, 1)),
        ("URL-03", made("wss://a.test/v1/async/batch/a\tb/ws", "a\tb"), (1, 1)),
        ("URL-03", made("wss://a.test/v1/async/batch/a?b#c/ws", "a?b#c"), (1, 1)),
        ("URL-03", made("wss://a.test/v1/async/batch/a+b/ws", "a+b"), (1, 0)),
        ("URL-03", made("wss://a.test/v1/async/batch/a+b/ws", "a b"), (1, 1)),
        ("URL-03", made(GOOD, ".."), (0, 0)),
        ("URL-04", made(GOOD), (1, 0)),
        ("URL-04", made(f"{GOOD}?"), (1, 1)),
        ("URL-04", made(f"{GOOD}?interval_ms=2500"), (1, 1)),
        ("URL-04", made(GOOD, interval_ms=None), (1, 0)),
        ("URL-04", made(f"{GOOD}?interval_ms=null", interval_ms=None), (1, 1)),
        ("URL-04", made(f"{GOOD}?close_on_terminal=true", close_on_terminal=True), (1, 0)),
        ("URL-04", refused(), (0, 0)),
        ("URL-05", made(f"{GOOD}?close_on_terminal=true", close_on_terminal=True), (1, 0)),
        ("URL-05", made(f"{GOOD}?close_on_terminal=false", close_on_terminal=False), (1, 0)),
        ("URL-05", made(f"{GOOD}?close_on_terminal=True", close_on_terminal=True), (1, 1)),
        ("URL-05", made(f"{GOOD}?close_on_terminal=0", close_on_terminal=False), (1, 1)),
        ("URL-05", made(GOOD, close_on_terminal=False), (1, 1)),
        ("URL-05", made(GOOD), (0, 0)),
        ("URL-06", made(f"{GOOD}?interval_ms=1500", interval_ms=1500), (1, 0)),
        ("URL-06", made(f"{GOOD}?interval_ms=0", interval_ms=0), (1, 0)),
        ("URL-06", made(f"{GOOD}?interval_ms=1000", interval_ms=900), (1, 1)),
        ("URL-06", made(f"{GOOD}?interval_ms=1.5e3", interval_ms=1500), (1, 1)),
        ("URL-06", made(f"{GOOD}?intervalMs=1500", interval_ms=1500), (1, 1)),
        ("URL-06", made(GOOD, interval_ms=-1), (0, 0)),
        ("URL-07", made("wss://A.test:443/v1/async/batch/b/ws"), (1, 0)),
        ("URL-07", made("ws://a.test/v1/async/batch/b/ws"), (1, 0)),
        ("URL-07", made("wss://a.test:8443/v1/async/batch/b/ws"), (1, 1)),
        ("URL-07", made("wss://b.test/v1/async/batch/b/ws"), (1, 1)),
        ("URL-07", made("wss://k@a.test/v1/async/batch/b/ws"), (1, 1)),
        ("URL-08", refused(".."), (1, 0)),
        ("URL-08", refused(" . "), (1, 0)),
        ("URL-08", made("wss://a.test/v1/async/batch/%2E%2E/ws", ".."), (1, 1)),
        ("URL-08", made(GOOD, "..."), (0, 0)),
        ("URL-09", made(GOOD, " b\n"), (1, 0)),
        ("URL-09", made("wss://a.test/v1/async/batch/%20b/ws", " b"), (1, 1)),
        ("URL-09", made(GOOD), (0, 0)),
        ("URL-11", made(GOOD), (1, 0)),
        ("URL-11", made(f"{GOOD}?key={{{{key:a}}}}"), (1, 1)),
        ("URL-11", made(f"{GOOD}?s={{{{webhook:1}}}}"), (1, 1)),
        ("URL-11", refused(), (0, 0)),
        ("URL-13", made(f"{GOOD}?interval_ms=1&close_on_terminal=true"), (1, 0)),
        ("URL-13", made(f"{GOOD}?close_on_terminal=true&interval_ms=1"), (1, 1)),
        ("URL-13", made(f"{GOOD}?interval_ms=1"), (0, 0)),
    ],
)
def test_each_part_of_a_url_has_its_row(row: str, call: Any, expected: Any, count: Any) -> None:
    assert count(row, call, **at(SECURE)) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (made(GOOD), (1, 0)),
        (refused(), (1, 0)),
        (made("ws://a.test/v1/async/batch/b/ws"), (1, 1)),
        (refused(".."), (0, 0)),
    ],
)
def test_a_secure_base_stays_secure(call: Any, expected: Any, count: Any) -> None:
    assert count("URL-15", call, **at("WSS://a.test/v1")) == expected
    assert count("URL-15", call, **at(SECURE)) == (0, 0)


def test_a_secure_base_may_be_refused_when_the_client_is_built(count: Any) -> None:
    refusal = {"outcome": {"error": {"kind": "argument", "message": "no wss"}}}
    assert count("URL-15", clients=[opened(base_url="wss://a.test", **refusal)]) == (1, 0)
    assert count("URL-15", clients=[opened(base_url=SECURE, **refusal)]) == (0, 0)


@pytest.mark.parametrize(
    "base", ["https://a.test/v1?x=1", "https://u:p@a.test/v1", "file:///x", "x"]
)
def test_a_base_without_a_defined_answer_is_not_judged(base: str, broken: Any) -> None:
    assert broken(sdk(made("anything"), refused("c"), **at(base))) == set()


def test_helpers_do_no_io(count: Any) -> None:
    assert count("URL-10", made(GOOD), made(GOOD), refused("c")) == (4, 0)
    assert count("URL-10", made(GOOD), made(f"{GOOD}?x=1")) == (3, 1)
    assert count("URL-10", made(GOOD), made(f"{GOOD}?x=1", close_on_terminal=True)) == (2, 0)
    sent = returned("batches.websocketUrl", wire("GET /v1/batches/b"), value=GOOD, batch_id="b")
    assert count("URL-10", sent) == (1, 1)
    assert count("URL-10", returned("getBatch", wire("GET /v1/batches/b"))) == (0, 0)


def generic(value: Any, job_id: str = "b", kind: str = "batch", **options: Any) -> Any:
    args = {"kind": kind, "job_id": job_id, "options": options}
    return returned("getAsyncJobWebSocketUrl", value=value, **args)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([generic(GOOD), made(GOOD)], (1, 0)),
        ([made(GOOD), generic(GOOD)], (1, 0)),
        ([generic(f"{GOOD}?a=1&b=2"), made(f"{GOOD}?b=2&a=1")], (1, 0)),
        ([generic(GOOD), made("wss://A.test:443/v1/async/batch/b/ws")], (1, 0)),
        ([generic(GOOD), made("wss://a.test/v1/async/batch/c/ws")], (1, 1)),
        ([generic(GOOD), refused()], (1, 1)),
        ([generic(GOOD, kind="video"), made(GOOD)], (0, 0)),
        ([generic(GOOD), made(GOOD, close_on_terminal=True)], (0, 0)),
        ([generic(GOOD, "c"), made(GOOD)], (0, 0)),
        ([generic(GOOD)], (0, 0)),
    ],
)
def test_both_helpers_agree(calls: Any, expected: Any, count: Any) -> None:
    assert count("URL-12", *calls, **at(SECURE)) == expected
