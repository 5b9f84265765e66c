import json

import pytest

from conformance.mock.control import Control
from conformance.mock.estate import Estate
from conformance.mock.exchange import Call

BASE = "http://127.0.0.1:1/_mock"


@pytest.fixture
def estate():
    return Estate(lambda: 1_000, seed="test")


def called(estate, method, path, body=None, faults=()):
    data = b"" if body is None else json.dumps(body).encode()
    return Control(estate, faults).answer(Call(method, path, body=data, base=BASE))


def test_a_set_is_opened_used_and_forgotten(estate):
    answer = called(estate, "POST", "/workspaces", {"balance_nanos": 7})
    set_id = answer.body["workspace"]
    assert answer.body["url"] == f"http://127.0.0.1:1/_sets/{set_id}/v1"
    assert answer.body["keys"].keys() == {"a", "same", "b", "no_funds"}
    assert answer.body["bad_keys"].keys() == {"revoked", "expired", "wrong-secret", "unknown"}
    path = f"/workspaces/{set_id}/actions"
    wallet = called(estate, "POST", path, {"action": "wallet"}).body
    assert (wallet["action"], wallet["balance_nanos"]) == ("wallet", 7)
    statuses = [called(estate, "DELETE", f"/workspaces/{set_id}").status for _ in range(2)]
    assert statuses == [204, 404]


def test_a_set_has_its_own_faults_and_those_of_the_server(estate):
    wanted = {"faults": ["query-string-breaks-get", "list-default-limit-one"]}
    answer = called(estate, "POST", "/workspaces", wanted, ("list-default-limit-one",))
    assert estate.sets[answer.body["workspace"]].faults == (
        "list-default-limit-one",
        "query-string-breaks-get",
    )


@pytest.mark.parametrize(
    "body",
    [{"balance_nanos": -1}, {"balance_nanos": "7"}, {"faults": "x"}, {"faults": [1]}, [], 7],
)
def test_a_set_that_cannot_be_opened_is_refused(estate, body):
    answer = called(estate, "POST", "/workspaces", body)
    assert (answer.status, estate.sets) == (400, {})


def test_an_unknown_fault_is_named_with_its_neighbours(estate):
    answer = called(estate, "POST", "/workspaces", {"faults": ["list-default-limit-on"]})
    assert answer.status == 400
    assert "did you mean list-default-limit-one" in answer.body["error"]


@pytest.mark.parametrize("body", [{"action": "dance"}, {}, {"action": "wallet", "key": "z"}])
def test_an_action_that_cannot_be_done_is_refused(estate, body):
    home = estate.open_set()
    assert called(estate, "POST", f"/workspaces/{home.id}/actions", body).status == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/workspaces/ws_nope/actions"), ("GET", "/"), ("PUT", "/workspaces")],
)
def test_other_control_calls_are_404(estate, method, path):
    assert called(estate, method, path, {"action": "wallet"}).status == 404
