"""Where things stand in a JSON text: its values one after another, and the line of each pointer.

As strict as `json_text`, which refuses a key that occurs twice in an object; here the place of
the second one is told too.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.json_text import (
    NotJson,
    child,
    parse,
    refuse_constant,
    tokens,
    unique_members,
)

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}:,]|[^\s"\[\]{}:,]+', re.DOTALL)
_BLANKS = re.compile(r"[ \t\n\r]*")
_TOO_DEEP = "nested deeper than 200 levels"
_LONGEST = 60


class NotJsonHere(NotJson):
    """What is wrong with a JSON text, with the line and column where it is."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Found:
    """One value of the text and the offset where it begins."""

    start: int
    value: Any


@dataclass(slots=True)
class _Open:
    """An array (its next index) or an object (its key, once read) that has not been closed."""

    pointer: str
    index: int | None
    key: str | None = None

    @property
    def awaits_key(self) -> bool:
        return self.index is None and self.key is None

    def below(self) -> str:
        token = self.index if self.index is not None else self.key or ""
        return child(self.pointer, token)

    def go_on(self) -> None:
        self.index = None if self.index is None else self.index + 1
        self.key = None


def _walk(text: str, start: int) -> Iterator[tuple[str, int, str]]:
    """Pointer, offset and first token of everything in the value at `start`, in order."""
    opened: list[_Open] = []
    for found in _TOKEN.finditer(text, start):
        sign = found[0]
        if sign in {"]", "}"}:
            opened.pop()
        elif sign == ",":
            opened[-1].go_on()
        elif opened and opened[-1].awaits_key:
            opened[-1].key = sign[1:-1] if "\\" not in sign else str(parse(sign))
        elif sign != ":":
            pointer = opened[-1].below() if opened else ""
            yield pointer, found.start(), sign
            if sign in {"[", "{"}:
                opened.append(_Open(pointer, 0 if sign == "[" else None))
        if not opened:
            return


# It finds where a value ends and what no value may hold; the value itself is made by `parse`.
_SPLITTER = json.JSONDecoder(
    object_pairs_hook=unique_members,
    parse_float=str,
    parse_int=str,
    parse_constant=refuse_constant,
)


def _flaw(text: str, start: int) -> tuple[str, int] | None:
    """The first twin key, or scalar that is none, in a text that is well formed up to there."""
    known: set[str] = set()
    for pointer, offset, token in _walk(text, start):
        if pointer in known:
            key = json.dumps(tokens(pointer)[-1])
            return f"the key {key[:_LONGEST]} occurs twice in one object", offset
        known.add(pointer)
        if token[0] not in '"[{':
            try:
                parse(token)
            except NotJson as error:
                return _of_number(token) or str(error), offset
    return None


def _of_number(token: str) -> str | None:
    if not token.lstrip("-")[:1].isdigit():
        return None
    return f"the number {token[:20]}… ({len(token)} characters) is beyond computing"


class JsonText:
    """A text of one JSON value, or of several one after another (JSON Lines, for one)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._last: tuple[int, dict[str, int]] = (-1, {})

    @cached_property
    def _breaks(self) -> list[int]:
        return [found.start() for found in re.finditer("\n", self.text)]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self._breaks, offset - 1)
        return line + 1, offset - (self._breaks[line - 1] + 1 if line else 0) + 1

    def values(self) -> list[Found]:
        """The values with their offsets, numbers exact; raises NotJsonHere."""
        return self._values

    @cached_property
    def _values(self) -> list[Found]:
        found = []
        offset = self._after_blanks(0)
        while offset < len(self.text):
            end = self._end_of(offset)
            found.append(Found(offset, self._parsed(offset, end)))
            offset = self._after_blanks(end)
        return found

    def _after_blanks(self, offset: int) -> int:
        found = _BLANKS.match(self.text, offset)
        return found.end() if found else offset

    def _end_of(self, start: int) -> int:
        try:
            return _SPLITTER.raw_decode(self.text, start)[1]
        except json.JSONDecodeError as error:
            message = error.msg.removesuffix(" at")
            raise NotJsonHere(message, *self.position(error.pos)) from error
        except RecursionError as error:
            raise NotJsonHere(_TOO_DEEP, *self.position(start)) from error
        except NotJson as error:
            raise self._located(error, start) from error

    def _parsed(self, start: int, end: int) -> Any:
        try:
            return parse(self.text[start:end])
        except NotJson as error:
            raise self._located(error, start) from error

    def _located(self, error: NotJson, start: int) -> NotJsonHere:
        message, offset = _flaw(self.text, start) or (str(error), start)
        return NotJsonHere(message, *self.position(offset))

    def line(self, start: int, pointer: str) -> int:
        """The line of what `pointer` leads to in the value at `start`, or of what is nearest."""
        if self._last[0] != start:
            self._last = (start, {at: offset for at, offset, _ in _walk(self.text, start)})
        places = self._last[1]
        while pointer and pointer not in places:
            pointer = pointer.rpartition("/")[0]
        return self.position(places[pointer])[0]
