"""How streams end: each fault against the gateway as it should be."""

import pytest


def late(caller, life, query=""):
    """Statuses told to who comes after the end of such a life, and the close."""
    viewer = caller.watch(caller.finished(life)["id"], query)
    return [status for _, status in viewer.seen()], viewer.closed


@pytest.mark.parametrize("word", ["completed", "failed", "cancelled", "expired"])
def test_one_end_does_not_end_the_stream(make_caller, caller, word):
    life = {"completed": "complete"}.get(word, word)
    faulty = make_caller(f"stream-no-close-on-{word}")
    assert late(caller, life) == ([word], (1000, "closed"))
    assert late(faulty, life) == ([word], None)
    other = "failed" if word != "failed" else "cancelled"
    assert late(faulty, other) == ([other], (1000, "closed"))


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("stream-closes-with-another-code", (4000, "closed")),
        ("stream-closes-with-another-reason", (1000, "ended")),
    ],
)
def test_the_close_is_another(make_caller, name, close):
    assert late(make_caller(name), "complete") == (["completed"], close)


def test_an_update_comes_behind_the_last_snapshot(make_caller):
    found = late(make_caller("stream-late-watcher-gets-an-update"), "complete")
    assert found == (["completed", "completed"], (1000, "closed"))


def test_the_stream_ends_half_way(make_caller, caller, make_row):
    closed = []
    for one in (caller, make_caller("stream-closes-half-way")):
        batch_id = one.created(make_row("a"), make_row("b"))["id"]
        viewer = one.watch(batch_id)
        one.get(f"/batches/{batch_id}")
        closed.append((viewer.seen()[-1][1], viewer.closed))
    assert closed == [("in_progress", None), ("in_progress", (1000, "closed"))]


def test_a_deletion_leaves_the_stream_open(make_caller, caller):
    for one, close in (
        (caller, (1000, "closed")),
        (make_caller("stream-stays-after-deletion"), None),
    ):
        batch_id = one.created()["id"]
        viewer = one.watch(batch_id, "close_on_terminal=false")
        one.act("stored_batch_deleted", batch=batch_id)
        assert (viewer.seen()[-1][0], viewer.closed) == ("job.deleted", close)


def test_quiet_ends_the_stream(make_caller, caller):
    closed = []
    for one in (caller, make_caller("stream-closes-when-quiet")):
        viewer = one.watch(one.created()["id"])
        one.act("clock_advanced", by_ms=2500)
        closed.append(viewer.closed)
    assert closed == [None, (1000, "closed")]


def test_nothing_is_told_after_the_end(make_caller, caller):
    told = []
    for one in (caller, make_caller("stream-is-mute-after-the-end")):
        batch_id = one.finished("complete")["id"]
        viewer = one.watch(batch_id, "close_on_terminal=false")
        one.act("stored_hold_fields_removed", batch=batch_id)
        viewer.watch.heard("refresh")
        told.append(len(viewer.frames))
    assert told == [2, 1]
