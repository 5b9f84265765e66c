"""Receivers of webhooks for the tests of others: real, on loopback, in a thread of their own."""

import asyncio
import threading
import time
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from conformance.redact import Redactor
from conformance.targets.limits import EventLimits
from conformance.targets.receiver import FRESH, Answer, Hook, Receivers
from conformance.transcript import Delivery, Step

__all__ = ["FRESH", "Answer", "OwnReceiver", "OwnReceivers"]

Value = TypeVar("Value")


class _Memory:
    """Where steps are written down."""

    def __init__(self) -> None:
        self.redactor = Redactor({})
        self.steps: list[Step] = []
        self._start = time.monotonic()

    def now_ms(self) -> int:
        """The time since the test began."""
        return round((time.monotonic() - self._start) * 1000)


class OwnReceiver:
    """One receiver: `url` and `secret` are for the sender, `deliveries` has what it sent."""

    def __init__(self, owner: "OwnReceivers", hook: Hook) -> None:
        self._owner = owner
        self._hook = hook
        self.url = hook.url
        self.secret = hook.secret

    def webhook(self, **members: Any) -> dict[str, Any]:
        """The `webhook` of a create request, with further members such as `events`."""
        return self._hook.webhook(**members)

    def answer_with(self, *answers: Answer | int) -> None:
        """Give these answers in turn from now on; the last one stays."""

        async def change() -> None:
            self._hook.answer_with(*answers)

        self._owner.wait_for(change())

    def deliveries(self, count: int = 1, timeout_s: float = 5.0) -> list[Delivery]:
        """What has arrived so far, as soon as it is so many or the time is over.

        Headers and body are as they came; `signature_valid` is None without a secret.
        """
        return self._owner.wait_for(self._hook.deliveries(count, timeout_s))


class OwnReceivers:
    """All receivers of one test, from `with` to its end."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._receivers = Receivers(EventLimits())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wait_for(self._receivers.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def open(self, *answers: Answer | int, secret: str | None = FRESH) -> OwnReceiver:
        """A receiver that gives these answers in turn, 200 without any.

        Its secret is a fresh one, the one given, or None for deliveries without signature.
        """
        opened = self._receivers.open(_Memory(), secret, answers or (200,))
        return OwnReceiver(self, self.wait_for(opened))

    def wait_for(self, work: Coroutine[Any, Any, Value]) -> Value:
        """What comes of work in the thread of the receivers."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
