"""URLs and request targets taken apart as they are: nothing is folded, dropped or decoded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

_ADDRESS = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{0,5}))?")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
# What may stand in a segment unescaped without being read as something else.
_HARMLESS = re.compile(r"[!$%-.0-;=@A-Z_a-z~]*")
_ONE_DOT = re.compile(r"(?:\.|%2e)", re.IGNORECASE)
_TWO_DOTS = re.compile(r"(?:\.|%2e){2}", re.IGNORECASE)

DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True)
class Address:
    """One URL: scheme and host in lower case, all else as it is written."""

    scheme: str
    userinfo: str | None
    host: str
    port: int | None
    path: str
    query: str | None
    fragment: str | None

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """What stands between the slashes of the path, as it is written; none for no path."""
        return tuple(self.path.split("/")[1:])

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The form-decoded pairs of the query, in their order."""
        pieces = [piece.partition("=") for piece in (self.query or "").split("&") if piece]
        return tuple((_of_form(name), _of_form(value)) for name, _, value in pieces)

    @property
    def prefix(self) -> tuple[str, ...]:
        """The segments of a base path, without the slashes at its end."""
        path = self.path.rstrip("/")
        return tuple(path.split("/")[1:])


@cache
def address_of(text: str) -> Address | None:
    """The parts of an absolute URL, None for what is none."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    scheme, authority, path, query, fragment = found.groups()
    userinfo, at, place = authority.rpartition("@")
    host_port = _HOST_PORT.fullmatch(place)
    if host_port is None:
        return None
    host, port = host_port.groups()
    return Address(
        scheme.lower(),
        userinfo if at else None,
        host.lower(),
        int(port) if port else None,
        path,
        query,
        fragment,
    )


def decoded(text: str) -> str | None:
    """The text with its percent escapes read as UTF-8; None for a broken one or other bytes."""
    if any(escape[1] is None for escape in _ESCAPE.finditer(text)):
        return None
    raw = re.sub(
        rb"%([0-9A-Fa-f]{2})", lambda one: bytes([int(one[1], 16)]), text.encode("utf-8", "replace")
    )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def all_decoded(segments: Sequence[str]) -> list[str | None]:
    """Every segment, decoded."""
    return [decoded(one) for one in segments]


def _of_form(text: str) -> str:
    spaced = text.replace("+", " ")
    found = decoded(spaced)
    return spaced if found is None else found


def is_escaped(segment: str) -> bool:
    """Whether whatever is neither a letter nor harmless stands in a segment as an escape."""
    return _HARMLESS.fullmatch(segment) is not None


def is_dots(segment: str) -> bool:
    """Whether readers of URLs fold the segment away: one or two dots, escaped or not."""
    return bool(_ONE_DOT.fullmatch(segment) or _TWO_DOTS.fullmatch(segment))
