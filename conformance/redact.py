"""What never reaches a file or a terminal: secrets become markers that name them.

A marker (`{{key:a}}`) stands wherever the secret stood, so that a leak stays visible and judgeable.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, AnyStr
from urllib.parse import quote, quote_plus

# Headers that carry credentials of somebody else's: masked whole, whatever they hold.
_MASKED = frozenset({"cookie", "set-cookie", "proxy-authorization"})
_SHORTEST = 6
_SECRET_NAME = re.compile(
    r"(?i)(secret|password|passwd|authorization|api[_-]?key|access[_-]?token)$"
)
_SECRET_TEXT = re.compile(r"\bwhsec_[\w+/=-]+|\b[a-z]+(?:_[a-z]+)*_v[0-9]+_sk_\w+")


def _spellings(secret: str) -> set[str]:
    """The forms in which a secret may stand in a body, a URL or a Basic header."""
    raw = secret.encode()
    quoted = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {
        secret,
        *quoted,
        *(re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text) for text in quoted),
        *escaped,
        *(text.replace("/", "\\/") for text in escaped),
        *_base64_spellings(raw),
        raw.hex(),
        raw.hex().upper(),
    }


def _base64_spellings(raw: bytes) -> Iterator[str]:
    """What base64 makes of it, alone and amid other bytes, in both alphabets."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        alone = encode(raw).decode()
        yield alone
        yield alone.rstrip("=")
        for before, mixed in ((0, 0), (1, 2), (2, 3)):
            whole = (before + len(raw)) * 8 // 6
            yield encode(bytes(before) + raw).decode()[mixed:whole]


def _tail(secret: str) -> str | None:
    """The secret part of a key of the form prefix_version_sk_id_secret."""
    head, _, tail = secret.rpartition("_")
    return tail if head and len(tail) >= _SHORTEST * 2 else None


def _replaced(text: AnyStr, pairs: Sequence[tuple[AnyStr, AnyStr]]) -> AnyStr:
    """`text` with the first of each pair replaced; what was put in is not searched again."""
    for index, (spelling, marker) in enumerate(pairs):
        if spelling in text:
            left = pairs[index + 1 :]
            return marker.join(_replaced(piece, left) for piece in text.split(spelling))
    return text


@dataclass(frozen=True)
class Redactor:
    """Replaces the secrets it was given (marker name → secret) in text, bytes and headers."""

    secrets: Mapping[str, str] = field(repr=False)
    _learnt: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    def learn(self, kind: str, secret: str) -> str:
        """From now on replace this secret too, by the marker of the name `kind:number` returned."""
        known = {**self.secrets, **self._learnt}
        for name, other in known.items():
            if other == secret and name.startswith(f"{kind}:"):
                return name
        name = f"{kind}:{1 + sum(one.startswith(f'{kind}:') for one in known)}"
        self._learnt[name] = secret
        for made in ("_pairs", "_byte_pairs"):
            self.__dict__.pop(made, None)
        return name

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        pairs: dict[str, str] = {}
        for name, secret in {**self.secrets, **self._learnt}.items():
            if len(secret) < _SHORTEST:
                continue
            for spelling in _spellings(secret):
                pairs.setdefault(spelling, f"{{{{{name}}}}}")
            tail = _tail(secret)
            if tail:
                pairs.setdefault(tail, f"{{{{{name}:secret-part}}}}")
        # Longest first, so that a whole key is not taken for its own tail.
        return sorted(pairs.items(), key=lambda pair: -len(pair[0]))

    @cached_property
    def _byte_pairs(self) -> list[tuple[bytes, bytes]]:
        return [(spelling.encode(), marker.encode()) for spelling, marker in self._pairs]

    def text(self, text: str) -> str:
        """`text` with every secret replaced by its marker."""
        return _replaced(text, self._pairs)

    def content(self, content: bytes) -> bytes:
        """`content` with every secret replaced by its marker."""
        return _replaced(content, self._byte_pairs)

    def headers(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """The headers with secrets replaced, and cookies masked whole."""
        return tuple(
            (self.text(name), "{{masked}}" if name.lower() in _MASKED else self.text(value))
            for name, value in headers
        )


def markers_in(text: str) -> list[str]:
    """The names of the key and webhook secrets whose markers stand in `text`."""
    found = []
    for piece in text.split("{{")[1:]:
        name, closed, _ = piece.partition("}}")
        if closed and name.startswith(("key:", "webhook:", "header:")):
            found.append(name)
    return found


def secrets_in(value: Any) -> dict[str, str]:
    """The texts in a JSON value that look like secrets by their member's name or their form."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.items()
        elif isinstance(one, list):
            waiting += [(name, item) for item in one]
        elif isinstance(one, str):
            whole = [one] if _SECRET_NAME.search(name) else _SECRET_TEXT.findall(one)
            for secret in whole:
                found.setdefault(secret, f"masked:{len(found) + 1}")
    return {marker: secret for secret, marker in found.items()}
