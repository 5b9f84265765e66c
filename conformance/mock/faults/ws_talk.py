"""Faults of what an open stream says, and of how it takes what clients say."""

from typing import Any

from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.watch import Watch


@fault("stream-repeats-itself", breaks=["WS-FRAME-05"])
class RepeatsItself(Gateway):
    """The batch is shown at every look, changed or not."""

    def should_update(self, watch: Watch, data: dict[str, Any]) -> bool:
        return True


@fault("stream-updates-only-when-asked", breaks=["WS-FRAME-06"])
class UpdatesOnlyWhenAsked(Gateway):
    """Nothing is looked at without a refresh."""

    def look_is_due(self, watch: Watch) -> bool:
        return False

    def timed_look(self, watch: Watch) -> None:
        return


@fault("stream-ends-differ", breaks=["WS-FRAME-39"])
class EndsDiffer(Gateway):
    """Who stays after the end is told of another end than who leaves."""

    def frame_for(self, watch: Watch, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        stays = not watch.terms.options.close_on_terminal
        if stays and data.get("status") == "completed":
            data = {**data, "status": "failed"}
        return super().frame_for(watch, kind, data)


@fault("stream-text-ping-is-not-heard", breaks=["WS-CTRL-01"])
class TextPingIsNotHeard(Gateway):
    """The bare word ping is ignored."""

    def command_of(self, message: str | bytes) -> str | None:
        return None if message == "ping" else super().command_of(message)


@fault("stream-json-ping-is-not-heard", breaks=["WS-CTRL-02"])
class JsonPingIsNotHeard(Gateway):
    """A ping as a JSON object is ignored."""

    def command_of(self, message: str | bytes) -> str | None:
        word = super().command_of(message)
        return None if word == "ping" and message != "ping" else word


@fault("stream-text-refresh-is-not-heard", breaks=["WS-CTRL-03"])
class TextRefreshIsNotHeard(Gateway):
    """The bare word refresh is ignored."""

    def command_of(self, message: str | bytes) -> str | None:
        return None if message == "refresh" else super().command_of(message)


@fault("stream-json-refresh-is-not-heard", breaks=["WS-CTRL-04"])
class JsonRefreshIsNotHeard(Gateway):
    """A refresh as a JSON object is ignored."""

    def command_of(self, message: str | bytes) -> str | None:
        word = super().command_of(message)
        return None if word == "refresh" and message != "refresh" else word


@fault("stream-refresh-always-answers", breaks=["WS-CTRL-05"])
class RefreshAlwaysAnswers(Gateway):
    """A refresh shows the batch, changed or not."""

    def refresh(self, watch: Watch) -> None:
        self.show(watch, self.updating_type(), self.current_data(watch) or {})


@fault("stream-refresh-begins-anew", breaks=["WS-CTRL-06"])
class RefreshBeginsAnew(Gateway):
    """What a refresh finds is sent as a snapshot."""

    def refresh(self, watch: Watch) -> None:
        data = self.current_data(watch)
        if data is not None and self.should_update(watch, data):
            self.show(watch, self.opening_type(), data)


@fault("stream-answers-pings-twice", breaks=["WS-CTRL-07"])
class AnswersPingsTwice(Gateway):
    """A ping is answered twice."""

    def hear(self, watch: Watch, message: str | bytes) -> None:
        super().hear(watch, message)
        if self.command_of(message) == "ping":
            super().hear(watch, message)


@fault("stream-scolds-unknown-messages", breaks=["WS-CTRL-08"])
class ScoldsUnknownMessages(Gateway):
    """What is neither ping nor refresh is answered by an error."""

    def hear(self, watch: Watch, message: str | bytes) -> None:
        if self.command_of(message) is None:
            watch.say(self.message_text({"type": "error"}))
        super().hear(watch, message)


@fault("stream-messages-match-loosely", breaks=["WS-CTRL-09"])
class MessagesMatchLoosely(Gateway):
    """Letter case and blanks of a message do not matter."""

    def command_of(self, message: str | bytes) -> str | None:
        loose = message.strip().lower() if isinstance(message, str) else message
        return super().command_of(loose)


@fault("stream-is-deaf-after-the-end", breaks=["WS-CTRL-10"])
class IsDeafAfterTheEnd(Gateway):
    """After the end of the batch no message is heard."""

    def hear(self, watch: Watch, message: str | bytes) -> None:
        if watch.data is None or not self.is_end(watch.data):
            super().hear(watch, message)


@fault("stream-message-changes-the-job", breaks=["WS-CTRL-11"])
class MessageChangesTheJob(Gateway):
    """The last message of a client is taken for the session of the batch."""

    def hear(self, watch: Watch, message: str | bytes) -> None:
        batch = watch.terms.workspace.batches.get(watch.terms.batch_id)
        if batch is not None:
            batch.session_id = "stream"
        super().hear(watch, message)
