"""Adapter of the SDK openai of PyPI: `--adapter conformance.adapters.openai:OpenAI`."""

import inspect
from collections.abc import Mapping
from typing import Any

from conformance.adapters.base import PackageAdapter
from conformance.adapters.native import Arguments, Native

# Where the SDK takes what it has no keyword for.
_EXTRAS = ("extra_body", "extra_query")


class OpenAI(PackageAdapter):
    """The client of the package, its options as the SDK has them by default."""

    package = "openai"
    module = "openai"
    concurrency = 8
    # What its documentation promises, in seconds.
    timeout_default = 600.0

    def client(self, **settings: Any) -> object:
        """A client with these settings."""
        return self.sdk.OpenAI(**settings)

    def arguments(self, method: str, native: Native, args: Mapping[str, Any]) -> Arguments:
        """The keywords that the SDK has; all other members go beside them, as it offers."""
        positional, given = super().arguments(method, native, args)
        place = _EXTRAS["params" in args]
        known = inspect.signature(native.function).parameters
        named = {name: value for name, value in given.items() if name in known}
        more = {name: value for name, value in given.items() if name not in known}
        return positional, {**named, place: more} if more else named
