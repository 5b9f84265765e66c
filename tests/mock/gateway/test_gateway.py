import pytest


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/batches/x"),
        ("PUT", "/batches"),
        ("GET", "/batches/"),
        ("GET", "/batches/x/"),
        ("GET", "/batches/x/nothing"),
        ("GET", "/batches/x/cancel"),
        ("POST", "/batches//cancel"),
        ("DELETE", "/files/x"),
        ("GET", "/nothing"),
        ("GET", "/"),
    ],
)
def test_other_paths_and_methods_are_404(caller, method, path):
    assert caller.call(method, path).status == 404


def test_head_is_answered_like_get(caller):
    assert caller.call("HEAD", "/batches").status == 200


def test_a_plain_get_of_a_stream_is_426_before_any_key_is_asked_for(caller):
    caller.token = None
    answer = caller.get("/async/batch/batch_x/ws")
    assert (answer.status, answer.headers["upgrade"]) == (426, "websocket")
    assert answer.body["error"]["code"] == "websocket_upgrade_required"


def test_the_alias_is_the_same_operation_with_its_own_links(caller):
    batch = caller.created()
    (item,) = caller.get("/batch").body["data"]
    read = caller.get(f"/batch/{batch['id']}").body
    cancelled = caller.post(f"/batch/{batch['id']}/cancel").body
    for body in (item, read, cancelled):
        assert body["polling_url"].endswith(f"/v1/batch/{batch['id']}")
        assert body.keys() >= batch.keys() - {"updated_at"}
    assert caller.get("/batch/models").body == caller.get("/batches/models").body
