"""One call as the gateway sees it, and the answer that it gives, free of any server framework."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body, bytes untouched."""

    name: str
    data: bytes
    filename: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request below the API base; header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    parts: tuple[Part, ...] | None = None
    base: str = "http://127.0.0.1/v1"

    @property
    def segments(self) -> tuple[str, ...]:
        """The decoded parts of the path, `/batches/x` giving ("batches", "x")."""
        return tuple(unquote(part) for part in self.path.split("/")[1:])

    def query_values(self, name: str) -> list[str]:
        """All values of one query parameter, in order, blank ones too."""
        pairs = parse_qsl(self.query, keep_blank_values=True)
        return [value for key, value in pairs if key == name]


@dataclass(slots=True)
class Answer:
    """What the caller gets: `body` is bytes as they stand, or a JSON value; None means no body."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        """The body as it goes over the wire."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, separators=(",", ":")).encode()


def json_answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body and its media type."""
    return Answer(status, body, {"content-type": "application/json", **(headers or {})})
