import pytest

STARTED = {"status": "in_progress", "completed": 0}
HALF = {"status": "in_progress", "completed": 1}
DONE = {"status": "completed", "completed": 1}
PENDING, RUNNING, COMPLETED = ("pending", "in_progress", "completed")


@pytest.fixture
def timeless(caller):
    """A batch whose reads take no time: only the clock of the test moves."""
    caller.lives(STARTED, HALF, DONE)
    return caller.created()["id"]


def test_a_life_is_shown_state_by_state_and_ends_the_stream(caller):
    batch_id = caller.created()["id"]
    viewer = caller.watch(batch_id)
    body = caller.polled_to_end(batch_id)
    updates = [("job.updated", word) for word in (RUNNING, RUNNING, COMPLETED)]
    assert viewer.seen() == [("job.snapshot", PENDING), *updates]
    assert [frame["data"]["polled_status"] for frame in viewer.frames[1:]] == [
        "in_progress",
        "finalizing",
        "completed",
    ]
    assert viewer.frames[-1]["data"]["billing"]["total_nanos"] == body["billing"]["total_nanos"]
    assert viewer.closed == (1000, "closed")


def test_the_end_is_shown_with_its_bill_and_in_one_update(caller, timeless):
    viewer = caller.watch(timeless, "close_on_terminal=false")
    caller.polled_to_end(timeless)
    caller.act("clock_advanced", by_ms=2_500)
    assert viewer.seen() == [("job.snapshot", PENDING), ("job.updated", COMPLETED)]
    assert viewer.frames[1]["data"]["billing"]["state"] == "settled"


def test_watching_moves_nothing(caller, timeless):
    viewer = caller.watch(timeless)
    for _ in range(5):
        caller.act("clock_advanced", by_ms=10_000)
        viewer.watch.heard("refresh")
    assert len(viewer.frames) == 1
    assert caller.workspace.batches[timeless].status == "validating"


@pytest.mark.parametrize(
    ("query", "interval_ms"), [("", 2_500), ("interval_ms=1500", 1_500), ("interval_ms=1", 1_000)]
)
def test_a_change_waits_for_the_interval_and_no_longer(caller, timeless, query, interval_ms):
    viewer = caller.watch(timeless, query)
    for turn in range(2):
        caller.get(f"/batches/{timeless}")
        caller.act("clock_advanced", by_ms=interval_ms - 1)
        assert len(viewer.frames) == turn + 1
        caller.act("clock_advanced", by_ms=1)
        assert len(viewer.frames) == turn + 2


def test_changes_within_one_interval_are_one_update_of_the_latest_state(caller, timeless):
    viewer = caller.watch(timeless)
    caller.get(f"/batches/{timeless}")
    caller.get(f"/batches/{timeless}")
    caller.act("clock_advanced", by_ms=2_500)
    assert viewer.seen() == [("job.snapshot", PENDING), ("job.updated", RUNNING)]
    assert viewer.frames[1]["data"]["progress"] == 100


def test_a_change_after_a_quiet_interval_is_shown_at_once(caller):
    caller.lives({**STARTED, "seconds": 3})
    batch_id = caller.created()["id"]
    viewer = caller.watch(batch_id)
    caller.get(f"/batches/{batch_id}")
    assert viewer.seen() == [("job.snapshot", PENDING), ("job.updated", RUNNING)]


def test_a_change_without_a_reader_is_shown_too(caller, timeless):
    viewer = caller.watch(timeless)
    caller.act("scheduled_job_tick")
    caller.act("clock_advanced", by_ms=2_500)
    assert viewer.seen() == [("job.snapshot", PENDING), ("job.updated", RUNNING)]


def test_a_read_that_finds_nothing_new_is_no_change(caller, timeless):
    caller.act("provider_hold", hold=True)
    viewer = caller.watch(timeless)
    caller.get(f"/batches/{timeless}")
    caller.act("clock_advanced", by_ms=2_500)
    assert len(viewer.frames) == 1


def test_real_time_stands_in_for_the_clock_while_there_is_news(caller, timeless):
    viewer = caller.watch(timeless, "interval_ms=1000")
    assert viewer.reminder_ms is None
    caller.get(f"/batches/{timeless}")
    assert viewer.reminder_ms == 1_000
    viewer.watch.reminded()
    assert viewer.seen() == [("job.snapshot", PENDING), ("job.updated", RUNNING)]
    caller.get("/batches")
    assert viewer.reminder_ms is None


