"""The options of a stream: each fault against the gateway as it should be."""

import pytest


def terms(caller, query):
    options = caller.upgrade(f"/async/batch/{caller.created()['id']}/ws?{query}").options
    return options.interval_ms, options.close_on_terminal


@pytest.mark.parametrize(
    ("name", "query", "usual", "faulty"),
    [
        ("stream-default-interval-one-second", "", (2500, True), (1000, True)),
        ("stream-given-interval-is-ignored", "interval_ms=1500", (1500, True), (10_000, True)),
        ("stream-given-interval-is-ignored", "", (2500, True), (2500, True)),
        ("stream-interval-without-a-least", "interval_ms=100", (1000, True), (100, True)),
        ("stream-interval-without-a-most", "interval_ms=60000", (10_000, True), (60_000, True)),
        ("stream-odd-interval-is-the-least", "interval_ms=abc", (2500, True), (1000, True)),
        ("stream-odd-interval-is-the-least", "", (2500, True), (2500, True)),
        ("stream-interval-in-digits-only", "interval_ms=1e4", (10_000, True), (1000, True)),
        ("stream-interval-in-digits-only", "interval_ms=1500", (1500, True), (1500, True)),
        ("stream-closes-whatever-was-asked", "close_on_terminal=0", (2500, False), (2500, True)),
        ("stream-open-for-false-alone", "close_on_terminal=OFF", (2500, False), (2500, True)),
        ("stream-open-for-false-alone", "close_on_terminal=false", (2500, False), (2500, False)),
        ("stream-open-for-any-word-but-true", "close_on_terminal=2", (2500, True), (2500, False)),
        ("stream-open-for-any-word-but-true", "", (2500, True), (2500, True)),
    ],
)
def test_an_option_means_something_else(make_caller, caller, name, query, usual, faulty):
    assert (terms(caller, query), terms(make_caller(name), query)) == (usual, faulty)


def test_a_change_is_sent_before_the_interval_is_over(make_caller, caller):
    found = []
    for one in (caller, make_caller("stream-updates-at-every-change")):
        one.lives({"status": "in_progress"})
        batch_id = one.created()["id"]
        viewer = one.watch(batch_id)
        one.get(f"/batches/{batch_id}")
        found.append(len(viewer.frames))
    assert found == [1, 2]
