import pytest

from conformance.mock.hub import Hub


class Watcher:
    def __init__(self, hub, *, due):
        self.hub, self.due, self.heard = hub, due, []

    def look_if_due(self):
        if self.due:
            self.hub.seen(self)
            self.heard.append("looked")
        return self.due

    def remind(self):
        self.heard.append("reminded")

    def batch_gone(self):
        self.heard.append("gone")
        self.hub.leave("x", self)


@pytest.fixture
def hub():
    return Hub()


@pytest.fixture
def watching(hub):
    def make(batch_id="x", *, due=True):
        watcher = Watcher(hub, due=due)
        hub.join(batch_id, watcher)
        return watcher

    return make


def test_a_change_is_told_at_the_pulse_and_once(hub, watching):
    mine, other = watching("x"), watching("y")
    hub.changed("x")
    assert mine.heard == []
    hub.pulse()
    hub.pulse()
    assert (mine.heard, other.heard) == (["looked"], [])


def test_news_that_is_too_early_to_look_at_is_kept(hub, watching):
    early = watching(due=False)
    hub.changed("x")
    hub.pulse()
    early.due = True
    hub.pulse()
    hub.pulse()
    assert early.heard == ["reminded", "looked"]


def test_when_time_passes_all_look_whose_interval_is_over(hub, watching):
    due, early = watching("y"), watching(due=False)
    hub.time_passed()
    assert (due.heard, early.heard) == (["looked"], [])


def test_a_lost_batch_is_told_to_its_watchers_a_lost_set_to_all(hub, watching):
    first, second, other = watching("x"), watching("x"), watching("y")
    hub.gone("x")
    assert [one.heard for one in (first, second, other)] == [["gone"], ["gone"], []]
    hub.all_gone()
    assert (first.heard, other.heard) == (["gone"], ["gone"])


def test_who_has_left_hears_of_nothing(hub, watching):
    watcher = watching()
    hub.changed("x")
    hub.leave("x", watcher)
    hub.leave("x", watcher)
    hub.pulse()
    hub.time_passed()
    hub.gone("x")
    assert watcher.heard == []
