"""Reading an input file: one JSON object per line, blank lines skipped."""

import json
from dataclasses import dataclass
from typing import Any

_RANGES: tuple[tuple[str, float, float], ...] = (
    ("temperature", 0, 2),
    ("top_p", 0, 1),
    ("max_output_tokens", 1, float("inf")),
    ("max_completion_tokens", 1, float("inf")),
    ("max_tokens", 1, float("inf")),
)


class NotJsonLines(ValueError):
    """A line of the file is not JSON."""


@dataclass(frozen=True, slots=True)
class InputRow:
    """One line: `value` as it was parsed, with look-ups for what the contract names."""

    line: int
    value: Any

    def _member(self, name: str) -> Any:
        if not isinstance(self.value, dict):
            return None
        if name in self.value:
            return self.value[name]
        request = self.value.get("request")
        return request.get(name) if isinstance(request, dict) else None

    @property
    def custom_id(self) -> str | None:
        """The caller's name of the row."""
        found = self.value.get("custom_id") if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else None

    @property
    def url(self) -> Any:
        """The target as written, None when the row has none."""
        return self._member("url")

    @property
    def body(self) -> dict[str, Any] | None:
        """The request of the row."""
        found = self._member("body")
        return found if isinstance(found, dict) else None

    @property
    def model(self) -> str | None:
        """The model that the row itself names."""
        found = (self.body or {}).get("model")
        return found.strip() if isinstance(found, str) and found.strip() else None

    def out_of_range(self) -> str | None:
        """The first parameter that a provider would refuse, None when all are usable."""
        for name, low, high in _RANGES:
            value = (self.body or {}).get(name)
            if isinstance(value, int | float) and not low <= value <= high:
                return name
        return None


def read_rows(data: bytes) -> list[InputRow]:
    """All rows of the file; raises NotJsonLines for a line that is not JSON."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotJsonLines("the file is not UTF-8") from error
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            rows.append(InputRow(number, _parsed(line, number)))
    return rows


def _parsed(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise NotJsonLines(f"line {number} is not JSON") from error
