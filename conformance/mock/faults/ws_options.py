"""Faults of the options of streams: the interval, and closing at the end."""

from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.watch import Watch


@fault("stream-default-interval-one-second", breaks=["WS-OPT-01"])
class DefaultIntervalOneSecond(Gateway):
    """Without `interval_ms` the batch is looked at every second."""

    def default_interval_ms(self) -> int:
        return 1_000


@fault("stream-given-interval-is-ignored", breaks=["WS-OPT-02"])
class GivenIntervalIsIgnored(Gateway):
    """Whatever number is given, the longest interval is kept."""

    def interval_of(self, written: str) -> int:
        return self.max_interval_ms() if written else super().interval_of(written)


@fault("stream-interval-without-a-least", breaks=["WS-OPT-03"])
class IntervalWithoutALeast(Gateway):
    """A smaller number than 1000 is taken as given."""

    def min_interval_ms(self) -> int:
        return 0


@fault("stream-interval-without-a-most", breaks=["WS-OPT-04"])
class IntervalWithoutAMost(Gateway):
    """A larger number than 10000 is taken as given."""

    def max_interval_ms(self) -> int:
        return 3_600_000


@fault("stream-odd-interval-is-the-least", breaks=["WS-OPT-05"])
class OddIntervalIsTheLeast(Gateway):
    """A text that is no number gives the shortest interval."""

    def interval_of(self, written: str) -> int:
        usual = super().interval_of(written)
        is_odd = written and usual == self.default_interval_ms()
        return self.min_interval_ms() if is_odd else usual


@fault("stream-interval-in-digits-only", breaks=["WS-OPT-06"])
class IntervalInDigitsOnly(Gateway):
    """A number that is not written in digits alone gives the shortest interval."""

    def interval_of(self, written: str) -> int:
        is_other = written[:1].isdigit() and not written.isdigit()
        return self.min_interval_ms() if is_other else super().interval_of(written)


@fault("stream-closes-whatever-was-asked", breaks=["WS-OPT-08"])
class ClosesWhateverWasAsked(Gateway):
    """`close_on_terminal` is not looked at."""

    def closes_at_end(self, written: str) -> bool:
        return True


@fault("stream-open-for-false-alone", breaks=["WS-OPT-09"])
class OpenForFalseAlone(Gateway):
    """No word but false keeps a stream open."""

    def closes_at_end(self, written: str) -> bool:
        return written != "false"


@fault("stream-open-for-any-word-but-true", breaks=["WS-OPT-10"])
class OpenForAnyWordButTrue(Gateway):
    """Any other word than true keeps a stream open."""

    def closes_at_end(self, written: str) -> bool:
        return written in {"", "true"}


@fault("stream-updates-at-every-change", breaks=["WS-OPT-12"])
class UpdatesAtEveryChange(Gateway):
    """A change is sent at once, whatever the interval."""

    def look_is_due(self, watch: Watch) -> bool:
        return True
