"""The recorded webhook deliveries, sent to a receiver when the calls before them were made."""

import asyncio
from collections.abc import Callable

import httpx

from conformance.json_text import at
from conformance.replay.frames import Pause, at_once
from conformance.transcript import Delivery, Exchange, Stream, Transcript

Tell = Callable[[str], None]

_OWN_HEADERS = frozenset({"host", "connection", "content-length", "transfer-encoding"})
_TIMEOUT_S = 30.0


class Sender:
    """Sends the deliveries of a recording in their order, each when its time has come.

    That is when the last call recorded before it, or a later one, was made. Bytes and headers are
    the recorded ones, so is their number: the answers of the receiver change nothing.
    """

    def __init__(
        self, transcript: Transcript, url: str, *, pause: Pause = at_once, tell: Tell
    ) -> None:
        self._steps = transcript.steps
        self._url = url
        self._pause = pause
        self._tell = tell
        self._next = 0
        self._released: asyncio.Queue[tuple[int, Delivery, float]] = asyncio.Queue()

    def reached(self, number: int) -> None:
        """The call of this step is being answered: what lies before the next one may go out."""
        end = next(
            (
                index
                for index in range(number, len(self._steps))
                if isinstance(self._steps[index], Exchange | Stream)
            ),
            len(self._steps),
        )
        at_ms = self._steps[number - 1].at_ms if number else 0
        for index in range(self._next, end):
            step = self._steps[index]
            if isinstance(step, Delivery):
                self._released.put_nowait((index + 1, step, max(0, step.at_ms - at_ms) / 1000))
                at_ms = step.at_ms
        self._next = max(self._next, end)

    def reached_all(self) -> None:
        """Everything may go out."""
        self.reached(len(self._steps))

    async def run(self) -> None:
        """Send what may go out, one after the other, for ever."""
        async with httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT_S) as client:
            while True:
                number, delivery, wait_s = await self._released.get()
                await self._pause(wait_s)
                self._tell(
                    f"step {number} {_event_of(delivery)}: {await self._sent(client, delivery)}"
                )

    async def _sent(self, client: httpx.AsyncClient, delivery: Delivery) -> str:
        headers = [(n, v) for n, v in delivery.headers if n.lower() not in _OWN_HEADERS]
        content = delivery.body.content
        request = httpx.Request(delivery.method, self._url, headers=headers, content=content)
        try:
            return str((await client.send(request)).status_code)
        except httpx.HTTPError as error:
            return f"no answer ({type(error).__name__}: {error})"


def _event_of(delivery: Delivery) -> str:
    event = at(delivery.body.json, "/type")
    return event if isinstance(event, str) else "webhook"
