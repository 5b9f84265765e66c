"""Adapter of the SDK phaseo of PyPI: `--adapter conformance.adapters.phaseo:Phaseo`."""

from typing import Any

from conformance.adapters.base import PackageAdapter


class Phaseo(PackageAdapter):
    """The client of the package; before 2.0.6 it was called AIStats."""

    package = "phaseo"
    module = "phaseo"
    concurrency = 8

    def client(self, **settings: Any) -> object:
        """A client with these settings."""
        kind = getattr(self.sdk, "Phaseo", None) or self.sdk.AIStats
        return kind(**settings)
