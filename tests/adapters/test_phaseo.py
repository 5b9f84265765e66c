"""The adapter of phaseo; `tox -e sdk-phaseo` runs it with the package itself."""

import sys
import types
from importlib import metadata, util

import pytest

from conformance.adapters.phaseo import Phaseo

URL = "http://127.0.0.1:1/v1"
IS_HERE = util.find_spec("phaseo") is not None


@pytest.mark.skipif(IS_HERE, reason="the package is installed")
def test_without_the_package_it_is_named() -> None:
    with pytest.raises(metadata.PackageNotFoundError, match="phaseo"):
        Phaseo().hello()


@pytest.mark.skipif(not IS_HERE, reason="the package is not installed")
def test_the_methods_of_the_package_are_found() -> None:
    hello = Phaseo().hello()
    assert (hello["sdk"], hello["version"]) == ("phaseo", metadata.version("phaseo"))
    assert hello["methods"]["createBatch"] == "create_batch"
    assert hello["methods"]["batches.get"] == "batches.retrieve"


@pytest.mark.parametrize("name", ["Phaseo", "AIStats"])
def test_the_client_is_found_under_both_its_names(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("phaseo")
    setattr(module, name, lambda **settings: settings)
    monkeypatch.setitem(sys.modules, "phaseo", module)
    assert Phaseo().client(base_url=URL, api_key="k") == {"base_url": URL, "api_key": "k"}
