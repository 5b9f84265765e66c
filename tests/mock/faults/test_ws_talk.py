"""What an open stream says, and how it takes what it is told: each fault beside the usual."""

import pytest

JSON_PING, JSON_REFRESH = '{"type":"ping"}', '{"type":"refresh"}'


def talk(caller, *messages):
    """The types that follow the snapshot when these are said behind an untold change."""
    caller.lives({"status": "in_progress"})
    batch_id = caller.created()["id"]
    viewer = caller.watch(batch_id)
    caller.get(f"/batches/{batch_id}")
    for message in messages:
        viewer.watch.heard(message)
    return [one["type"] for one in viewer.frames[1:]]


@pytest.mark.parametrize(
    ("name", "messages", "usual", "faulty"),
    [
        ("stream-text-ping-is-not-heard", ["ping"], ["pong"], []),
        ("stream-text-ping-is-not-heard", [JSON_PING], ["pong"], ["pong"]),
        ("stream-json-ping-is-not-heard", [JSON_PING], ["pong"], []),
        ("stream-json-ping-is-not-heard", ["ping"], ["pong"], ["pong"]),
        ("stream-text-refresh-is-not-heard", ["refresh"], ["job.updated"], []),
        ("stream-json-refresh-is-not-heard", [JSON_REFRESH], ["job.updated"], []),
        ("stream-refresh-begins-anew", ["refresh"], ["job.updated"], ["job.snapshot"]),
        ("stream-refresh-always-answers", ["refresh"] * 2, ["job.updated"], ["job.updated"] * 2),
        ("stream-answers-pings-twice", ["ping"], ["pong"], ["pong"] * 2),
        ("stream-scolds-unknown-messages", ["hello"], [], ["error"]),
        ("stream-messages-match-loosely", [" PING\n"], [], ["pong"]),
        ("stream-frame-of-another-type", ["refresh"], ["job.updated"], ["job.changed"]),
    ],
)
def test_a_message_is_taken_in_another_way(make_caller, caller, name, messages, usual, faulty):
    assert (talk(caller, *messages), talk(make_caller(name), *messages)) == (usual, faulty)


def test_a_message_changes_the_job(make_caller):
    caller = make_caller("stream-message-changes-the-job")
    batch_id = caller.created(session_id="mine")["id"]
    caller.watch(batch_id).watch.heard("ping")
    assert caller.get(f"/batches/{batch_id}").body["session_id"] == "stream"


def test_pings_after_the_end_are_not_heard(make_caller, caller):
    found = []
    for one in (caller, make_caller("stream-is-deaf-after-the-end")):
        viewer = one.watch(one.finished("complete")["id"], "close_on_terminal=false")
        viewer.watch.heard("ping")
        found.append([frame["type"] for frame in viewer.frames[1:]])
    assert found == [["pong"], []]


@pytest.mark.parametrize(
    ("name", "frames"), [(None, 1), ("stream-repeats-itself", 2)], ids=["usual", "faulty"]
)
def test_a_look_at_nothing_new(make_caller, name, frames):
    caller = make_caller(*filter(None, [name]))
    viewer = caller.watch(caller.created()["id"])
    caller.act("clock_advanced", by_ms=2500)
    assert len(viewer.frames) == frames


def test_nothing_is_told_without_a_refresh(make_caller):
    caller = make_caller("stream-updates-only-when-asked")
    batch_id = caller.created()["id"]
    viewer = caller.watch(batch_id)
    caller.get(f"/batches/{batch_id}")
    caller.act("clock_advanced", by_ms=60_000)
    told = len(viewer.frames)
    viewer.watch.heard("refresh")
    assert (told, len(viewer.frames)) == (1, 2)


def test_who_stays_is_told_of_another_end(make_caller):
    caller = make_caller("stream-ends-differ")
    batch_id = caller.finished("complete")["id"]
    queries = ("", "close_on_terminal=false")
    told = [caller.watch(batch_id, query).seen() for query in queries]
    assert told == [[("job.snapshot", "completed")], [("job.snapshot", "failed")]]
