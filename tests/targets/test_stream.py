"""A live stream: frames in order and time, deadlines that hold, and a step whatever happens."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.cassette_format import _step_out
from conformance.redact import Redactor
from conformance.targets.limits import EventLimits, ScenarioStopped
from conformance.targets.stream import LiveStream, showing, typed
from conformance.targets.ws_wire import Upgrade, WsWire
from conformance.transcript import Failure, Frame, Stream

Streamed = Callable[..., Stream]
SNAPSHOT = '{"type":"job.snapshot","data":{"status":"pending"}}'
DONE = '{"type":"job.updated","data":{"status":"completed"}}'


def said(step: Stream) -> list[tuple[str, str | bytes]]:
    return [(frame.sender, frame.content) for frame in step.frames]


def ending(step: Stream) -> tuple[int | None, str, str] | None:
    close = step.close
    return None if close is None else (close.code, close.reason, close.by)


async def life(caller: Any) -> None:
    """Snapshot, answer to a ping, update, close."""
    await caller.accept()
    await caller.text(SNAPSHOT)
    assert await caller.read() == (1, b"ping")
    await caller.text('{"type":"pong"}')
    await caller.text(DONE)
    await caller.close()
    await caller.until_gone()


def test_a_whole_life_is_on_record_in_order(streamed: Streamed) -> None:
    seen: list[Any] = []

    async def work(stream: LiveStream) -> None:
        seen.append(await stream.until(typed("job.snapshot")))
        seen.append(await stream.send("ping"))
        seen.append(await stream.until(showing("completed")))
        seen.append(await stream.end())
        seen.append(await stream.frame())

    step = streamed(life, work=work)
    frames = [("server", SNAPSHOT), ("client", "ping"), ("server", '{"type":"pong"}'),
              ("server", DONE)]  # fmt: skip
    assert said(step) == frames
    assert [one.content if isinstance(one, Frame) else one for one in seen] == [
        SNAPSHOT, True, DONE, True, None,
    ]  # fmt: skip
    assert ending(step) == (1000, "closed", "server")
    assert (step.response is not None and step.response.status, step.failure) == (101, None)
    times = [step.at_ms, *(frame.at_ms for frame in step.frames), step.close.at_ms]
    assert times == sorted(times)


def test_frames_that_come_with_the_handshake_are_not_lost(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        await caller.accept(b"\x81\x02hi")
        await caller.close()

    assert said(streamed(script)) == [("server", "hi")]


def test_pieces_of_a_message_are_one_frame(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.send(1, b"ab", fin=0)
        await caller.send(9)
        await caller.send(0, b"cd")
        await caller.close()

    assert said(streamed(script)) == [("server", "abcd")]


def test_what_is_no_text_is_kept_as_bytes(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.send(2, b"{}")
        await caller.send(1, b"\xff\xfe{")
        await caller.text("{not json")
        await caller.close(1000, "")

    step = streamed(script)
    assert said(step) == [("server", b"{}"), ("server", b"\xff\xfe{"), ("server", "{not json")]
    assert ending(step) == (1000, "", "server")


def test_a_stream_that_says_nothing_ends_with_the_time(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        await caller.accept()
        assert await caller.read() == (8, b"\x03\xe8")
        await caller.close(1000, "")

    found: list[Any] = []

    async def work(stream: LiveStream) -> None:
        found.append(await stream.frame(0.02))
        found.append(await stream.end(0.02))

    step = streamed(script, work=work)
    assert (found, said(step), ending(step)) == ([None, False], [], (1000, "", "client"))


def test_a_close_that_is_not_answered_is_one_of_the_client_without_its_code(
    streamed: Streamed,
) -> None:
    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.text("late")
        await caller.until_gone()

    async def work(stream: LiveStream) -> None:
        await stream.frame()
        await stream.close(4000, "enough")

    step = streamed(script, work=work)
    assert (said(step), ending(step)) == ([("server", "late")], (1006, "", "client"))


def test_a_server_that_is_lost_has_closed_with_1006(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.text("hi")
        caller.writer.transport.abort()

    step = streamed(script)
    assert (said(step), ending(step), step.failure) == (
        [("server", "hi")], (1006, "", "server"), None,
    )  # fmt: skip


def test_a_close_without_code_is_told_from_a_lost_connection(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.send(8)
        await caller.until_gone()

    assert ending(streamed(script)) == (1005, "", "server")


def test_a_message_past_the_limit_is_cut_without_reading_it(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.write(b"\x81\x7f" + (100 * 2**20).to_bytes(8, "big"))
        while True:
            await caller.write(b"x" * 65536)

    step = streamed(script)
    assert (said(step), ending(step)) == ([], None)
    assert step.failure is not None
    assert step.failure.kind == "too-large"


@pytest.mark.parametrize(
    ("opcode", "data", "kept", "cause"),
    [
        (1, b"x", 20, "more than 20 frames"),
        (9, b"x", 0, "more than 20 frames"),
        (1, b"x" * 500, 8, "more than 4096 bytes"),
    ],
    ids=["frames", "pings", "bytes"],
)
def test_a_flood_is_cut(
    opcode: int, data: bytes, kept: int, cause: str, streamed: Streamed
) -> None:
    size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
    frame = bytes([0x80 | opcode]) + size + data

    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.send(opcode, data)
        while True:
            await caller.write(frame * 1000)

    step = streamed(script)
    assert (len(step.frames), ending(step)) == (kept, None)
    assert step.failure == Failure("too-large", cause)


def test_what_is_no_frame_is_a_failure_and_not_a_close(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.write(b"\xf1\x00")
        await caller.until_gone()

    step = streamed(script)
    assert (said(step), ending(step)) == ([], None)
    assert step.failure is not None
    assert step.failure.kind == "protocol"


def test_a_refusal_is_an_answer(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        body = b'{"error":"unauthorised"}'
        await caller.write(
            b"HTTP/1.1 401 Unauthorized\r\nX-A: 1\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )

    found: list[Any] = []

    async def work(stream: LiveStream) -> None:
        found.extend([stream.opened, stream.ended, await stream.frame(), await stream.send("x")])
        found.append(stream.response)

    step = streamed(script, work=work)
    assert found == [False, True, None, False, step.response]
    assert step.response is not None
    assert (step.response.status, step.response.json) == (401, {"error": "unauthorised"})
    assert (step.response.header("x-a"), step.close, step.failure) == ("1", None, None)


def test_what_came_of_a_stream_is_said_in_a_few_words(streamed: Streamed) -> None:
    said: list[str] = []

    async def work(stream: LiveStream) -> None:
        said.append(stream.came)
        await stream.end(0.3)
        said.append(stream.came)

    async def refuses(caller: Any) -> None:
        await caller.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    async def floods(caller: Any) -> None:
        await caller.accept()
        await caller.read()
        while True:
            await caller.write(b"\x89\x00" * 1000)

    async def after_a_word(stream: LiveStream) -> None:
        said.append(stream.came)
        await stream.send("ping")
        await stream.end()
        said.append(stream.came)

    streamed(refuses, work=work)
    streamed(life, work=after_a_word)
    streamed(floods, work=after_a_word)
    opened = "nothing on an open stream"
    assert said == ["HTTP 404", "HTTP 404", opened, "closed with 1000", opened,
                    "more than 20 frames (too-large)"]  # fmt: skip


def test_a_scenario_is_stopped_with_the_handshake_on_record(raw: Any, record: Any) -> None:
    told: list[tuple[bool, str]] = []

    def heard(answered: bool, came: str) -> None:  # noqa: FBT001 - as a session does
        told.append((answered, came))
        raise ScenarioStopped("enough")

    async def go() -> None:
        async with raw(lambda caller: caller.until_gone()) as server:
            upgrade = Upgrade(f"ws://127.0.0.1:{server.port}/x")
            wire = WsWire(limits=EventLimits(open_s=0.05))
            async with LiveStream(wire, upgrade, record, None, heard):
                pass

    with pytest.raises(ScenarioStopped, match="enough"):
        asyncio.run(go())
    assert told == [(False, "timed out during opening handshake (timeout)")]
    assert [(step.response, step.failure.kind) for step in record.steps] == [(None, "timeout")]


def test_a_throttled_handshake_is_tried_again_and_both_are_on_record(
    streamed: Streamed, record: Any
) -> None:
    async def throttled(caller: Any) -> None:
        await caller.write(
            b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
        )

    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.close()

    streamed(throttled, script)
    assert [one.response.status for one in record.steps] == [429, 101]


def test_no_secret_of_a_stream_is_on_record(streamed: Streamed, record: Any) -> None:
    secret = record.redactor.secrets["key:a"]

    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.text(f'{{"leak":"{secret}"}}')
        await caller.send(2, secret.encode())
        await caller.close(1000, secret)

    step = streamed(script)
    shown = repr(step)
    assert secret not in shown
    assert ("authorization", "Bearer {{key:a}}") in step.request.headers
    assert shown.count("{{key:a}}") == 4


def test_an_interrupt_leaves_the_stream_on_record_without_a_close(
    raw: Any, record: Any, streamed: Streamed
) -> None:
    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.text("hi")
        await caller.until_gone()

    async def work(stream: LiveStream) -> None:
        await stream.frame()
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await stream.frame()

    with pytest.raises(asyncio.CancelledError):
        streamed(script, work=work)
    (step,) = record.steps
    assert (said(step), ending(step), step.failure) == ([("server", "hi")], None, None)


def test_a_stream_that_is_open_for_too_long_stops_the_scenario(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        await caller.accept()
        await caller.until_gone()

    async def work(stream: LiveStream) -> None:
        while True:
            await stream.frame(60)

    limits = EventLimits(open_s=1.0, stream_s=0.05, close_s=0.2)
    with pytest.raises(ScenarioStopped, match=r"a stream is open for more than 0\.05 s"):
        streamed(script, work=work, limits=limits)


def test_a_stream_becomes_a_step_of_a_cassette(streamed: Streamed) -> None:
    async def script(caller: Any) -> None:
        await caller.write(b"nonsense\r\n\r\n")

    data = _step_out(replace(streamed(script), at_ms=7))
    assert (data["kind"], data["at_ms"], data["response"], data["frames"], data["close"]) == (
        "ws", 7, None, [], None,
    )  # fmt: skip
    assert data["failure"]["kind"] == "protocol"


def test_predicates_look_into_json_of_text_and_bytes_only() -> None:
    frames = [Frame("server", 0, content) for content in
              (SNAPSHOT, SNAPSHOT.encode(), b"\xff", "{", "[]", '{"type":1}')]  # fmt: skip
    assert [typed("job.snapshot")(one) for one in frames] == [True, True, *[False] * 4]
    assert [showing("pending")(one) for one in frames] == [True, True, *[False] * 4]


def test_nobody_there_is_a_failure_on_record(record: Any) -> None:
    async def go() -> None:
        wire = WsWire(limits=EventLimits(open_s=1.0))
        async with LiveStream(wire, Upgrade("ws://127.0.0.1:1/x"), record, "l") as stream:
            assert (stream.opened, stream.response, await stream.end()) == (False, None, True)

    asyncio.run(go())
    (step,) = record.steps
    assert (step.failure.kind, step.response, step.label) == ("connect", None, "l")
    assert isinstance(record.redactor, Redactor)
