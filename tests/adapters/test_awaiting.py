"""The loop in which awaitables end."""

import asyncio
import threading

import pytest

from conformance.adapters.awaiting import AwaitingLoop


async def where() -> threading.Thread:
    return threading.current_thread()


def test_awaitables_end_in_one_thread_that_is_not_the_callers() -> None:
    loop = AwaitingLoop()
    first, second = loop.settle(where()), loop.settle(where())
    assert first is second is not threading.current_thread()
    loop.leave()
    first.join(10)
    assert not first.is_alive()


def test_what_an_awaitable_raises_is_raised() -> None:
    async def fail() -> None:
        raise KeyError("id")

    loop = AwaitingLoop()
    with pytest.raises(KeyError):
        loop.settle(fail())
    loop.leave()


def test_after_its_end_it_starts_anew() -> None:
    loop = AwaitingLoop()
    loop.leave()
    first = loop.settle(where())
    loop.leave()
    assert loop.settle(where()) is not first
    loop.leave()


def test_what_is_under_way_at_the_end_is_cancelled() -> None:
    cancelled = threading.Event()
    started = threading.Event()

    async def endless() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    loop = AwaitingLoop()
    caller = threading.Thread(target=_swallow, args=(loop, endless()))
    caller.start()
    assert started.wait(10)
    loop.leave()
    assert cancelled.wait(10)
    caller.join(10)
    assert not caller.is_alive()


def _swallow(loop: AwaitingLoop, awaitable: object) -> None:
    try:
        loop.settle(awaitable)  # type: ignore[arg-type]
    except BaseException:
        return
