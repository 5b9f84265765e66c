"""HTTP as the reference SDK speaks it: one request, one answer, and errors of its own."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import urlsplit


class CallFailed(Exception):
    """Whatever a call fails with."""


class ApiError(CallFailed):
    """The gateway answered with a status that is no success."""

    def __init__(self, message: str, status: int, body: Any, headers: Message) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        self.headers = headers


class ConnectionFailed(CallFailed):
    """There was no answer."""


class AnswerTimeout(CallFailed):
    """There was no answer in time."""


class AnswerNotDecoded(CallFailed):
    """A success whose body is no JSON object."""


@dataclass(frozen=True)
class Request:
    """What is to be sent, below the base URL; without content there is no body."""

    method: str
    path: str
    query: str = ""
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True)
class Answer:
    """An answer with its body as it came."""

    status: int
    headers: Message
    content: bytes

    @property
    def is_good(self) -> bool:
        """Whether it is a success."""
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        """The value of the body; raises ValueError."""
        return json.loads(self.content.decode("utf-8-sig"))

    @property
    def shown(self) -> Any:
        """The value of the body, or its text where it is no JSON."""
        try:
            return self.json
        except ValueError:
            return self.content.decode("utf-8", "replace")


def fetch(url: str, request: Request, timeout_s: float | None) -> Answer:
    """The answer to a request that is sent to `url`; safe in many threads. Raises CallFailed."""
    connection = _connection(url, timeout_s)
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(request.method, target, request.content, dict(request.headers))
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    except TimeoutError as error:
        raise AnswerTimeout(f"no answer within {timeout_s} s") from error
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionFailed(str(error) or type(error).__name__) from error
    finally:
        connection.close()


def _connection(url: str, timeout_s: float | None) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"a request goes to http:// or https://, not to {url!r}")
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout_s)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_s)
