"""How much work an input row is: characters, tokens, output limit, images, seconds."""

from math import ceil
from typing import Any

_LIMITS = ("max_output_tokens", "max_completion_tokens", "max_tokens")
_TEXT_MEMBERS = ("input", "prompt", "messages", "content", "text", "instructions")
_DURATIONS = ("seconds", "duration", "duration_seconds")

DEFAULT_OUTPUT_LIMIT = 1024


def _characters(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(_characters(item) for item in value)
    if isinstance(value, dict):
        return sum(_characters(value[name]) for name in _TEXT_MEMBERS if name in value)
    return 0


def input_tokens(body: dict[str, Any]) -> int:
    """A quarter of the characters of all text members, rounded up, at least 1."""
    return max(1, -(-_characters(body) // 4))


def output_limit(body: dict[str, Any]) -> int:
    """The most output tokens that the row allows, 1,024 when it does not say."""
    for name in _LIMITS:
        value = body.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return DEFAULT_OUTPUT_LIMIT


def image_count(body: dict[str, Any]) -> int:
    """How many images the row asks for."""
    value = body.get("n")
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1


def video_seconds(body: dict[str, Any]) -> int | None:
    """The stated duration in seconds, begun ones counted; None when there is no positive one."""
    for name in _DURATIONS:
        seconds = _seconds(body.get(name))
        if seconds > 0:
            return seconds
    return None


def _seconds(value: Any) -> int:
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() else 0
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 10**6
    return ceil(value) if usable else 0
