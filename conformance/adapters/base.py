"""A base for adapters of Python packages: with it an adapter is one method that builds a client."""

import importlib
import inspect
import platform
from collections.abc import Awaitable, Mapping
from dataclasses import asdict, is_dataclass
from importlib import metadata
from types import ModuleType
from typing import Any

from conformance.adapters import METHODS, OPTIONS, Hello, Result, Settings, Unsupported
from conformance.adapters.failures import sdk_error
from conformance.adapters.native import Arguments, Native, find, native_arguments

# Nothing is sent by building a client; the address only has to look like one.
_PROBE: Settings = {"base_url": "http://127.0.0.1:9/v1", "api_key": "sk-conformance-probe"}


class PackageAdapter:
    """Finds the native methods of a package's client, translates arguments, values and errors.

    A subclass names its `package` (the distribution) and builds the client. One that also names
    its `module` uses `sdk` in place of an import: then a package that does not import is judged.
    """

    package: str
    module: str | None = None
    options: tuple[str, ...] = OPTIONS
    concurrency: int = 1
    # Set it to seconds, or to None for an SDK that waits for ever; unset is unknown.
    timeout_default: float | None

    def client(self, **settings: Any) -> object:
        """A client of the SDK; `settings` has base_url, and api_key and timeout when given."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to build its client")

    @property
    def sdk(self) -> Any:
        """The module of the SDK, imported where it is first wanted."""
        if self.module is None:
            raise AttributeError(f"{type(self).__name__} names no module")
        return importlib.import_module(self.module)

    def hello(self) -> Hello:
        """The installed version, and the methods that a client has: none if it does not import."""
        version = metadata.version(self.package)
        hello: Hello = {
            "sdk": self.package,
            "version": version,
            "language": "python",
            "runtime": f"{platform.python_implementation()} {platform.python_version()}",
            "methods": self._methods(),
            "options": list(self.options),
            "concurrency": self.concurrency,
        }
        if hasattr(self, "timeout_default"):
            hello["timeout_default"] = self.timeout_default
        return hello

    def _methods(self) -> dict[str, str]:
        if self.module is not None and not _imports(self.module):
            return {}
        client = self.open(_PROBE)
        found = {name: self._find(client, name) for name in METHODS}
        _let_go(self.close(client))
        return {name: native.spelling for name, native in found.items() if native}

    def open(self, settings: Settings) -> object:
        """A client; what is None or not given is left to the SDK."""
        given = {name: value for name, value in settings.items() if value is not None}
        try:
            return self.client(**given)
        except Exception as error:
            raise sdk_error(error) from error

    def close(self, client: object) -> object:
        """Close a client that can be closed."""
        close = getattr(client, "close", None)
        return close() if callable(close) else None

    def call(self, client: object, method: str, args: Mapping[str, Any]) -> Any:
        """What the native method returns; raises Unsupported and SdkError."""
        native = self._find(client, method)
        if native is None:
            raise Unsupported(method, f"{self.package} has no such method")
        positional, named = self.arguments(method, native, args)
        try:
            returned = native.function(*positional, **named)
        except Exception as error:
            raise sdk_error(error) from error
        return _awaited(returned) if inspect.isawaitable(returned) else typed(returned)

    def arguments(self, method: str, native: Native, args: Mapping[str, Any]) -> Arguments:
        """The arguments as this SDK wants them; to be overridden where it wants them otherwise."""
        return native_arguments(method, native.function, args)

    def _find(self, client: object, method: str) -> Native | None:
        return find(method, client, self._module_of(client))

    def _module_of(self, client: object) -> ModuleType:
        package = type(client).__module__.partition(".")[0]
        return importlib.import_module(self.module or package)


async def _awaited(returned: Awaitable[Any]) -> Any:
    try:
        return typed(await returned)
    except Exception as error:
        raise sdk_error(error) from error


def _imports(module: str) -> bool:
    try:
        importlib.import_module(module)
    except Exception:
        # Why not is seen again, and said, where a client is opened.
        return False
    return True


def _let_go(closing: object) -> None:
    """A client that nothing was sent with needs no loop to be closed in."""
    if inspect.iscoroutine(closing):
        closing.close()


def typed(returned: Any) -> Any:
    """A typed model as a Result of the members that were set; everything else as it is."""
    name = type(returned).__name__
    if hasattr(returned, "model_fields_set"):
        sent = returned.model_dump(exclude_unset=True, by_alias=True, warnings=False)
        return Result(sent, name, sent)
    if is_dataclass(returned) and not isinstance(returned, type):
        return Result(asdict(returned), name)
    if callable(getattr(returned, "to_dict", None)):
        return Result(returned.to_dict(), name)
    return returned
