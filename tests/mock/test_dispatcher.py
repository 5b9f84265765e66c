"""The dispatcher against real sockets: a receiver on loopback whose every byte is scripted."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from conformance.mock.dispatcher import Dispatcher
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.hook_requests import signature

# Nothing takes as long as AT_MOST_S: only those who will never answer are given less.
LONG_S = 12.0
AT_MOST_S = 2.5
SHORT_S = 0.2
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def answer(status, *headers, body=b""):
    lines = [f"HTTP/1.1 {status} X", *headers, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


class Receiver:
    """Plays one script for each connection in turn, the last one for the rest."""

    def __init__(self, scripts):
        self.scripts = scripts
        self.heads, self.bodies = [], []

    async def on_connection(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.lower().splitlines()
        length = next((int(one[15:]) for one in lines if one.startswith("content-length:")), 0)
        script = self.scripts[min(len(self.heads), len(self.scripts) - 1)]
        self.heads.append(head)
        self.bodies.append(await reader.readexactly(length))
        if callable(script):
            await script(writer)
        else:
            writer.write(script)
        writer.close()


@asynccontextmanager
async def receiving(*scripts):
    receiver, tasks = Receiver(scripts), set()

    async def on_connection(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            await receiver.on_connection(reader, writer)
        except (asyncio.CancelledError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(on_connection, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/h"
    yield receiver
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def silence(_writer):
    await asyncio.sleep(60)


async def without_end(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write("é".encode() * 100)
        await writer.drain()
        await asyncio.sleep(0.001)


async def body_that_hangs(writer):
    writer.write(b"HTTP/1.1 202 OK\r\ncontent-length: 9\r\n\r\nhalf")
    await silence(writer)


def hooked(caller, url, *events):
    hook = {"url": url, "events": list(events or ["created"]), "secret": "whsec_1"}
    rows = [{"custom_id": name, "body": {"model": "mock-mini"}} for name in "ab"]
    return caller.workspace.batches[caller.created(*rows, webhook=hook)["id"]]


async def send_all(caller, wait_s=LONG_S):
    async with asyncio.timeout(AT_MOST_S):
        await Dispatcher(caller.gateway.estate.outbox, wait_s).send_all()


def delivered(caller, *scripts, url=None):
    """What one attempt came to, with the receiver that it was made to."""
    wait_s = SHORT_S if {silence, body_that_hangs} & set(scripts) else LONG_S

    async def deliver():
        async with receiving(*scripts) as receiver:
            batch = hooked(caller, url or receiver.url)
            await send_all(caller, wait_s)
            return batch.webhook.attempts, receiver

    (attempt,), receiver = asyncio.run(deliver())
    return (attempt["response_status"], attempt["error_message"]), attempt, receiver


def test_a_set_can_have_a_wait_of_its_own(caller):
    caller.act("receiver_wait_changed", wait_ms=40)

    async def deliver():
        async with receiving(silence) as receiver:
            batch = hooked(caller, receiver.url)
            await send_all(caller, LONG_S)
            return batch.webhook.attempts

    (attempt,) = asyncio.run(deliver())
    assert attempt["error_message"] == "The webhook delivery timed out after 30 s."


def test_who_is_waited_for_can_be_given_up(caller):
    reached = asyncio.Event()

    async def never(_writer):
        reached.set()
        await silence(_writer)

    async def deliver():
        async with receiving(never) as receiver:
            batch = hooked(caller, receiver.url)
            sending = asyncio.create_task(send_all(caller, LONG_S))
            await reached.wait()
            attempts = caller.act("receivers_given_up")["attempts"]
            await sending
            return attempts, batch.webhook.attempts

    given_up, (attempt,) = asyncio.run(deliver())
    assert (given_up, attempt["response_status"]) == (1, None)
    assert attempt["error_message"] == "The webhook delivery timed out after 30 s."


def test_the_signed_bytes_go_over_the_wire(caller):
    found, attempt, receiver = delivered(caller, OK)
    assert found == (200, None)
    assert attempt["response_body_preview"] == "ok"
    line, *fields = receiver.heads[0].rstrip().split("\r\n")
    headers = dict(field.split(": ", 1) for field in fields)
    assert line == "POST /h HTTP/1.1"
    signed = headers["x-ai-stats-timestamp"].encode() + b"." + receiver.bodies[0]
    assert headers["x-ai-stats-signature"] == signature(b"whsec_1", signed)
    assert headers["user-agent"] == "AI-Stats-Async-Webhook/1.0"


def test_a_user_and_password_of_the_url_become_no_header(caller):
    async def deliver():
        async with receiving(OK) as receiver:
            hooked(caller, receiver.url.replace("//", "//u:p@"))
            await send_all(caller)
            return receiver.heads

    (head,) = asyncio.run(deliver())
    assert {"authorization", "cookie"}.isdisjoint(head.lower().replace(":", " ").split())


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (answer(204), (204, None)),
        (answer(503, body=b"busy"), (503, "Webhook returned HTTP 503")),
        (silence, (None, "The webhook delivery timed out after 30 s.")),
        (b"", (None, "The connection to the webhook was lost.")),
        (b"nonsense\r\n\r\n", (None, "The connection to the webhook was lost.")),
        (body_that_hangs, (202, None)),
        (without_end, (200, None)),
    ],
)
def test_every_ending_is_booked(caller, script, found):
    assert delivered(caller, script)[0] == found


@pytest.mark.parametrize(
    ("script", "preview"),
    [(without_end, "é" * 500), (body_that_hangs, "half"), (answer(500), None)],
)
def test_the_preview_is_what_arrived_first(caller, script, preview):
    assert delivered(caller, script)[1]["response_body_preview"] == preview


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/h", "https://hooks.example.com/h", "https://nowhere.invalid/"]
)
def test_a_receiver_that_cannot_be_reached_is_a_failed_attempt(caller, url):
    found, _, receiver = delivered(caller, OK, url=url)
    assert (found, receiver.heads) == ((None, "The webhook could not be reached."), [])


class Following(Gateway):
    def follows_redirects(self):
        return True


@pytest.mark.parametrize(
    ("gateway", "found", "calls"),
    [(Gateway, (302, "Webhook returned HTTP 302"), 1), (Following, (200, None), 2)],
)
def test_redirects_are_followed_only_where_the_gateway_says_so(caller, gateway, found, calls):
    caller.gateway = gateway(caller.gateway.estate)
    came_to, _, receiver = delivered(caller, answer(302, "location: /other"), OK)
    assert (came_to, len(receiver.heads)) == (found, calls)


def test_a_receiver_that_redirects_for_ever_is_given_up(caller):
    caller.gateway = Following(caller.gateway.estate)
    found, _, _ = delivered(caller, answer(307, "location: /h"))
    assert found == (None, "The webhook redirects without an end.")


def test_attempts_of_one_batch_are_made_one_after_the_other(caller):
    async def deliver():
        async with receiving(OK) as receiver:
            batch = hooked(caller, receiver.url, "created", "progress")
            caller.get(f"/batches/{batch.id}")
            await send_all(caller)
            return receiver.bodies

    first, second = asyncio.run(deliver())
    assert (b'"total_attempts":0' in first, b'"total_attempts":1' in second) == (True, True)


def test_a_receiver_may_read_the_batch_before_it_answers(caller):
    dispatcher = Dispatcher(caller.gateway.estate.outbox, 1.0)

    async def read_first(writer):
        caller.get(caller.path)
        await dispatcher.send_all()
        writer.write(OK)

    async def deliver():
        async with receiving(read_first, OK) as receiver:
            batch = hooked(caller, receiver.url, "created", "progress")
            caller.path = f"/batches/{batch.id}"
            await dispatcher.send_all()
            return [(one["delivery_key"], one["status"]) for one in batch.webhook.attempts]

    told = asyncio.run(deliver())
    assert sorted(told) == [("batch.created", "delivered"), ("batch.progress:50", "delivered")]


def test_attempts_of_several_batches_are_made_side_by_side(caller):
    all_there = asyncio.Barrier(3)

    async def after_the_others(writer):
        await all_there.wait()
        writer.write(OK)

    async def deliver():
        async with receiving(after_the_others) as receiver:
            batches = [hooked(caller, receiver.url) for _ in range(3)]
            await send_all(caller)
            return [batch.webhook.delivered for batch in batches]

    assert asyncio.run(deliver()) == [{"batch.created"}] * 3
