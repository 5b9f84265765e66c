import httpx
import pytest


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
