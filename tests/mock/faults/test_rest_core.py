def test_list_default_limit_one(make_caller):
    caller = make_caller("list-default-limit-one")
    made = [caller.created()["id"] for _ in range(2)]
    lengths = [len(caller.get(path).body["data"]) for path in ("/batches", "/batches?limit=9")]
    assert (lengths, len(made)) == ([1, 2], 2)


def test_list_comma_filter_ignored(make_caller):
    caller = make_caller("list-comma-filter-ignored")
    caller.finished("complete")
    caller.created()
    assert len(caller.get("/batches?status=completed,failed").body["data"]) == 2
    assert len(caller.get("/batches?status=completed").body["data"]) == 1


def test_list_asks_provider(make_caller):
    caller = make_caller("list-asks-provider")
    caller.created()
    assert caller.get("/batches").body["data"][0]["status"] == "in_progress"


def test_foreign_batch_readable(make_caller):
    caller = make_caller("foreign-batch-readable")
    batch_id = caller.created()["id"]
    other = caller.other("b")
    assert other.get(f"/batches/{batch_id}").body["id"] == batch_id
    assert other.post(f"/batches/{batch_id}/cancel").status == 404


def test_foreign_input_file_accepted(make_caller):
    caller = make_caller("foreign-input-file-accepted")
    file_id = caller.upload({"custom_id": "a", "body": {"model": "mock-mini"}})
    other = caller.other("b")
    body = {"endpoint": "responses", "input_file_id": file_id}
    assert other.post("/batches", body).status == 200
    assert other.get(f"/files/{file_id}").status == 200


def test_cancel_of_completed_reaches_provider(make_caller):
    caller = make_caller("cancel-of-completed-reaches-provider")
    batch = caller.finished("complete")
    assert caller.post(f"/batches/{batch['id']}/cancel").status == 409
    assert caller.home.provider.seen[-1].path.endswith("/cancel")


def test_refused_create_keeps_batch(make_caller):
    caller = make_caller("refused-create-keeps-batch")
    answer = caller.post("/batches", {"endpoint": "responses", "input_file_id": "file-nope"})
    assert (answer.status, len(caller.get("/batches").body["data"])) == (404, 1)


def test_query_string_breaks_get(make_caller):
    caller = make_caller("query-string-breaks-get")
    batch_id = caller.created()["id"]
    statuses = [caller.get(f"/batches/{batch_id}{tail}").status for tail in ("", "?x=1")]
    assert statuses == [200, 404]


def test_gateway_fields_reach_provider(make_caller):
    caller = make_caller("gateway-fields-reach-provider")
    caller.created(session_id="s")
    assert caller.home.provider.seen[-1].body["session_id"] == "s"


def test_unauthorised_still_creates(make_caller):
    caller = make_caller("unauthorised-still-creates")
    file_id = caller.upload({"custom_id": "a", "body": {"model": "mock-mini"}})
    good, caller.token = caller.token, caller.home.bad_tokens["revoked"]
    body = {"endpoint": "responses", "input_file_id": file_id}
    refused = caller.post("/batches", body)
    caller.token = good
    assert (refused.status, len(caller.get("/batches").body["data"])) == (401, 1)
