"""Recorded webhooks are sent when the calls before them were made."""

import asyncio
import json

import pytest

from conformance.replay.sending import Sender
from conformance.testing import delivery, edge, exchange, transcript
from conformance.transcript import Body, Delivery

STEPS = (
    delivery({"n": 1}, "batch.created", at_ms=5),
    exchange("POST", "/batches", {}, at_ms=10),
    delivery({"n": 2}, "batch.progress", at_ms=12),
    edge("clock_advanced"),
    delivery({"n": 3}, "batch.progress", at_ms=15),
    exchange("GET", "/batches/b", {}, at_ms=20),
    delivery({"n": 4}, at_ms=21),
)


@pytest.fixture
def sent(scripted, reply):
    """Sends what the calls of these steps release; bodies, lines told and pauses."""

    def send(*reached, steps=STEPS, count=None, status=204):
        told, pauses = [], []
        receiver = scripted(lambda method, path: reply(status))

        async def pause(seconds):
            pauses.append(seconds)

        async def go():
            sender = Sender(transcript(*steps), f"{receiver.url}/hook", pause=pause, tell=tell)
            for number in reached:
                sender.reached_all() if number == "all" else sender.reached(number)
            running = asyncio.create_task(sender.run())
            async with asyncio.timeout(10):
                await done.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        def tell(line):
            told.append(line)
            if len(told) == count:
                done.set()

        done = asyncio.Event()
        asyncio.run(go())
        return receiver.requests, told, pauses

    return send


def test_what_lies_before_the_next_call_goes_out_in_order_with_its_pauses(sent):
    requests, told, pauses = sent(0, 2, count=3)
    assert told == [
        "step 1 batch.created: 204",
        "step 3 batch.progress: 204",
        "step 5 batch.progress: 204",
    ]
    assert (len(requests), pauses) == (3, [0.005, 0.002, 0.003])


def test_a_later_call_releases_what_was_passed_over_and_nothing_twice(sent):
    _, told, _ = sent(0, 6, 6, 2, count=4)
    assert [line.split()[1] for line in told] == ["1", "3", "5", "7"]


def test_all_at_once_needs_no_call(sent):
    assert len(sent("all", count=4)[1]) == 4


def test_bytes_and_headers_are_the_recorded_ones(sent):
    raw = b'{ "type" : "batch.failed" }\r\n'
    headers = (("Host", "old.test"), ("X-Sig", "abc"), ("content-length", "1"))
    requests, told, _ = sent(
        0, steps=[Delivery("PUT", "/old", headers, Body(raw))], count=1, status=500
    )
    method, path, seen = requests[0]
    assert (method, path, told) == ("PUT", "/v1/hook", ["step 1 batch.failed: 500"])
    assert (seen["x-sig"], seen["content-length"]) == ("abc", str(len(raw)))
    assert seen["host"].startswith("127.0.0.1:")
    assert {"user-agent", "accept"}.isdisjoint(seen)


def test_who_does_not_answer_is_told_and_the_next_is_tried(sent, scripted, reply):
    gone = scripted(lambda method, path: reply())
    gone.stop()
    told, done = [], asyncio.Event()

    async def go():
        def tell(line):
            told.append(line)
            if len(told) == 2:
                done.set()

        steps = transcript(delivery({}), Delivery("POST", "/", (), Body(json.dumps([]).encode())))
        sender = Sender(steps, gone.url, tell=tell)
        sender.reached_all()
        running = asyncio.create_task(sender.run())
        async with asyncio.timeout(10):
            await done.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(go())
    assert told[0].startswith("step 1 batch.completed: no answer (ConnectError: ")
    assert told[1].startswith("step 2 webhook: no answer (")
