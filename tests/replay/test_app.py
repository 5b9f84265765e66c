"""A recording answers HTTP and WebSocket clients as the recorded gateway did."""

import asyncio
import json
import threading

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from conformance.testing import batch, closed, delivery, exchange, frame, refused, said, stream
from conformance.transcript import Exchange, Failure, Request, Response

WS = "/async/batch/b/ws"


@pytest.fixture
def http():
    with httpx.Client(trust_env=False) as client:
        yield client


def talk(server, path=WS, says=()):
    """What the server says on a stream, and the code with which it ends."""

    async def go():
        heard = []
        async with connect(f"ws{server.url.removeprefix('http')}{path}", proxy=None) as socket:
            for word in says:
                await socket.send(word)
            try:
                while True:
                    heard.append(await asyncio.wait_for(socket.recv(), 10))
            except ConnectionClosed as ended:
                return heard, ended.rcvd.code if ended.rcvd else None

    return asyncio.run(go())


def test_reads_walk_through_the_recorded_answers_and_stay_at_the_last(replayed, http):
    server = replayed(
        exchange("POST", "/batches", {"id": "b"}, status=201),
        exchange("GET", "/batches/b", batch("validating")),
        exchange("GET", "/batches/b", batch("completed")),
    )
    assert http.post(f"{server.url}/batches", json={}).status_code == 201
    read = [http.get(f"{server.url}/batches/b").json()["status"] for _ in range(3)]
    assert read == ["validating", "completed", "completed"]
    assert server.left == []


def test_an_answer_has_the_recorded_status_headers_and_bytes(replayed, http):
    headers = (("X-A", "1"), ("x-a", "2"), ("content-encoding", "gzip"), ("Content-Length", "99"))
    server = replayed(exchange("GET", "/x", b'{ "a":1.50 }', status=418, headers=headers))
    answer = http.get(f"{server.url}/x", headers={"authorization": "Bearer anything"})
    assert (answer.status_code, answer.content) == (418, b'{ "a":1.50 }')
    assert answer.headers.multi_items() == [("x-a", "1"), ("x-a", "2"), ("content-length", "12")]


def test_what_was_not_recorded_is_501_and_names_what_was(replayed, http):
    server = replayed(exchange("GET", "/batches?limit=1", {}))
    answer = http.get(f"{server.url}/batches?limit=2")
    assert (answer.status_code, answer.json()) == (501, {
        "error": "not_recorded",
        "description": "GET /v1/batches?limit=2 is not in the recording",
        "expected": {
            "step": 1, "method": "GET", "path": "/v1/batches", "query": {"limit": "1"},
        },
    })  # fmt: skip


def test_a_write_once_too_often_is_501(replayed, http):
    server = replayed(exchange("POST", "/batches", {}))
    codes = [http.post(f"{server.url}/batches").status_code for _ in range(2)]
    last = http.post(f"{server.url}/batches").json()
    assert codes == [200, 501]
    assert last["description"] == "POST /v1/batches is not what comes next in the recording"
    assert last["expected"] is None


def test_strict_refuses_another_order_and_a_read_once_too_often(replayed, http):
    server = replayed(
        exchange("POST", "/batches", {}), exchange("GET", "/batches/b", {}), strict=True
    )
    early = http.get(f"{server.url}/batches/b")
    assert (early.status_code, early.json()["expected"]) == (
        501, {"step": 1, "method": "POST", "path": "/v1/batches"},
    )  # fmt: skip
    assert http.post(f"{server.url}/batches").status_code == 200
    codes = [http.get(f"{server.url}/batches/b").status_code for _ in range(2)]
    assert codes == [200, 501]


def test_a_recorded_failure_breaks_the_connection(replayed, http):
    failed = Exchange(Request("GET", "http://h/v1/x"), None, Failure("timeout", "too late"))
    with pytest.raises(httpx.RemoteProtocolError):
        http.get(f"{replayed(failed).url}/x")


def test_a_refusal_keeps_bytes_and_a_body_that_is_none(replayed, http):
    server = replayed(Exchange(Request("DELETE", "http://h/v1/x"), Response(204)))
    answer = http.delete(f"{server.url}/x")
    assert (answer.status_code, answer.content) == (204, b"")


