import pytest

from conformance.mock.stream_options import StreamOptions
from conformance.mock.watch import StreamTerms, Watch


class Rules:
    """Rules that only note what they are asked; a look is due when the test says so."""

    def __init__(self):
        self.asked, self.due = [], False

    def open_stream(self, watch):
        self.asked.append("open")

    def look_is_due(self, watch):
        return self.due

    def timed_look(self, watch):
        self.asked.append("look")

    def tell_gone(self, watch):
        self.asked.append("gone")

    def hear(self, watch, message):
        self.asked.append(message)


class Outlet:
    def __init__(self):
        self.told = []

    def send(self, text):
        self.told.append(text)

    def close(self, code, reason):
        self.told.append((code, reason))

    def remind(self, after_ms):
        self.told.append(after_ms)

    def forget_reminder(self):
        self.told.append("forget")


@pytest.fixture
def rules():
    return Rules()


@pytest.fixture
def watch(caller, rules):
    opened = Watch(rules, StreamTerms(caller.workspace, "x", "http://h/v1", OPTIONS), Outlet())
    opened.open()
    return opened


OPTIONS = StreamOptions(1_000)


def test_an_open_watch_hears_what_happens_to_its_batch(caller, rules, watch):
    hub = caller.home.hub
    hub.changed("x")
    hub.pulse()
    rules.due = True
    hub.time_passed()
    hub.pulse()
    hub.gone("x")
    watch.heard("ping")
    assert rules.asked == ["open", "look", "gone", "ping"]


def test_news_that_comes_too_early_asks_for_a_reminder_and_a_look_calls_it_off(
    caller, rules, watch
):
    caller.home.hub.changed("x")
    caller.home.hub.pulse()
    watch.reminded()
    caller.home.hub.pulse()
    assert watch.outlet.told == [1_000, "forget"]
    assert rules.asked == ["open", "look"]


def test_what_is_said_goes_out_before_the_close_and_nothing_after_it(caller, rules, watch):
    watch.say("last words")
    watch.hang_up(1000, "closed")
    rules.due = True
    caller.home.hub.time_passed()
    caller.home.hub.gone("x")
    watch.heard("ping")
    watch.reminded()
    watch.batch_gone()
    assert watch.outlet.told[:2] == ["last words", (1000, "closed")]
    assert set(watch.outlet.told[2:]) == {"forget"}
    assert rules.asked == ["open"]
