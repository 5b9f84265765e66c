import asyncio
import json
from contextlib import contextmanager

import httpx
import pytest
import websockets
from websockets.sync.client import connect

from conformance.mock import MockServer, stream_options
from conformance.mock.stream_socket import Reminder


class Timers:
    def __init__(self):
        self.armed = []

    def call_later(self, delay_s, action):
        timer = Timer(self, delay_s, action)
        self.armed.append(timer)
        return timer


class Timer:
    def __init__(self, timers, delay_s, action):
        self.timers, self.delay_s, self.action = timers, delay_s, action

    def cancel(self):
        self.timers.armed.remove(self)

    def when(self):
        return 100.0 + self.delay_s

    def fire(self):
        self.timers.armed.remove(self)
        self.action()


def test_one_reminder_stands_until_it_comes_or_is_forgotten():
    timers, heard = Timers(), []
    reminder = Reminder(timers.call_later, lambda: heard.append("now"))
    reminder.ask(2_500)
    reminder.ask(1_000)
    assert [timer.delay_s for timer in timers.armed] == [2.5]
    timers.armed[0].fire()
    assert (heard, timers.armed) == (["now"], [])
    reminder.ask(1_000)
    reminder.forget()
    reminder.forget()
    assert (heard, timers.armed) == (["now"], [])


@pytest.mark.parametrize(("due_at_s", "delay_s"), [(101.5, 0.5), (100.0, 0.0)])
def test_a_reminder_can_be_put_at_another_time(due_at_s, delay_s):
    timers, heard = Timers(), []
    reminder = Reminder(timers.call_later, lambda: heard.append("now"))
    assert reminder.due_at_s is None
    reminder.ask(2_500)
    assert reminder.due_at_s == 102.5
    reminder.put_at(due_at_s, 101.0)
    assert [timer.delay_s for timer in timers.armed] == [delay_s]
    timers.armed[0].fire()
    assert (heard, reminder.due_at_s) == (["now"], None)


class Remote:
    """A set of the server over real sockets."""

    def __init__(self, server, client):
        self.client, self.control_url = client, server.control_url
        found = client.post(f"{self.control_url}/workspaces", json={}).json()
        self.id, self.url, self.key = found["workspace"], found["url"], found["keys"]["a"]
        self.headers = {"authorization": f"Bearer {self.key}"}
        client.headers = self.headers

    def act(self, action, **wanted):
        path = f"{self.control_url}/workspaces/{self.id}/actions"
        return self.client.post(path, json={"action": action, **wanted}).raise_for_status().json()

    def created(self):
        row = b'{"custom_id":"a","body":{"model":"mock-mini"}}'
        files, data = {"file": ("in.jsonl", row)}, {"purpose": "batch"}
        file_id = self.client.post(f"{self.url}/files", files=files, data=data).json()["id"]
        body = {"endpoint": "/v1/responses", "input_file_id": file_id}
        return self.client.post(f"{self.url}/batches", json=body).json()

    def poll(self, batch):
        return self.client.get(batch["polling_url"]).json()

    @contextmanager
    def stream(self, url, headers=None):
        wanted = self.headers if headers is None else headers
        with connect(url, additional_headers=wanted, proxy=None, close_timeout=5) as socket:
            yield socket


@pytest.fixture
def remote(server):
    with httpx.Client(trust_env=False) as client:
        yield Remote(server, client)


def heard(socket):
    frame = json.loads(socket.recv(timeout=5))
    return frame["type"], frame.get("data", {}).get("status")


def refusal(remote, url, headers=None):
    with pytest.raises(websockets.InvalidStatus) as refused, remote.stream(url, headers):
        pass
    response = refused.value.response
    return response.status_code, json.loads(response.body)


def test_a_life_over_the_wire_ends_with_the_close_of_the_server(remote):
    batch = remote.created()
    with remote.stream(batch["websocket_url"]) as socket:
        seen = [heard(socket)]
        for _ in range(3):
            remote.poll(batch)
            seen.append(heard(socket))
        with pytest.raises(websockets.ConnectionClosedOK) as closed:
            socket.recv(timeout=5)
    words = ["pending", "in_progress", "in_progress", "completed"]
    assert seen == [("job.snapshot", words[0]), *(("job.updated", word) for word in words[1:])]
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1000, "closed")
    assert closed.value.rcvd_then_sent is True


def test_the_plain_base_serves_streams_and_the_urls_of_the_data_lead_back(server, remote):
    batch = remote.created()
    url = f"ws{server.url.removeprefix('http')}/async/batch/{batch['id']}/ws"
    with remote.stream(url) as socket:
        data = json.loads(socket.recv(timeout=5))["data"]
    assert data["websocket_url"] == url
    assert remote.client.get(data["polling_url"]).json()["id"] == batch["id"]


def test_the_clock_alone_brings_an_update(remote):
    remote.act("life_scripted", life=[{"status": "in_progress", "seconds": 0}])
    batch = remote.created()
    with remote.stream(f"{batch['websocket_url']}?interval_ms=10000") as socket:
        assert heard(socket) == ("job.snapshot", "pending")
        remote.poll(batch)
        remote.act("clock_advanced", by_ms=9_999)
        socket.send("ping")
        assert heard(socket) == ("pong", None)
        remote.act("clock_advanced", by_ms=1)
        assert heard(socket) == ("job.updated", "in_progress")


def test_without_the_clock_real_time_brings_it(remote, monkeypatch):
    monkeypatch.setattr(stream_options, "MIN_INTERVAL_MS", 1)
    remote.act("life_scripted", life=[{"status": "in_progress", "seconds": 0}])
    batch = remote.created()
    with remote.stream(f"{batch['websocket_url']}?interval_ms=1") as socket:
        assert heard(socket) == ("job.snapshot", "pending")
        remote.poll(batch)
        assert heard(socket) == ("job.updated", "in_progress")