SNAPSHOT = frame("job.snapshot", {"id": "b", "polling_url": "https://gw.test/v1/batches/b"})


def test_a_stream_sends_its_frames_and_closes_as_recorded(replayed):
    server = replayed(stream(SNAPSHOT, said("ping"), frame("pong"), path=WS, close=closed()))
    assert talk(server, says=["ping"]) == ([SNAPSHOT.content, '{"type":"pong"}'], 1000)


def test_a_lost_stream_is_lost_again_and_can_be_opened_again(replayed):
    server = replayed(stream(SNAPSHOT, path=WS, close=closed(code=1006)))
    assert [talk(server), talk(server)] == [([SNAPSHOT.content], None)] * 2


def test_a_strict_stream_is_opened_no_more_often_than_recorded(replayed):
    server = replayed(stream(path=WS, close=closed()), strict=True)
    assert talk(server) == ([], 1000)
    with pytest.raises(InvalidStatus) as refusal:
        talk(server)
    assert refusal.value.response.status_code == 501


def test_a_refused_handshake_is_refused_as_recorded(replayed):
    body = refused()
    server = replayed(stream(path=WS, status=404, answer=body))
    with pytest.raises(InvalidStatus) as refusal:
        talk(server)
    answer = refusal.value.response
    assert (answer.status_code, json.loads(answer.body)) == (404, body)


def test_a_handshake_without_an_answer_is_504(replayed):
    lost = stream(path=WS)
    server = replayed(type(lost)(lost.request, None, failure=Failure("connect", "refused")))
    with pytest.raises(InvalidStatus) as refusal:
        talk(server)
    assert (refusal.value.response.status_code, refusal.value.response.body) == (
        504, b"as recorded, connect: refused",
    )  # fmt: skip


@pytest.mark.parametrize("rewritten", [True, False])
def test_links_are_led_here_when_that_is_wanted(replayed, http, rewritten):
    told = {"polling_url": "https://gw.test/v1/batches/b"}
    server = replayed(
        exchange("GET", "/batches/b", told),
        stream(SNAPSHOT, path=WS, close=closed()),
        rewrite_urls=rewritten,
    )
    base = server.url if rewritten else "https://gw.test/v1"
    assert http.get(f"{server.url}/batches/b").json() == {"polling_url": f"{base}/batches/b"}
    assert f'"polling_url":"{base}/batches/b"' in talk(server)[0][0]


def test_paced_frames_keep_their_distance(replayed):
    frames = [frame("job.snapshot", {}, at_ms=0), frame("job.updated", {}, at_ms=40)]
    server = replayed(stream(*frames, path=WS, close=closed(40)), paced=True)

    async def go():
        loop = asyncio.get_running_loop()
        async with connect(f"ws{server.url.removeprefix('http')}{WS}", proxy=None) as socket:
            return [loop.time() async for _ in socket]

    first, second = asyncio.run(go())
    assert second - first > 0.02


@pytest.mark.parametrize("at_once", [True, False])
def test_webhooks_go_out_with_the_calls_or_at_once(replayed, http, scripted, reply, at_once):
    receiver = scripted(lambda method, path: reply(202))
    told, came = [], threading.Semaphore(0)

    def tell(line):
        told.append(line)
        came.release()

    server = replayed(
        exchange("POST", "/batches", {}), delivery({}, "batch.created"),
        exchange("GET", "/batches/b", {}), delivery({}, "batch.completed"),
        tell=tell, deliver_to=f"{receiver.url}/hook", deliver_at_once=at_once,
    )  # fmt: skip
    if not at_once:
        http.post(f"{server.url}/batches")
    assert came.acquire(timeout=10)
    if not at_once:
        assert told == ["step 2 batch.created: 202"]
        http.get(f"{server.url}/batches/b")
    assert came.acquire(timeout=10)
    assert told == ["step 2 batch.created: 202", "step 4 batch.completed: 202"]
    assert receiver.count("POST", "/v1/hook") == 2
