import json

import pytest

from conformance.mock.exchange import Part
from conformance.mock.provider import ScriptedError

BYTES = '{"custom_id":"\u00e4"}\r\n\r\n{"custom_id":"b"}'.encode()


def test_an_upload_comes_back_byte_for_byte(caller):
    file_id = caller.upload(data=BYTES)
    metadata = caller.get(f"/files/{file_id}").body
    content = caller.get(f"/files/{file_id}/content")
    assert metadata == {
        "id": file_id,
        "object": "file",
        "bytes": len(BYTES),
        "created_at": 1_783_587_600,
        "filename": "in.jsonl",
        "purpose": "batch",
        "status": "processed",
        "status_details": None,
    }
    assert (content.body, content.headers["content-type"]) == (BYTES, "application/octet-stream")


@pytest.mark.parametrize(
    "parts", [None, (), (Part("file", BYTES, "a"),), (Part("purpose", b"batch"),)]
)
def test_an_incomplete_upload_is_refused_by_the_provider(caller, parts):
    answer = caller.call("POST", "/files", parts=parts)
    assert (answer.status, answer.body["error"]["type"]) == (400, "invalid_request_error")
    assert caller.home.provider.files == {}


@pytest.mark.parametrize("tail", ["", "/content"])
@pytest.mark.parametrize("owner", ["nobody", "b"])
def test_unknown_and_foreign_files_are_404(caller, tail, owner):
    file_id = "nope" if owner == "nobody" else caller.other("b").upload(data=BYTES)
    answer = caller.get(f"/files/{file_id}{tail}")
    assert (answer.status, answer.body["reason"]) == (404, "file_not_found_or_not_owned")
    assert answer.body["file_id"] == file_id


def test_files_cannot_be_listed(caller):
    answer = caller.get("/files")
    assert (answer.status, answer.body["error"]) == (400, "not_supported")
    assert answer.body["reason"] == "file_list_not_supported_with_shared_gateway_key"


def test_result_files_belong_to_the_owner_of_the_batch(caller):
    batch = caller.finished("partial")
    other = caller.other("b")
    seen = set()
    for name in ("output_file_id", "error_file_id"):
        content = caller.get(f"/files/{batch[name]}/content").body
        seen |= {json.loads(line)["custom_id"] for line in content.splitlines()}
        assert caller.get(f"/files/{batch[name]}").status == 200
        assert other.get(f"/files/{batch[name]}").status == 404
    assert seen == {"a", "b"}


@pytest.mark.parametrize(
    ("match", "path"), [("upload", None), ("file", "/files/{}"), ("content", "/files/{}/content")]
)
@pytest.mark.parametrize("hangup", [False, True])
def test_a_failing_provider_is_passed_on(caller, match, path, hangup):
    file_id = caller.upload(data=BYTES)
    script = ScriptedError(match, 503, hangup=hangup)
    caller.home.provider.scripted_errors.append(script)
    parts = (Part("file", BYTES, "a"), Part("purpose", b"batch"))
    answer = (
        caller.get(path.format(file_id)) if path else caller.call("POST", "/files", parts=parts)
    )
    assert answer.status == (502 if hangup else 503)


def test_a_file_is_no_batch(caller):
    file_id = caller.upload(data=BYTES)
    paths = (f"/batches/{file_id}", f"/batches/__file__:{file_id}")
    assert [caller.get(path).status for path in paths] == [404, 404]
    assert caller.get("/batches").body["data"] == []


def test_without_a_provider_key_files_are_refused(caller):
    file_id = caller.upload(data=BYTES)
    caller.home.provider_key_present = False
    answers = [caller.get(f"/files/{file_id}"), caller.call("POST", "/files")]
    assert [answer.body["error"]["reason"] for answer in answers] == ["openai_key_missing"] * 2


def test_models_are_listed_and_filtered_by_parameters(caller):
    every = caller.get("/batches/models")
    spelled = ["request_endpoint,window", "endpoint&params=completion_window"]
    both = [caller.get(f"/batches/models?params={words}").body for words in spelled]
    fewer = caller.get("/batches/models?params=webhook").body["data"]
    assert (every.body["object"], every.headers["cache-control"]) == ("list", "no-store")
    assert both == [every.body, every.body]
    assert 0 < len(fewer) < len(every.body["data"])


def test_every_listed_model_can_be_used(caller):
    for item in caller.get("/batches/models").body["data"]:
        for endpoint in item["supported_params_detail"]["endpoint"]["values"]:
            row = {
                "custom_id": "a",
                "url": endpoint,
                "body": {"model": item["model"], "seconds": 4},
            }
            batch = caller.created(row, endpoint=endpoint)
            assert caller.polled_to_end(batch["id"])["billing"]["billed"] is True


def test_the_balance_is_that_of_the_caller(caller):
    assert caller.other("no_funds").get("/credits").body == {
        "ok": True,
        "credits": {"balance_nanos": 0, "reserved_nanos": 0, "available_nanos": 0},
    }
