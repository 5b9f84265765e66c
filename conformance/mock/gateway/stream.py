"""What an open stream says and when: frames, looks at the stored batch, closing.

A stream shows the stored batch and asks no provider. It looks at the batch when its interval is
over on the clock of the set, and at once on refresh; several changes within one interval are one
update. Decisions, each a method: open_stream, opening_type, current_data, updating_type,
should_update, show, frame_for, pong_frame, gone_frame, tell_gone, look_is_due, timed_look, look,
refresh, command_of, hear, closes_on, is_end, close_code_of, close_reason_of, hang_up. What was
shown last is `Watch.data`.
"""

import json
from typing import Any

from conformance.mock.gateway.handshake import Handshakes
from conformance.mock.lives import TERMINAL
from conformance.mock.watch import Watch

_COMMANDS = ("ping", "refresh")


class Streams(Handshakes):
    """The stream of one batch, after the upgrade."""

    def open_stream(self, watch: Watch) -> None:
        """Send the snapshot, unasked; a batch that has ended ends the stream after it."""
        watch.looked_at_ms = watch.terms.workspace.clock.now_ms
        data = self.current_data(watch)
        if data is None:
            self.tell_gone(watch)
        else:
            self.show(watch, self.opening_type(), data)

    def opening_type(self) -> str:
        """The type of the first frame."""
        return "job.snapshot"

    def updating_type(self) -> str:
        """The type of the frames that follow it."""
        return "job.updated"

    def current_data(self, watch: Watch) -> dict[str, Any] | None:
        """The stored batch as messages show it, None when it is no longer stored."""
        batch = watch.terms.workspace.batches.get(watch.terms.batch_id)
        return self.message_data(batch, watch.terms.base) if batch else None

    def show(self, watch: Watch, kind: str, data: dict[str, Any]) -> None:
        """Send the data, and close when it shows the end."""
        watch.data = data
        watch.say(self.message_text(self.frame_for(watch, kind, data)))
        if self.closes_on(watch, data):
            self.hang_up(watch, "ended")

    def frame_for(self, _watch: Watch, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        """A frame that carries data."""
        return {"type": kind, "data": data}

    def pong_frame(self, _watch: Watch) -> dict[str, Any]:
        """The answer to a ping."""
        return {"type": "pong"}

    def gone_frame(self, watch: Watch) -> dict[str, Any]:
        """The last frame of a stream whose batch is no longer stored."""
        return self.frame_for(watch, "job.deleted", {"id": watch.terms.batch_id, "kind": "batch"})

    def tell_gone(self, watch: Watch) -> None:
        """Say that the batch is no longer stored, and close whatever the options say."""
        watch.say(self.message_text(self.gone_frame(watch)))
        self.hang_up(watch, "deleted")

    def look_is_due(self, watch: Watch) -> bool:
        """Whether the interval is over on the clock of the set."""
        passed_ms = watch.terms.workspace.clock.now_ms - watch.looked_at_ms
        return passed_ms >= watch.terms.options.interval_ms

    def timed_look(self, watch: Watch) -> None:
        """Look because the interval is over; the next one begins."""
        watch.looked_at_ms = watch.terms.workspace.clock.now_ms
        self.look(watch)

    def look(self, watch: Watch) -> None:
        """Compare the stored batch with what was shown last, and show it when it differs."""
        data = self.current_data(watch)
        if data is None:
            self.tell_gone(watch)
        elif self.should_update(watch, data):
            self.show(watch, self.updating_type(), data)

    def should_update(self, watch: Watch, data: dict[str, Any]) -> bool:
        """Whether there is anything new to show."""
        return data != watch.data

    def hear(self, watch: Watch, message: str | bytes) -> None:
        """Answer a ping, look at once for a refresh, ignore all else."""
        command = self.command_of(message)
        if command == "ping":
            watch.say(self.message_text(self.pong_frame(watch)))
        elif command == "refresh":
            self.refresh(watch)

    def command_of(self, message: str | bytes) -> str | None:
        """`ping` or `refresh`, as the bare word or as a JSON object of that type."""
        if isinstance(message, bytes):
            return None
        word = message if message in _COMMANDS else _type_of(message)
        return word if word in _COMMANDS else None

    def refresh(self, watch: Watch) -> None:
        """Look at once; the interval runs on as it did."""
        self.look(watch)

    def is_end(self, data: dict[str, Any]) -> bool:
        """Whether the data shows the end of the batch."""
        return data["status"] in TERMINAL

    def closes_on(self, watch: Watch, data: dict[str, Any]) -> bool:
        """Whether the stream ends after this data was shown."""
        return watch.terms.options.close_on_terminal and self.is_end(data)

    def close_code_of(self, _why: str) -> int:
        """The code of a close by the server: `why` is ended or deleted."""
        return 1000

    def close_reason_of(self, _why: str) -> str:
        """The reason that goes with the code."""
        return "closed"

    def hang_up(self, watch: Watch, why: str) -> None:
        """Close from the server's side."""
        watch.hang_up(self.close_code_of(why), self.close_reason_of(why))


def _type_of(message: str) -> Any:
    if not message.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return value.get("type")
