"""A recorded stream is played frame by frame."""

import asyncio

import pytest

from conformance.replay.frames import PlayedStream
from conformance.testing import closed, frame, said, stream
from conformance.transcript import Close, Frame


class Socket:
    """What a stream is played to: the client's messages in turn, and all that was sent."""

    def __init__(self, *messages):
        self.log = []
        self._messages = list(messages)

    async def accept(self, protocol, headers):
        self.log.append(("accept", protocol, headers))

    async def send_text(self, text):
        self.log.append(text)

    async def send_bytes(self, content):
        self.log.append(content)

    async def close(self, code, reason):
        self.log.append((code, reason))

    async def receive(self):
        self.log.append("listens")
        if not self._messages:
            return {"type": "websocket.disconnect"}
        content = self._messages.pop(0)
        kind = "text" if isinstance(content, str) else "bytes"
        return {"type": "websocket.receive", kind: content}


@pytest.fixture
def played():
    """Plays a stream to a client that says these messages; what went out, and the pauses."""

    def play(recorded, *messages, **options):
        socket, pauses = Socket(*messages), []

        async def pause(seconds):
            pauses.append(seconds)

        asyncio.run(PlayedStream(socket, recorded, pause=pause, **options).serve())
        return socket.log[1:], pauses

    return play


SNAPSHOT, PONG = frame("job.snapshot", {}, at_ms=1010), frame("pong", at_ms=1050)


def test_frames_come_in_order_with_their_pauses_and_the_recorded_close(played):
    recorded = stream(SNAPSHOT, Frame("server", 1030, b"\x00"), close=closed(1060), at_ms=1000)
    log, pauses = played(recorded)
    assert (log, pauses) == ([SNAPSHOT.content, b"\x00", (1000, "closed")], [0.01, 0.02, 0.03])


def test_frames_after_a_message_of_the_client_wait_for_one(played):
    recorded = stream(SNAPSHOT, said("ping", 1040), PONG, close=closed(1060), at_ms=1000)
    log, pauses = played(recorded, "refresh")
    assert log == [SNAPSHOT.content, "listens", PONG.content, (1000, "closed")]
    assert pauses == [0.01, 0.01, 0.01]


def test_a_client_that_leaves_ends_the_stream(played):
    assert played(stream(said("ping"), PONG, close=closed()))[0] == ["listens"]


@pytest.mark.parametrize("message", ["ping", '{"type":"ping"}'])
def test_a_strict_stream_takes_the_recorded_command_in_both_forms(played, message):
    recorded = stream(said("ping"), PONG, close=closed())
    assert played(recorded, message, strict=True)[0][1:] == [PONG.content, (1000, "closed")]


@pytest.mark.parametrize("message", ["refresh", b"ping"])
def test_a_strict_stream_ends_at_another_message(played, message):
    recorded = stream(said("ping"), PONG, close=closed())
    ended = (1008, "another message was recorded here")
    assert played(recorded, message, strict=True)[0] == ["listens", ended]


@pytest.mark.parametrize("close", [None, closed(by="client")])
def test_a_stream_that_the_client_ended_waits_for_that(played, close):
    log, _ = played(stream(SNAPSHOT, close=close), "one", "more")
    assert log == [SNAPSHOT.content, "listens", "listens", "listens"]


@pytest.mark.parametrize(("code", "sent"), [(1006, []), (None, []), (1005, [(1000, "")])])
def test_a_lost_connection_is_dropped_and_no_code_is_the_usual_one(played, code, sent):
    assert played(stream(close=Close(0, code, "", "server")))[0] == sent


def test_texts_are_changed_as_wanted(played):
    log, _ = played(stream(SNAPSHOT, close=closed()), change=bytes.upper)
    assert log[0] == SNAPSHOT.content.upper()
