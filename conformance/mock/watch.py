"""One open stream, free of sockets: what it watches, what it showed last, where it speaks."""

from dataclasses import dataclass
from typing import Any, Protocol

from conformance.mock.stream_options import StreamOptions
from conformance.mock.workspace import Workspace


@dataclass(frozen=True, slots=True)
class StreamTerms:
    """What an accepted handshake is about; `base` is the API base that the caller used."""

    workspace: Workspace
    batch_id: str
    base: str
    options: StreamOptions


class Outlet(Protocol):
    """The way to the client; nothing that is said here waits for the network."""

    def send(self, text: str) -> None:
        """Send a text frame."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close, after all that was sent before."""
        ...

    def remind(self, after_ms: int) -> None:
        """Call `Watch.reminded` once when that much real time is over."""
        ...

    def forget_reminder(self) -> None:
        """Call no more for reminders asked for before."""
        ...


class StreamRules(Protocol):
    """The decisions that the gateway takes for a stream."""

    def open_stream(self, watch: "Watch") -> None:
        """Say the first words."""
        ...

    def look_is_due(self, watch: "Watch") -> bool:
        """Whether the interval is over."""
        ...

    def timed_look(self, watch: "Watch") -> None:
        """Look because time has passed."""
        ...

    def tell_gone(self, watch: "Watch") -> None:
        """Say that the batch is no longer stored."""
        ...

    def hear(self, watch: "Watch", message: str | bytes) -> None:
        """Take a message of the client."""
        ...


class Watch:
    """A stream from its opening to its end: hears of changes, asks the gateway what to say."""

    def __init__(self, rules: StreamRules, terms: StreamTerms, outlet: Outlet) -> None:
        self._rules = rules
        self._hub = terms.workspace.home.hub
        self.terms = terms
        self.outlet = outlet
        self.data: dict[str, Any] | None = None
        self.looked_at_ms = 0
        self.is_closed = False

    def open(self) -> None:
        """Say the first words and hear of changes from now on."""
        self._hub.join(self.terms.batch_id, self)
        self._rules.open_stream(self)

    def end(self) -> None:
        """Hear of nothing any more."""
        self.is_closed = True
        self.outlet.forget_reminder()
        self._hub.leave(self.terms.batch_id, self)

    def look_if_due(self) -> bool:
        """Look at the batch when the interval is over; False when it is not."""
        due = self._rules.look_is_due(self)
        if due:
            self.reminded()
        return due

    def remind(self) -> None:
        """There is news that it is too early to look at: the interval in real time is waited."""
        self.outlet.remind(self.terms.options.interval_ms)

    def reminded(self) -> None:
        """The interval is over, by whatever clock."""
        self.outlet.forget_reminder()
        self._hub.seen(self)
        if not self.is_closed:
            self._rules.timed_look(self)

    def batch_gone(self) -> None:
        """The batch is no longer stored."""
        if not self.is_closed:
            self._rules.tell_gone(self)

    def heard(self, message: str | bytes) -> None:
        """The client said something."""
        if not self.is_closed:
            self._rules.hear(self, message)

    def say(self, text: str) -> None:
        """Send a text frame."""
        self.outlet.send(text)

    def hang_up(self, code: int, reason: str) -> None:
        """Close from the server's side; the watch is over."""
        self.outlet.close(code, reason)
        self.end()