def test_a_stream_tells_what_went_over_it_and_what_is_due(remote):
    remote.act("life_scripted", life=[{"status": "in_progress", "seconds": 0}])
    batch = remote.created()
    with remote.stream(f"{batch['websocket_url']}?interval_ms=10000") as socket:
        port = socket.local_address[1]
        untold = {"port": port, "heard": 0, "said": 1, "closed": False, "due_in_ms": None}
        assert remote.act("streams_told")["streams"] == [untold]
        socket.send("ping")
        assert [heard(socket), heard(socket)] == [("job.snapshot", "pending"), ("pong", None)]
        remote.poll(batch)
        (told,) = remote.act("streams_told")["streams"]
        assert (told["heard"], told["said"], 0 < told["due_in_ms"] <= 10_000) == (1, 2, True)
        remote.act("streams_told", passed_ms=10_000)
        assert heard(socket) == ("job.updated", "in_progress")
        (told,) = remote.act("streams_told")["streams"]
        assert told == {**untold, "heard": 1, "said": 3}


def test_messages_of_any_kind_and_size_leave_the_stream_open(remote):
    batch = remote.created()
    with remote.stream(batch["websocket_url"]) as socket:
        heard(socket)
        for message in ("x" * 65_536, b"\x00\xff", "", "[" * 65_536, '{"type":"ping"}'):
            socket.send(message)
        socket.send(["pi", "ng"])
        assert [heard(socket), heard(socket)] == [("pong", None)] * 2


def test_a_lost_batch_is_told_and_the_stream_closed(remote):
    batch = remote.created()
    with remote.stream(f"{batch['websocket_url']}?close_on_terminal=false") as socket:
        heard(socket)
        remote.act("stored_batch_deleted", batch=batch["id"])
        frame = json.loads(socket.recv(timeout=5))
        assert frame == {"type": "job.deleted", "data": {"id": batch["id"], "kind": "batch"}}
        with pytest.raises(websockets.ConnectionClosedOK):
            socket.recv(timeout=5)


def test_a_close_of_the_client_is_answered_and_the_others_live_on(remote):
    batch = remote.created()
    with remote.stream(batch["websocket_url"]) as staying:
        with remote.stream(batch["websocket_url"]) as leaving:
            heard(leaving)
        assert leaving.protocol.close_rcvd.code == 1000
        assert heard(staying) == ("job.snapshot", "pending")
        remote.poll(batch)
        assert heard(staying) == ("job.updated", "in_progress")


def test_refusals_are_http_answers_with_their_status_and_body(remote):
    batch = remote.created()
    base = batch["websocket_url"].partition("/async/")[0]
    found = [
        refusal(remote, batch["websocket_url"], headers={}),
        refusal(remote, f"{batch['websocket_url']}?api_key={remote.key}", headers={}),
        refusal(remote, f"{base}/async/music/{batch['id']}/ws"),
        refusal(remote, f"{base}/async/batch/nope/ws"),
        refusal(remote, f"{base}/async/batch/%E0%A4%A/ws"),
    ]
    reasons = [(status, body["reason"]) for status, body in found]
    missing = (404, "async_job_not_found_or_not_owned")
    unauthorised = (401, "missing_or_invalid_authorization_header")
    invalid = (400, "invalid_async_job_path")
    assert reasons == [unauthorised, unauthorised, invalid, missing, missing]
    assert all(body["request_id"].startswith("G-") for _, body in found)


@pytest.mark.parametrize("upgrade", [{}, {"connection": "Upgrade", "upgrade": "h2c"}])
def test_no_upgrade_or_another_one_is_told_to_upgrade(remote, upgrade):
    batch = remote.created()
    url = batch["websocket_url"].replace("ws://", "http://")
    answer = remote.client.get(url, headers=upgrade)
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
    assert answer.json()["error"]["code"] == "websocket_upgrade_required"


def test_the_path_reaches_the_lookup_as_it_was_sent(remote):
    batch = remote.created()
    url = batch["websocket_url"].replace("/batch/b", "/BATCH/%62")
    with remote.stream(url) as socket:
        assert json.loads(socket.recv(timeout=5))["data"]["id"] == batch["id"]


def test_fifty_subscribers_see_the_whole_life_in_order(remote):
    batch = remote.created()

    async def subscribe(ready):
        options = {"additional_headers": remote.headers, "proxy": None}
        async with websockets.connect(batch["websocket_url"], **options) as socket:
            seen = [json.loads(await socket.recv())["data"]["polled_status"]]
            ready.release()
            seen += [json.loads(text)["data"]["polled_status"] async for text in socket]
        return seen

    async def drive():
        ready = asyncio.Semaphore(0)
        tasks = [asyncio.create_task(subscribe(ready)) for _ in range(50)]
        for _ in tasks:
            await ready.acquire()
        for _ in range(3):
            await asyncio.to_thread(remote.poll, batch)
        return await asyncio.wait_for(asyncio.gather(*tasks), 20)

    life = ["validating", "in_progress", "finalizing", "completed"]
    assert asyncio.run(drive()) == [life] * 50


def test_a_server_with_open_streams_stops():
    with httpx.Client(trust_env=False) as client:
        running = MockServer().start()
        remote = Remote(running, client)
        with remote.stream(remote.created()["websocket_url"]) as socket:
            heard(socket)
            running.stop()
            with pytest.raises(websockets.ConnectionClosed):
                socket.recv(timeout=5)