@pytest.mark.parametrize("word", ["refresh", '{"type":"refresh"}', ' {"type": "refresh", "x": 1}'])
def test_refresh_shows_a_change_at_once_and_nothing_twice(caller, timeless, word):
    viewer = caller.watch(timeless, "interval_ms=10000")
    viewer.watch.heard(word)
    caller.get(f"/batches/{timeless}")
    viewer.watch.heard(word)
    viewer.watch.heard(word)
    caller.act("clock_advanced", by_ms=10_000)
    assert viewer.seen() == [("job.snapshot", PENDING), ("job.updated", RUNNING)]


@pytest.mark.parametrize("word", ["ping", '{"type":"ping"}'])
def test_each_ping_is_answered(caller, timeless, word):
    viewer = caller.watch(timeless)
    for _ in range(3):
        viewer.watch.heard(word)
    assert viewer.frames[1:] == [{"type": "pong"}] * 3


@pytest.mark.parametrize(
    "message",
    [
        "PING",
        " ping",
        "ping\n",
        "",
        "{}",
        '{"type":["ping"]}',
        '["ping"]',
        '"ping"',
        "{" * 65_536,
        '{"a":' * 10_000,
        "x" * 65_536,
        b"ping",
        b'{"type":"refresh"}',
    ],
)
def test_anything_else_is_ignored_and_the_stream_lives_on(caller, timeless, message):
    viewer = caller.watch(timeless)
    caller.get(f"/batches/{timeless}")
    viewer.watch.heard(message)
    viewer.watch.heard("ping")
    assert (viewer.frames[1:], viewer.closed) == ([{"type": "pong"}], None)


@pytest.mark.parametrize("life", ["complete", "failed", "cancelled", "expired"])
def test_an_ended_batch_gives_the_snapshot_and_the_close(caller, life):
    body = caller.finished(life)
    viewer = caller.watch(body["id"])
    assert viewer.seen() == [("job.snapshot", body["status"])]
    assert viewer.closed == (1000, "closed")


def test_a_stream_that_stays_open_shows_what_changes_after_the_end(caller):
    batch_id = caller.finished("all_failed")["id"]
    viewer = caller.watch(batch_id, "close_on_terminal=off")
    caller.act("clock_advanced", by_ms=2_500)
    caller.get(f"/batches/{batch_id}")
    viewer.watch.heard("refresh")
    viewer.watch.heard("ping")
    kinds = [frame["type"] for frame in viewer.frames]
    assert (kinds, viewer.closed) == (["job.snapshot", "job.updated", "pong"], None)


def test_a_batch_that_is_lost_ends_the_stream_whatever_the_options(caller, timeless):
    viewer = caller.watch(timeless, "close_on_terminal=false")
    caller.act("stored_batch_deleted", batch=timeless)
    assert viewer.frames[1:] == [{"type": "job.deleted", "data": {"id": timeless, "kind": "batch"}}]
    assert viewer.closed == (1000, "closed")


def test_a_set_that_is_forgotten_ends_its_streams(caller, timeless):
    viewer = caller.watch(timeless)
    caller.gateway.estate.forget_set(caller.home.id)
    assert (viewer.frames[-1]["type"], viewer.closed) == ("job.deleted", (1000, "closed"))


def test_a_batch_that_is_lost_between_handshake_and_opening_has_no_snapshot(caller, timeless):
    terms = caller.upgrade(f"/async/batch/{timeless}/ws")
    caller.act("stored_batch_deleted", batch=timeless)
    viewer = caller.view(terms)
    assert viewer.seen() == [("job.deleted", None)]


def test_all_watchers_of_a_batch_see_the_same_and_late_ones_the_rest(caller):
    batch_id = caller.created()["id"]
    first, second = caller.watch(batch_id), caller.other("same").watch(batch_id)
    caller.get(f"/batches/{batch_id}")
    late = caller.watch(batch_id)
    caller.polled_to_end(batch_id)
    assert first.frames == second.frames
    assert [frame["data"] for frame in late.frames] == [one["data"] for one in first.frames[1:]]


def test_who_has_gone_is_sent_nothing(caller, timeless):
    viewer = caller.watch(timeless)
    viewer.watch.end()
    caller.get(f"/batches/{timeless}")
    caller.act("clock_advanced", by_ms=2_500)
    caller.act("stored_batch_deleted", batch=timeless)
    viewer.watch.heard("ping")
    viewer.watch.reminded()
    assert len(viewer.frames) == 1
