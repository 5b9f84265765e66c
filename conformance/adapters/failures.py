"""Exceptions of Python SDKs as the errors of the contract: the kind by what they say of themselves.

Never by what an adapter could find out on its own: an error that hides its status is of kind other.
"""

import http.client
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from conformance.adapters import SdkError
from conformance.adapters.outcomes import native_name
from conformance.adapters.values import NotReducible, reduced

_STATUSES = ("status_code", "status", "code")
_BODIES = ("body", "response_body")
# A failing answer begins here: a redirect that is not followed is one too.
_LEAST, _MOST = 300, 599


def sdk_error(error: Exception) -> SdkError:
    """What an SDK raised, with its kind; status, body and headers where it shows them."""
    status = _status(error)
    if status is not None:
        found = SdkError(
            "http", native_name(error), str(error), status, _body(error), _headers(error)
        )
    else:
        found = SdkError(_kind(error), native_name(error), str(error))
    return found


def _status(error: Exception) -> int | None:
    for name in _STATUSES:
        value = getattr(error, name, None)
        if isinstance(value, int) and not isinstance(value, bool) and _LEAST <= value <= _MOST:
            return int(value)
    return None


def _readable(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return value.decode("utf-8", "replace")
    try:
        return reduced(value)
    except NotReducible:
        return None


def _body(error: Exception) -> Any:
    for name in _BODIES:
        if not callable(value := getattr(error, name, None)) and value is not None:
            return _readable(value)
    read = getattr(error, "read", None)
    if callable(read):
        # The body of a urllib error is there once, unless the SDK has read it.
        with suppress(Exception):
            return _readable(read())
    return _readable(getattr(getattr(error, "response", None), "text", None))


def _headers(error: Exception) -> list[tuple[str, str]] | None:
    for owner in (error, getattr(error, "response", None)):
        items = getattr(getattr(owner, "headers", None), "items", None)
        if callable(items):
            return [(str(name), str(value)) for name, value in items()]
    return None


def _named(error: Exception) -> list[str]:
    return [kind.__name__ for kind in type(error).__mro__]


def _is_timeout(error: Exception) -> bool:
    if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
        return True
    return any(name.endswith(("Timeout", "TimeoutError")) for name in _named(error))


def _is_parse(error: Exception) -> bool:
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return True
    return any("Decod" in name or "ResponseValidation" in name for name in _named(error))


def _is_argument(error: Exception) -> bool:
    if isinstance(error, ValueError | TypeError | http.client.InvalidURL):
        return True
    return any(name.startswith(("InvalidURL", "InvalidArgument")) for name in _named(error))


def _is_transport(error: Exception) -> bool:
    if isinstance(error, OSError | http.client.HTTPException):
        return True
    words = ("Connect", "Transport", "Network")
    return any(word in name for name in _named(error) for word in words)


# The first that holds: a time-out is a failed connection too, and a broken text a wrong value.
_KINDS: tuple[tuple[str, Callable[[Exception], bool]], ...] = (
    ("timeout", _is_timeout),
    ("parse", _is_parse),
    ("argument", _is_argument),
    ("transport", _is_transport),
)


def _kind(error: Exception) -> str:
    return next((kind for kind, holds in _KINDS if holds(error)), "other")
