import pytest

from conformance.mock.exchange import Answer
from conformance.mock.stream_options import StreamOptions


def told(answer):
    assert isinstance(answer, Answer)
    return answer.status, answer.body["error"], answer.body["reason"]


NOT_FOUND = (404, "not_found", "async_job_not_found_or_not_owned")


def test_the_owner_gets_a_stream_on_the_batch(caller):
    batch_id = caller.created()["id"]
    terms = caller.upgrade(f"/async/batch/{batch_id}/ws")
    assert (terms.workspace, terms.batch_id) == (caller.workspace, batch_id)
    assert terms.base == "http://127.0.0.1/v1"
    assert caller.other("same").upgrade(f"/async/batch/{batch_id}/ws") == terms


def test_a_plain_get_is_told_to_upgrade_before_any_key_is_looked_at(caller):
    caller.token = None
    answer = caller.get("/async/music/x/ws")
    assert (answer.status, answer.headers["upgrade"]) == (426, "websocket")
    assert answer.body["error"]["code"] == "websocket_upgrade_required"
    assert isinstance(answer.body["error"]["message"], str)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "missing_or_invalid_authorization_header"),
        ("Basic abc", "missing_or_invalid_authorization_header"),
        ("Bearer nonsense", "invalid_key_format"),
        ("Bearer {revoked}", "key_not_found_or_revoked"),
        ("Bearer {expired}", "key_expired"),
        ("Bearer {wrong-secret}", "invalid_secret"),
    ],
)
def test_a_bad_key_is_refused_before_the_kind_is_looked_at(caller, header, reason):
    caller.token = None
    headers = {"authorization": header.format(**caller.home.bad_tokens)} if header else {}
    answer = caller.upgrade("/async/music/x/ws", **headers)
    assert told(answer) == (401, "unauthorised", reason)
    assert answer.body["request_id"].startswith("G-")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("name", ["api_key", "key", "token", "authorization"])
def test_a_key_in_the_query_opens_nothing(caller, name):
    key, caller.token = caller.token, None
    answer = caller.upgrade(f"/async/batch/x/ws?{name}={key}")
    assert told(answer) == (401, "unauthorised", "missing_or_invalid_authorization_header")


def test_a_kind_that_nobody_knows_is_refused_before_the_id_is_looked_at(caller):
    answer = caller.upgrade("/async/music/nope/ws")
    assert told(answer) == (400, "validation_error", "invalid_async_job_path")


def test_a_foreign_batch_is_refused_like_one_that_does_not_exist(caller):
    batch_id = caller.created()["id"]
    answers = [
        caller.other("b").upgrade(f"/async/batch/{batch_id}/ws"),
        caller.upgrade("/async/batch/batch_nope/ws"),
    ]
    assert [told(answer) for answer in answers] == [NOT_FOUND] * 2
    own = {"request_id", "generation_id", "workspace_id"}
    first, second = ({k: v for k, v in one.body.items() if k not in own} for one in answers)
    assert first == second
    assert batch_id not in str(first)


def test_a_batch_is_no_video_and_a_file_is_no_batch(caller):
    batch_id, file_id = caller.created()["id"], caller.upload()
    for path in (f"video/{batch_id}", f"batch/__file__:{file_id}", f"batch/{file_id}", "batch/"):
        assert told(caller.upgrade(f"/async/{path}/ws")) == NOT_FOUND


def test_the_kind_is_read_in_any_case_and_the_id_is_decoded_once(caller):
    batch_id = caller.created()["id"]
    escaped = "%62" + batch_id.removeprefix("b")
    assert caller.upgrade(f"/async/BATCH/{escaped}/ws").batch_id == batch_id
    twice = escaped.replace("%", "%25")
    assert told(caller.upgrade(f"/async/batch/{twice}/ws")) == NOT_FOUND
    assert told(caller.upgrade("/async/batch/%E0%A4%A/ws")) == NOT_FOUND


def test_the_switch_of_the_batch_api_does_not_close_the_stream(caller):
    batch_id = caller.created()["id"]
    caller.act("batch_switch", enabled=False)
    assert caller.upgrade(f"/async/batch/{batch_id}/ws").batch_id == batch_id


def test_an_upgrade_anywhere_else_gets_the_answer_of_the_plain_call(caller):
    assert caller.upgrade("/batches").body["object"] == "list"
    assert caller.upgrade("/async/batch/x").status == 404
    assert caller.upgrade("/nothing").status == 404


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", StreamOptions(2_500, close_on_terminal=True)),
        ("x=1&interval_ms=1500", StreamOptions(1_500)),
        ("interval_ms=999", StreamOptions(1_000)),
        ("interval_ms=-5", StreamOptions(1_000)),
        ("interval_ms=10001", StreamOptions(10_000)),
        ("interval_ms=abc", StreamOptions(2_500)),
        ("interval_ms=", StreamOptions(2_500)),
        ("interval_ms=1500&interval_ms=3000", StreamOptions(1_500)),
        ("close_on_terminal=+No+", StreamOptions(close_on_terminal=False)),
        ("close_on_terminal=0&interval_ms=1e4", StreamOptions(10_000, close_on_terminal=False)),
        ("close_on_terminal=", StreamOptions(close_on_terminal=True)),
        ("close_on_terminal=maybe", StreamOptions(close_on_terminal=True)),
    ],
)
def test_options_are_repaired_and_never_refuse_a_stream(caller, query, options):
    batch_id = caller.created()["id"]
    assert caller.upgrade(f"/async/batch/{batch_id}/ws?{query}").options == options
