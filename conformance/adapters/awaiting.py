"""A loop in a thread of its own, in which the awaitables of an SDK come to an end."""

import asyncio
import threading
from collections.abc import Awaitable
from typing import Any


class AwaitingLoop:
    """Started when first wanted. An SDK that blocks in it blocks nothing else."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()

    def settle(self, awaitable: Awaitable[Any]) -> Any:
        """What the awaitable comes to, waited for in the calling thread."""
        return asyncio.run_coroutine_threadsafe(_wait(awaitable), self._running()).result()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), daemon=True).start()
            return self._loop

    def leave(self) -> None:
        """End the loop; one that is blocked ends when it can."""
        with self._starting:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._loop = None


async def _wait(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(_wind_up())
    finally:
        loop.close()


async def _wind_up() -> None:
    """Let what is still under way end, so that nothing is left unawaited."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
