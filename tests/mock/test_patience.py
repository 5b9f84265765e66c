import asyncio

from conformance.mock.patience import Patience


async def waited(patience, wait_s, started):
    try:
        async with patience.at_most(wait_s):
            started.set()
            await asyncio.Event().wait()
    except TimeoutError:
        return "over"


def test_a_wait_ends_by_itself_and_when_it_is_told_to():
    async def go():
        patience, begun = Patience(), [asyncio.Event() for _ in range(3)]
        by_itself = await waited(patience, 0.0, begun[0])
        waits = [asyncio.create_task(waited(patience, 60.0, one)) for one in begun[1:]]
        await asyncio.gather(*(one.wait() for one in begun[1:]))
        ended = patience.end()
        async with asyncio.timeout(5):
            return by_itself, ended, await asyncio.gather(*waits), patience.end()

    assert asyncio.run(go()) == ("over", 2, ["over", "over"], 0)


def test_what_is_in_time_is_no_wait_any_more():
    async def go():
        patience = Patience()
        async with patience.at_most(60.0):
            pass
        return patience.end()

    assert asyncio.run(go()) == 0
