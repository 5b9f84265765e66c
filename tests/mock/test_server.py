import threading

import httpx
import pytest

from conformance.errors import PortInUse, UnknownFault
from conformance.mock import MockServer


def test_the_default_keys_work_and_open_the_default_set(server):
    keys = server.default_keys()
    assert keys.keys() == {
        "AI_STATS_API_KEY",
        "AI_STATS_API_KEY_B",
        "AI_STATS_API_KEY_SAME",
        "AI_STATS_API_KEY_NO_FUNDS",
        "AI_STATS_API_KEY_CREDITS",
    }
    for key in keys.values():
        answer = httpx.get(
            f"{server.url}/credits", headers={"authorization": f"Bearer {key}"}, trust_env=False
        )
        assert answer.json()["ok"] is True
    actions = f"{server.control_url}/workspaces/{server.workspace_id}/actions"
    assert httpx.post(actions, json={"action": "wallet"}, trust_env=False).status_code == 200


def test_a_taken_port_is_named(server):
    with pytest.raises(PortInUse, match=f"127.0.0.1:{server.port} "):
        MockServer(port=server.port).start()


def test_an_unknown_fault_is_refused_before_anything_is_opened():
    with pytest.raises(UnknownFault, match="nonsense"):
        MockServer(faults=["nonsense"])


def test_stopping_frees_the_port_and_leaves_no_thread():
    threads = threading.active_count()
    with MockServer(faults=["list-default-limit-one"]) as running:
        port = running.port
    running.stop()
    assert threading.active_count() == threads
    with MockServer(port=port) as again:
        assert again.port == port


def test_a_server_that_was_not_started_has_no_address():
    with pytest.raises(RuntimeError, match="not started"):
        _ = MockServer().url
