import pytest

from conformance.mock.clock import Clock
from conformance.mock.ids import Ids
from conformance.mock.provider import HungUp, Provider, ScriptedError
from conformance.mock.provider_rules import ProviderFault

ROW = b'{"custom_id": "a", "body": {}}'


@pytest.fixture
def provider():
    return Provider(Clock(1_000_000), Ids("x"))


def created(provider, **fields):
    file_id = provider.upload("in.jsonl", "batch", ROW)["id"]
    return provider.create({"endpoint": "/v1/responses", "input_file_id": file_id, **fields})


def test_an_upload_keeps_the_exact_bytes(provider):
    metadata = provider.upload("in.jsonl", "batch", b"\r\n\xff")
    assert (metadata["bytes"], metadata["created_at"]) == (3, 1_000)
    assert provider.content(metadata["id"]) == b"\r\n\xff"
    assert provider.file(metadata["id"]) == metadata


@pytest.mark.parametrize("method", ["file", "content", "read", "cancel"])
def test_an_unknown_id_is_a_404(provider, method):
    with pytest.raises(ProviderFault) as caught:
        getattr(provider, method)("nope")
    assert caught.value.status == 404


def test_each_read_moves_a_batch_and_the_clock_one_frame(provider):
    batch_id = created(provider)["id"]
    statuses = [provider.read(batch_id)["status"] for _ in range(4)]
    assert statuses == ["in_progress", "finalizing", "completed", "completed"]
    assert provider.batches[batch_id].times["completed_at"] == 1_000 + 40 + 40 + 20


def test_a_held_batch_moves_only_when_it_is_stepped(provider):
    batch_id = created(provider)["id"]
    provider.holds_all = True
    assert provider.read(batch_id)["status"] == "validating"
    provider.step(batch_id)
    assert provider.read(batch_id)["status"] == "in_progress"


def test_results_are_files_of_the_account(provider):
    batch_id = created(provider, metadata={"mock_life": "all_failed"})["id"]
    shown = [provider.read(batch_id) for _ in range(3)][-1]
    assert shown["output_file_id"] is None
    assert provider.file(shown["error_file_id"])["purpose"] == "batch_output"


def test_a_cancel_after_the_end_is_a_409(provider):
    batch_id = created(provider, metadata={"mock_life": "failed"})["id"]
    provider.read(batch_id)
    with pytest.raises(ProviderFault) as caught:
        provider.cancel(batch_id)
    assert caught.value.status == 409


def test_a_life_that_is_not_known_refuses_the_create(provider):
    with pytest.raises(ProviderFault) as caught:
        created(provider, metadata={"mock_life": "nonsense"})
    assert (caught.value.status, provider.batches) == (400, {})


def test_a_scripted_error_is_given_once_to_the_call_that_it_names(provider):
    batch_id = created(provider)["id"]
    body = {"error": {"code": "x"}}
    provider.scripted_errors.append(ScriptedError("get", 429, body, {"retry-after": "7"}))
    with pytest.raises(ProviderFault) as caught:
        provider.read(batch_id)
    fault = caught.value
    assert (fault.status, fault.body, fault.headers) == (429, body, {"retry-after": "7"})
    assert provider.read(batch_id)["status"] == "in_progress"


def test_a_script_may_hang_up_or_answer_with_something_else(provider):
    provider.scripted_errors += [
        ScriptedError("create", hangup=True),
        ScriptedError("create", 200, {"object": "batch"}),
    ]
    with pytest.raises(HungUp):
        created(provider)
    assert created(provider) == {"object": "batch"}


def test_what_reached_the_provider_is_remembered(provider):
    batch_id = created(provider, x_unknown=1)["id"]
    provider.cancel(batch_id)
    seen = [(request.method, request.path) for request in provider.seen]
    assert seen[1:] == [("POST", "/v1/batches"), ("POST", f"/v1/batches/{batch_id}/cancel")]
    assert provider.seen[1].as_json()["body"]["x_unknown"] == 1
