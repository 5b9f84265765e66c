"""An adapter by its name `package.module:Name`; whatever is wrong with it is one line."""

import importlib
import inspect
import os
import platform
import sys
from types import ModuleType
from typing import Any

from conformance.adapters import SdkAdapter
from conformance.errors import ConfigError

_EXPECTED = "expected MODULE:NAME, such as acme.adapter:Acme"
_PARTS = ("hello", "open", "call", "close")


def one_line(error: BaseException) -> str:
    """An exception as one line; for a syntax error with file and line."""
    if isinstance(error, SyntaxError) and error.filename:
        text = f"{error.msg} ({error.filename}, line {error.lineno})"
    else:
        text = str(error)
    return " ".join(f"{type(error).__name__}: {text}".split()).rstrip(": ")[:400]


def load_adapter(name: str, option: str = "--adapter") -> SdkAdapter:
    """The adapter `package.module:Name`: a class is called without arguments.

    Raises ConfigError.
    """
    said = f"{option} {name}"
    module_name, colon, path = name.partition(":")
    if not (colon and path and all(part.isidentifier() for part in module_name.split("."))):
        raise ConfigError(f"{said}: {_EXPECTED}")
    found: Any = _module(module_name, said)
    for part in path.split("."):
        found = _member(found, part, module_name, said)
    adapter = _built(found, said) if inspect.isclass(found) else found
    missing = [part for part in _PARTS if not callable(getattr(adapter, part, None))]
    if missing:
        raise ConfigError(f"{said}: is no adapter: it has no {', no '.join(missing)}")
    checked: SdkAdapter = adapter
    return checked


def _module(name: str, said: str) -> ModuleType:
    # As `python -m` has it: what lies in the working directory can be named.
    here = os.getcwd()  # noqa: PTH109 - sys.path holds texts
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise ConfigError(
                f"{said}: there is no module {error.name}, neither in {here} nor in the "
                f"environment of {sys.executable}"
            ) from error
        raise ConfigError(f"{said}: module {name} needs {error.name}, not installed") from error
    except (Exception, SystemExit) as error:
        version = platform.python_version()
        raise ConfigError(
            f"{said}: module {name} does not import on Python {version}: {one_line(error)}"
        ) from error


def _member(owner: Any, part: str, module: str, said: str) -> Any:
    try:
        return getattr(owner, part)
    except AttributeError as error:
        names = [name for name, one in vars(owner).items() if inspect.isclass(one)]
        own = [name for name in names if getattr(owner, name).__module__ == module]
        has = f"; it has {', '.join(sorted(own)[:8])}" if own else ""
        raise ConfigError(f'{said}: module {module} has no "{part}"{has}') from error


def _built(kind: Any, said: str) -> Any:
    try:
        return kind()
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"{said}: cannot be called without arguments: {one_line(error)}"
        ) from error
