"""Faults of errors: failures that are swallowed, and what an error does not say."""

import io
from email.message import Message
from typing import Any
from urllib.error import HTTPError

from conformance.adapters.faults import fault
from conformance.adapters.reference import ReferenceAdapter
from conformance.adapters.reference.client import Client
from conformance.adapters.reference.wire import (
    Answer,
    AnswerNotDecoded,
    ApiError,
    CallFailed,
    ConnectionFailed,
    Request,
)


@fault("swallows-404", breaks=["SDK-ERROR-01"])
class Swallows404(Client):
    """A batch that is not there is None."""

    def result(self, answer: Answer) -> Any:
        return None if answer.status == 404 else super().result(answer)


@fault(
    "hides-the-status",
    breaks=["SDK-ERROR-02"],
    also=["SDK-ERROR-03", "SDK-ERROR-05", "SDK-ERROR-06"],
)
class HidesTheStatus(Client):
    """The error of a refusal is a text and nothing else."""

    def refusal(self, answer: Answer) -> Exception:
        return CallFailed(f"the gateway answered HTTP {answer.status}")


@fault("drops-the-error-body", breaks=["SDK-ERROR-03"])
class DropsTheErrorBody(Client):
    """The error of a refusal does not show the answer."""

    def refusal(self, answer: Answer) -> Exception:
        return ApiError(f"HTTP {answer.status}", answer.status, None, answer.headers)


@fault("leaks-the-transports-error", breaks=["SDK-ERROR-04"])
class LeaksTheTransportsError(Client):
    """A refusal is an error of the standard library."""

    def refusal(self, answer: Answer) -> Exception:
        content = io.BytesIO(answer.content)
        return HTTPError(self.base_url, answer.status, "refused", answer.headers, content)


@fault("drops-the-error-headers", breaks=["SDK-ERROR-05"])
class DropsTheErrorHeaders(Client):
    """The error of a refusal has no headers."""

    def refusal(self, answer: Answer) -> Exception:
        return ApiError(f"HTTP {answer.status}", answer.status, answer.shown, Message())


@fault("parses-refusals-first", breaks=["SDK-ERROR-06"], also=["SDK-ERROR-02", "SDK-ERROR-03"])
class ParsesRefusalsFirst(Client):
    """A refusal that is no JSON is an error of parsing, without its status."""

    def refusal(self, answer: Answer) -> Exception:
        if isinstance(answer.shown, str):
            return AnswerNotDecoded(f"HTTP {answer.status}, its body is not JSON")
        return super().refusal(answer)


@fault("message-without-status", breaks=["SDK-ERROR-07"])
class MessageWithoutStatus(Client):
    """The message of an error says that it failed."""

    def refusal(self, answer: Answer) -> Exception:
        return ApiError("the call failed", answer.status, answer.shown, answer.headers)


@fault("tells-the-key-in-errors", breaks=["SDK-ERROR-08"])
class TellsTheKeyInErrors(Client):
    """The message of an error shows the headers that were sent."""

    def refusal(self, answer: Answer) -> Exception:
        message = f"HTTP {answer.status} (Authorization: Bearer {self.key})"
        return ApiError(message, answer.status, answer.shown, answer.headers)


@fault("lost-connection-is-null", breaks=["SDK-ERROR-09"])
class LostConnectionIsNull(Client):
    """A call that was not answered returns None."""

    def call(self, request: Request) -> Any:
        try:
            return super().call(request)
        except ConnectionFailed:
            return None


@fault("ignores-the-timeout", breaks=["SDK-ERROR-10"])
class IgnoresTheTimeout(Client):
    """An answer is waited for, however late it comes."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.timeout_s = None


@fault("waits-for-ever", breaks=["SDK-ERROR-11"])
class WaitsForEver(ReferenceAdapter):
    """There is no time-out unless one is given."""

    timeout_default = None


@fault("dies-with-its-first-failure", breaks=["SDK-ERROR-12"])
class DiesWithItsFirstFailure(Client):
    """After a failed call the client fails them all."""

    failed = False

    def call(self, request: Request) -> Any:
        if self.failed:
            raise ConnectionFailed("the client is closed")
        try:
            return super().call(request)
        except CallFailed:
            self.failed = True
            raise


@fault("redirect-is-null", breaks=["SDK-ERROR-13"], also=["SDK-WIRE-24"])
class RedirectIsNull(Client):
    """A redirect is a success without a body."""

    def result(self, answer: Answer) -> Any:
        return None if 300 <= answer.status < 400 else super().result(answer)
