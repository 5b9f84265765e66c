"""Virtual time: starts at a real instant and moves only when it is told to."""

from datetime import UTC, datetime


def iso(at_ms: int) -> str:
    """The instant as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    whole = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def iso_with_offset(at_ms: int) -> str:
    """The instant as the store's own times are written: `…+00:00` in place of `…Z`."""
    return iso(at_ms).removesuffix("Z") + "+00:00"


class Clock:
    """The time of one workspace set, in integer milliseconds since 1970."""

    def __init__(self, start_ms: int) -> None:
        self.now_ms = start_ms

    @property
    def now_s(self) -> int:
        """Unix seconds, as the provider's own times are given."""
        return self.now_ms // 1000

    def advance(self, by_ms: int) -> None:
        """Move forward; time never goes back."""
        if by_ms < 0:
            raise ValueError(f"the clock cannot go back by {-by_ms} ms")
        self.now_ms += by_ms

    def iso(self) -> str:
        """Now, as gateway times are written."""
        return iso(self.now_ms)
