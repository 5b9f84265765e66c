"""Which operation of the batch API a request is: route, id and path prefix, from its URL."""

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

BASE = "/v1"
TERMINAL = frozenset({"completed", "failed", "expired", "cancelled"})
# No slashes and not dots alone: a path would become another one, however it is quoted.
_ID = re.compile(r"(?!\.+$)[!-.0-\[\]-~]{1,256}")


@dataclass(frozen=True, slots=True)
class Route:
    """The operation (create, list, models, get, cancel, upload, file-list, file, content,
    credits, stream, preflight, unknown), the decoded id in the path, and `/batches` or `/batch`.
    """

    operation: str
    id: str | None = None
    prefix: str | None = None

    @property
    def documented(self) -> bool:
        """Whether the contract names this route."""
        return self.operation != "unknown"


_BATCHES = {("GET", 0): "list", ("POST", 0): "create", ("GET", 1): "get", ("POST", 2): "cancel"}
_FILES = {("POST", 0): "upload", ("GET", 0): "file-list", ("GET", 1): "file", ("GET", 2): "content"}
_UNKNOWN = Route("unknown")


def _of_batches(method: str, rest: list[str], prefix: str) -> Route:
    if method == "GET" and rest == ["models"]:
        return Route("models", prefix=prefix)
    if len(rest) == 2 and rest[1] != "cancel":
        return _UNKNOWN
    operation = _BATCHES.get((method, len(rest)))
    return Route(operation, unquote(rest[0]) if rest else None, prefix) if operation else _UNKNOWN


def _of_files(method: str, rest: list[str]) -> Route:
    if len(rest) == 2 and rest[1] != "content":
        return _UNKNOWN
    operation = _FILES.get((method, len(rest)))
    return Route(operation, unquote(rest[0]) if rest else None) if operation else _UNKNOWN


@cache
def route_of(method: str, path: str) -> Route:
    """The route of a request; a path that does not go below `/v1` is unknown."""
    _, found, below = path.partition(f"{BASE}/")
    segments = below.split("/")
    if not found or "" in segments:
        return _UNKNOWN
    if method == "OPTIONS":
        return Route("preflight")
    match segments:
        case ["batches" | "batch" as prefix, *rest]:
            return _of_batches(method, rest, f"/{prefix}")
        case ["files", *rest]:
            return _of_files(method, rest)
        case ["async", "batch", batch_id, "ws"] if method == "GET":
            return Route("stream", unquote(batch_id))
        case ["credits"] if method == "GET":
            return Route("credits")
    return _UNKNOWN


def is_file_id(value: object) -> bool:
    """Whether a value can stand for one thing in a path: printable text of one segment."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_batch_id(value: object) -> bool:
    """Whether a value can be read as a batch: an id, and not the word of another route."""
    return is_file_id(value) and value != "models"


def canonical_status(status: object) -> str | None:
    """The status word with `canceled` read as `cancelled`; None for anything but text."""
    if not isinstance(status, str):
        return None
    return "cancelled" if status == "canceled" else status
