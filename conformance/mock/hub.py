"""Who watches which batch of a set, and who has news to look at."""

from typing import Any, Protocol


class Watcher(Protocol):
    """One open stream as the hub knows it."""

    def look_if_due(self) -> bool:
        """Look at the batch when the interval is over; False when it is not."""
        ...

    def remind(self) -> None:
        """There is news that it is too early to look at."""
        ...

    def batch_gone(self) -> None:
        """The batch is no longer stored."""
        ...


class Line(Protocol):
    """The wire of an open stream, which counts what goes over it."""

    def tally(self) -> dict[str, Any]:
        """Whose it is, the messages heard and said, whether it is closed, when it is reminded."""
        ...

    def take_for_passed(self, by_ms: int) -> None:
        """Nobody waits for so much of the real time that the stream waits for."""
        ...


class Hub:
    """Passes changes of batches on to their watchers, between operations, never within one."""

    def __init__(self) -> None:
        self._watchers: dict[str, dict[Watcher, None]] = {}
        self._with_news: dict[Watcher, None] = {}
        self.lines: dict[Line, None] = {}

    def join(self, batch_id: str, watcher: Watcher) -> None:
        """From now on the watcher hears of the batch."""
        self._watchers.setdefault(batch_id, {})[watcher] = None

    def leave(self, batch_id: str, watcher: Watcher) -> None:
        """The watcher hears of nothing any more; harmless when it heard of nothing."""
        self.seen(watcher)
        watchers = self._watchers.get(batch_id, {})
        watchers.pop(watcher, None)
        if not watchers:
            self._watchers.pop(batch_id, None)

    def changed(self, batch_id: str) -> None:
        """The stored batch is another; told at the next pulse."""
        self._with_news.update(self._watchers.get(batch_id, {}))

    def seen(self, watcher: Watcher) -> None:
        """The watcher has looked: what there was is no news any more."""
        self._with_news.pop(watcher, None)

    def pulse(self) -> None:
        """An operation is over: whoever has news looks, or is reminded when it is too early."""
        for watcher in list(self._with_news):
            if not watcher.look_if_due():
                watcher.remind()

    def time_passed(self) -> None:
        """The clock was moved: everybody whose interval is over looks, news or none."""
        for watcher in self._everybody():
            watcher.look_if_due()

    def gone(self, batch_id: str) -> None:
        """The batch is no longer stored; told at once."""
        for watcher in list(self._watchers.get(batch_id, {})):
            watcher.batch_gone()

    def all_gone(self) -> None:
        """No batch of the set is stored any more; told at once."""
        for watcher in self._everybody():
            watcher.batch_gone()

    def _everybody(self) -> list[Watcher]:
        return [watcher for watchers in self._watchers.values() for watcher in watchers]
