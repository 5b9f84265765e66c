"""Faults of how streams end, and of what they say before it."""

from typing import Any

from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.watch import Watch


@fault("stream-no-close-on-completed", breaks=["WS-CLOSE-01"])
class NoCloseOnCompleted(Gateway):
    """A completed batch does not end its stream."""

    def is_end(self, data: dict[str, Any]) -> bool:
        return data["status"] != "completed" and super().is_end(data)


@fault("stream-no-close-on-failed", breaks=["WS-CLOSE-02"])
class NoCloseOnFailed(Gateway):
    """A failed batch does not end its stream."""

    def is_end(self, data: dict[str, Any]) -> bool:
        return data["status"] != "failed" and super().is_end(data)


@fault("stream-no-close-on-cancelled", breaks=["WS-CLOSE-03"])
class NoCloseOnCancelled(Gateway):
    """A cancelled batch does not end its stream."""

    def is_end(self, data: dict[str, Any]) -> bool:
        return data["status"] != "cancelled" and super().is_end(data)


@fault("stream-no-close-on-expired", breaks=["WS-CLOSE-04"])
class NoCloseOnExpired(Gateway):
    """An expired batch does not end its stream."""

    def is_end(self, data: dict[str, Any]) -> bool:
        return data["status"] != "expired" and super().is_end(data)


@fault("stream-closes-half-way", breaks=["WS-CLOSE-05"])
class ClosesHalfWay(Gateway):
    """The stream ends when half of the rows are done."""

    def is_end(self, data: dict[str, Any]) -> bool:
        return data["progress"] >= 50 or super().is_end(data)


@fault("stream-late-watcher-gets-an-update", breaks=["WS-CLOSE-06"])
class LateWatcherGetsAnUpdate(Gateway):
    """Who comes after the end gets an update behind the snapshot."""

    def open_stream(self, watch: Watch) -> None:
        data = self.current_data(watch)
        if data is not None and self.is_end(data):
            opening = self.frame_for(watch, self.opening_type(), {**data, "progress": 99})
            watch.say(self.message_text(opening))
            self.show(watch, self.updating_type(), data)
        else:
            super().open_stream(watch)


@fault("stream-closes-with-another-code", breaks=["WS-CLOSE-07"])
class ClosesWithAnotherCode(Gateway):
    """The end of the batch is no normal closure."""

    def close_code_of(self, why: str) -> int:
        return 4000


@fault("stream-closes-with-another-reason", breaks=["WS-CLOSE-08"])
class ClosesWithAnotherReason(Gateway):
    """The reason of the close is why it is made."""

    def close_reason_of(self, why: str) -> str:
        return why


@fault("stream-stays-after-deletion", breaks=["WS-CLOSE-09"])
class StaysAfterDeletion(Gateway):
    """A stream that is not to close at the end stays when its batch is deleted."""

    def hang_up(self, watch: Watch, why: str) -> None:
        if why != "deleted" or watch.terms.options.close_on_terminal:
            super().hang_up(watch, why)


@fault("stream-closes-when-quiet", breaks=["WS-CLOSE-11"])
class ClosesWhenQuiet(Gateway):
    """A look that finds nothing new ends the stream."""

    def timed_look(self, watch: Watch) -> None:
        before = watch.data
        super().timed_look(watch)
        if watch.data is before and not watch.is_closed:
            self.hang_up(watch, "quiet")


@fault("stream-is-mute-after-the-end", breaks=["WS-CLOSE-12"])
class IsMuteAfterTheEnd(Gateway):
    """Nothing is told of a batch after its end."""

    def should_update(self, watch: Watch, data: dict[str, Any]) -> bool:
        has_ended = watch.data is not None and self.is_end(watch.data)
        return not has_ended and super().should_update(watch, data)
