from typing import Any

import pytest

from conformance.checks.sdk import _names
from conformance.testing_sdk import wire


@pytest.mark.parametrize(
    ("sdk", "expected"),
    [
        ("ai-stats-py-sdk", {"aistats", "phaseo"}),
        ("@ai-stats/sdk", {"aistats", "phaseo"}),
        ("phaseo", {"aistats", "phaseo"}),
        ("openai", {"openai"}),
        ("github.com/acme/sdk-go", {"acme"}),
        ("sdk-go", {"sdkgo"}),
    ],
)
def test_a_package_name_has_a_brand(sdk: str, expected: set[str]) -> None:
    assert _names.brands(sdk) == expected


def test_headers_of_the_sender_are_those_that_speak_of_it() -> None:
    more = (("User-Agent", "a"), ("X-Stainless-Lang", "b"), ("X-A-Client-Version", "c"))
    assert _names.client_headers(wire("GET /", more=(*more, ("X-Trace", "d"))).request) == dict(
        more
    )


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"User-Agent": "acme-python/1.2.3"}, ["1.2.3"]),
        ({"User-Agent": "Acme/Python 1.2.3"}, ["1.2.3"]),
        ({"User-Agent": "acme/1.2.3 httpx/0.28.1 CPython/3.12.1"}, ["1.2.3"]),
        ({"User-Agent": "acme-python", "X-Acme-Client-Version": "1.2.3"}, ["1.2.3"]),
        ({"X-Stainless-Package-Version": "1.2.3"}, ["1.2.3"]),
        ({"X-Stainless-Runtime-Version": "3.12.1"}, []),
        ({"User-Agent": "acme (1.2.3)"}, []),
    ],
)
def test_versions_are_read_behind_the_name(headers: dict[str, str], expected: Any) -> None:
    assert list(_names.versions(frozenset({"acme"}), headers)) == expected


def test_a_version_may_begin_with_a_letter() -> None:
    assert _names.is_version("V1.2", "1.2")
    assert not _names.is_version("1.2.0", "1.2")
