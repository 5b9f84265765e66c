"""What an adapter says of itself, checked: a hello in the form that the suite works with."""

from collections.abc import Mapping
from typing import Any

from conformance.adapters import METHODS
from conformance.adapters.values import NotReducible, reduced

_TEXTS = ("sdk", "version", "language", "runtime")


class BadHello(ValueError):
    """An adapter does not say what it has to say."""


def checked_hello(said: Any) -> tuple[dict[str, Any], list[str]]:
    """The hello with its known members, and what is odd about it; raises BadHello."""
    try:
        hello = reduced(said)
    except NotReducible as error:
        raise BadHello(f"hello {error}") from error
    if not isinstance(hello, dict):
        raise BadHello(f"hello is no object but {said!r:.80}")
    methods, notes = _methods(hello.get("methods"))
    checked: dict[str, Any] = {name: _text(hello, name) for name in _TEXTS}
    checked |= {"methods": methods, "options": _options(hello.get("options"))}
    checked["concurrency"] = _concurrency(hello.get("concurrency"))
    return checked | _timeout(hello), notes


def _text(hello: Mapping[str, Any], name: str) -> str:
    value = hello.get(name)
    if not isinstance(value, str) or not value:
        raise BadHello(f"hello has no text as {name}, but {value!r:.80}")
    return value


def _methods(value: Any) -> tuple[dict[str, str], list[str]]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise BadHello(
            "hello has no mapping of contract names to native spellings as methods, "
            f"but {value!r:.80}"
        )
    known = {name: native for name, native in value.items() if name in METHODS}
    return known, [f"hello names {name}, which is no method of the contract" for name in value
                   if name not in METHODS]  # fmt: skip


def _options(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadHello(f"hello has no list of texts as options, but {value!r:.80}")
    return list(value)


def _concurrency(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadHello(f"hello has no number from 1 on as concurrency, but {value!r:.80}")
    return value


def _timeout(hello: Mapping[str, Any]) -> dict[str, Any]:
    if "timeout_default" not in hello:
        return {}
    value = hello["timeout_default"]
    if value is not None and (isinstance(value, bool | str | list | dict) or value < 0):
        raise BadHello(f"hello has no number of seconds as timeout_default, but {value!r:.80}")
    return {"timeout_default": value}
