import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from conformance.mock import MockServer


@pytest.fixture
def opened(server):
    def opening(**wanted):
        answer = httpx.post(f"{server.control_url}/workspaces", json=wanted, trust_env=False)
        return answer.json()

    return opening


@pytest.fixture
def client():
    with httpx.Client(trust_env=False) as one:
        yield one


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def test_a_batch_lives_its_life_over_the_wire(server, client, opened):
    found = opened()
    client.base_url, client.headers = server.url, bearer(found["keys"]["a"])
    data = b'{"custom_id":"\xc3\xa4","body":{"model":"mock-mini"}}\r\n'
    uploaded = client.post(
        "/files", files={"file": ("in.jsonl", data)}, data={"purpose": "batch"}
    ).json()
    assert client.get(f"/files/{uploaded['id']}/content").content == data
    body = {"endpoint": "/v1/responses", "input_file_id": uploaded["id"]}
    batch = client.post("/batches", json=body).json()
    assert batch["polling_url"] == f"{server.url}/batches/{batch['id']}"
    statuses = [client.get(batch["polling_url"]).json()["status"] for _ in range(3)]
    assert statuses == ["in_progress", "finalizing", "completed"]


def test_a_call_without_credentials_is_given_to_the_set_of_its_base(server, client, opened):
    found = opened()
    path = f"{server.control_url}/workspaces/{found['workspace']}/actions"
    client.post(path, json={"action": "batch_switch", "enabled": False})
    statuses = [client.get(f"{base}/batches").status_code for base in (found["url"], server.url)]
    assert statuses == [501, 401]


def test_faults_hold_for_their_set_alone(server, client, opened):
    sound, faulty = opened(), opened(faults=["query-string-breaks-get"])
    found = [
        client.get(f"{server.url}/batches/nope?x=1", headers=bearer(one["keys"]["a"])).json()
        for one in (sound, faulty)
    ]
    assert [body["batch_id"] for body in found] == ["nope", "nope?x=1"]


def test_ids_are_taken_from_the_path_as_it_was_sent(server, client, opened):
    headers = bearer(opened()["keys"]["a"])
    body = client.get(f"{server.url}/batches/a%2Fb%20c", headers=headers).json()
    assert body["batch_id"] == "a/b c"


def test_head_has_no_body_and_options_needs_no_key(server, client, opened):
    headers = bearer(opened()["keys"]["a"])
    head = client.head(f"{server.url}/batches", headers=headers)
    options = client.options(f"{server.url}/batches")
    assert (head.status_code, head.content) == (200, b"")
    assert (options.status_code, options.headers["access-control-allow-origin"]) == (204, "*")


def test_a_broken_multipart_body_is_an_incomplete_upload(server, client, opened):
    headers = bearer(opened()["keys"]["a"]) | {"content-type": "multipart/form-data; boundary=x"}
    answer = client.post(f"{server.url}/files", headers=headers, content=b"--y\r\nnonsense")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")


def test_an_unknown_path_is_404(server, client):
    paths = ("", "/", "/nothing")
    assert [client.get(f"{server.url}{path}").status_code for path in paths] == [404] * 3


@pytest.fixture
def receiver():
    """Answers with `statuses` in turn, the last one for the rest; `seen` has keys and attempts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            words = ("delivery-key", "attempt")
            seen.append(tuple(self.headers[f"x-ai-stats-{word}"] for word in words))
            self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
            self.end_headers()

        def log_message(self, *_):
            pass

    seen, statuses = [], [200]
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.seen, listening.statuses = seen, statuses
        listening.url = f"http://127.0.0.1:{listening.server_port}/h"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


class Remote:
    """A fresh set of a running mock."""

    def __init__(self, mock, client):
        self.client = client
        found = client.post(f"{mock.control_url}/workspaces", json={}).json()
        self.actions = f"{mock.control_url}/workspaces/{found['workspace']}/actions"
        client.base_url, client.headers = found["url"], bearer(found["keys"]["a"])

    def act(self, action, **wanted):
        self.client.post(self.actions, json={"action": action, **wanted}).raise_for_status()

    def created(self, url, *events):
        files = {"file": ("in.jsonl", b'{"custom_id":"a","body":{"model":"mock-mini"}}')}
        file_id = self.client.post("/files", files=files, data={"purpose": "batch"}).json()["id"]
        hook = {"url": url, "events": list(events), "secret": "whsec_1"}
        body = {"endpoint": "/v1/responses", "input_file_id": file_id, "webhook": hook}
        return self.client.post("/batches", json=body).raise_for_status().json()

    def read(self, batch):
        return self.client.get(f"/batches/{batch['id']}").raise_for_status().json()


def test_what_a_call_raises_is_delivered_before_its_answer(server, client, receiver):
    remote = Remote(server, client)
    batch = remote.created(receiver.url, "created", "completed")
    seen = [list(receiver.seen)]
    for _ in range(3):
        body = remote.read(batch)
        seen.append(list(receiver.seen))
    created, completed = ("batch.created", "1"), ("batch.completed", "1")
    assert seen == [[created], [created], [created], [created, completed]]
    counts = [one["webhook"]["delivery"]["total_attempts"] for one in (batch, body)]
    assert (counts, remote.read(batch)["webhook"]["delivery"]["total_attempts"]) == ([0, 1], 2)


def test_retries_are_made_by_the_scheduled_job_when_they_are_due(server, client, receiver):
    receiver.statuses[:] = [500, 503, 200]
    remote = Remote(server, client)
    batch = remote.created(receiver.url, "created")
    for by_ms in (0, 60_000, 300_000, 900_000):
        remote.act("clock_advanced", by_ms=by_ms)
        remote.act("scheduled_job_tick")
    assert receiver.seen == [("batch.created", str(number)) for number in (1, 2, 3)]
    attempts = remote.read(batch)["webhook"]["attempts"]
    assert [one["response_status"] for one in attempts] == [500, 503, 200]


def test_readers_who_race_cause_one_delivery(server, client, receiver):
    remote = Remote(server, client)
    batch = remote.created(receiver.url, "completed")
    threads = [threading.Thread(target=remote.read, args=[batch]) for _ in range(8)]
    for thread in threads:
        thread.start()
    remote.act("scheduled_job_tick")
    for thread in threads:
        thread.join()
    assert receiver.seen == [("batch.completed", "1")]


def test_a_silent_receiver_is_waited_for_as_long_as_the_server_was_told(receiver):
    with MockServer(receiver_wait_s=0.01) as mock, httpx.Client(trust_env=False) as client:
        remote = Remote(mock, client)
        receiver.shutdown()
        batch = remote.created(receiver.url, "created")
        (attempt,) = remote.read(batch)["webhook"]["attempts"]
    assert attempt["error_message"] == "The webhook delivery timed out after 30 s."
