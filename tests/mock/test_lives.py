import pytest

from conformance.mock.lives import LIFE_NAMES, BadLife, Frame, Life, named_life, scripted_life


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("complete", Frame("completed", 3, 1, 20)),
        ("partial", Frame("completed", 3, 1, 20)),
        ("all_failed", Frame("completed", 0, 4, 20)),
        ("failed", Frame("failed", 0, 0, 20)),
        ("expired", Frame("expired", 0, 4, 86_000)),
        ("expired_partial", Frame("expired", 2, 2, 86_000)),
        ("cancelled", Frame("cancelled", 2, 0, 40)),
        ("slow", Frame("in_progress", 2, 0, 40)),
        ("flap", Frame("in_progress", 3, 1, 40)),
    ],
)
def test_each_named_life_ends_as_its_name_says(name, last):
    assert named_life(name, 3, 1).frames[-1] == last


def test_partial_fails_one_row_when_all_are_good():
    assert named_life("partial", 4, 0).frames[-1] == Frame("completed", 3, 1, 20)


@pytest.mark.parametrize("name", LIFE_NAMES)
@pytest.mark.parametrize(("good", "bad"), [(1, 0), (0, 1), (5, 0), (3, 2)])
def test_no_frame_counts_more_rows_than_there_are(name, good, bad):
    frames = named_life(name, good, bad).frames
    assert all(frame.completed + frame.failed <= good + bad for frame in frames)


def test_a_script_is_a_list_of_frames():
    script = [{"status": "in_progress", "completed": 1, "failed": 1, "seconds": 5}]
    assert scripted_life(script, 8, 0) == Life((Frame("in_progress", 1, 1, 5),))


def test_a_script_may_say_how_a_cancel_goes_and_that_usage_is_missing():
    life = scripted_life({"frames": "slow", "on_cancel": "immediate", "usage": False}, 2, 0)
    assert (life.frames[0].status, life.on_cancel, life.usage) == (
        "in_progress",
        "immediate",
        False,
    )


@pytest.mark.parametrize("model", ["another", None])
def test_a_script_may_say_that_another_model_answered_or_none(model):
    assert scripted_life({"model": model}, 2, 0).model == model
    assert scripted_life({}, 2, 0).model == ""


@pytest.mark.parametrize(
    "script",
    [
        "nonsense",
        7,
        [{"status": "done"}],
        [{"status": "completed", "completed": -1}],
        {"on_cancel": "no"},
        {"model": 7},
    ],
)
def test_a_script_that_cannot_be_played_is_refused(script):
    with pytest.raises(BadLife):
        scripted_life(script, 1, 0)
