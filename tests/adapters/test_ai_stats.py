"""The adapter of ai-stats-py-sdk; `tox -e sdk-ai-stats` runs it with the package itself."""

import sys
import types
from importlib import metadata, util

import pytest

from conformance.adapters.ai_stats import AIStats

URL = "http://127.0.0.1:1/v1"
IS_HERE = util.find_spec("ai_stats") is not None


@pytest.mark.skipif(IS_HERE, reason="the package is installed")
def test_without_the_package_it_is_named() -> None:
    with pytest.raises(metadata.PackageNotFoundError, match="ai-stats-py-sdk"):
        AIStats().hello()


@pytest.mark.skipif(not IS_HERE, reason="the package is not installed")
def test_the_methods_of_the_package_are_found() -> None:
    hello = AIStats().hello()
    assert (hello["sdk"], hello["version"]) == (
        "ai-stats-py-sdk",
        metadata.version("ai-stats-py-sdk"),
    )
    assert hello["methods"]["createBatch"] == "create_batch"
    assert hello["methods"]["batches.get"] == "batches.retrieve"


def test_settings_are_handed_on_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("ai_stats")
    module.AIStats = lambda **settings: settings  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ai_stats", module)
    assert AIStats().client(base_url=URL, timeout=1.0) == {"base_url": URL, "timeout": 1.0}
