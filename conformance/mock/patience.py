"""The waits for receivers of webhooks that are under way, which can be ended before their time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Patience:
    """Waits of one set: each ends with TimeoutError by itself, or all at once when told so."""

    def __init__(self) -> None:
        self._waits: set[asyncio.Timeout] = set()

    @asynccontextmanager
    async def at_most(self, wait_s: float) -> AsyncIterator[None]:
        """Wait so long in real time, unless `end` comes before."""
        async with asyncio.timeout(wait_s) as wait:
            self._waits.add(wait)
            try:
                yield
            finally:
                self._waits.discard(wait)

    def end(self) -> int:
        """End the waits that are under way; how many they are."""
        for wait in self._waits:
            wait.reschedule(asyncio.get_running_loop().time())
        return len(self._waits)
