"""Adapter of the SDK ai-stats-py-sdk of PyPI: `--adapter conformance.adapters.ai_stats:AIStats`."""

from typing import Any

from conformance.adapters.base import PackageAdapter


class AIStats(PackageAdapter):
    """The client of the package."""

    package = "ai-stats-py-sdk"
    module = "ai_stats"
    concurrency = 8

    def client(self, **settings: Any) -> object:
        """A client with these settings."""
        return self.sdk.AIStats(**settings)
