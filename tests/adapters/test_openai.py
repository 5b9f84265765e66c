"""The adapter of openai; `tox -e sdk-openai` runs it with the package itself."""

from importlib import metadata, util
from typing import Any

import pytest

from conformance.adapters.native import Native
from conformance.adapters.openai import OpenAI

IS_HERE = util.find_spec("openai") is not None


@pytest.mark.skipif(IS_HERE, reason="the package is installed")
def test_without_the_package_it_is_named() -> None:
    with pytest.raises(metadata.PackageNotFoundError, match="openai"):
        OpenAI().hello()


@pytest.mark.skipif(not IS_HERE, reason="the package is not installed")
def test_the_methods_of_the_package_are_found() -> None:
    assert OpenAI().hello()["methods"] == {
        "batches.create": "batches.create",
        "batches.get": "batches.retrieve",
        "batches.cancel": "batches.cancel",
        "batches.list": "batches.list",
    }


def create(*, endpoint: str, extra_body: Any = None) -> None:
    """Keywords, and a place for what has none."""


def listed(*, limit: int = 20, extra_query: Any = None) -> None:
    """Keywords, and a place for what has none."""


def retrieve(batch_id: str) -> None:
    """One that is no keyword."""


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (create, {"request": {"endpoint": "/e"}}, ([], {"endpoint": "/e"})),
        (
            create,
            {"request": {"endpoint": "/e", "session_id": "s", "debug": None}},
            ([], {"endpoint": "/e", "extra_body": {"session_id": "s", "debug": None}}),
        ),
        (listed, {"params": {"limit": 2}}, ([], {"limit": 2})),
        (listed, {"params": {"status": ["a"]}}, ([], {"extra_query": {"status": ["a"]}})),
        (listed, {}, ([], {})),
        (retrieve, {"batch_id": None}, ([None], {})),
    ],
)
def test_what_has_no_keyword_goes_beside_them(function: Any, args: Any, expected: Any) -> None:
    names = {create: "batches.create", listed: "batches.list", retrieve: "batches.get"}
    method = names[function]
    assert OpenAI().arguments(method, Native(method, function), args) == expected
