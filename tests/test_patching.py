"""Patches: an operation changes its place, and a place that is not there changes nothing."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.json_text import ABSENT
from conformance.patching import patched

KEYS = st.sampled_from(["a", "b", "0", "1", "-", "*", ""])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
PATHS = st.lists(KEYS | st.sampled_from(["-1", "99", "x"]), max_size=3).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)
OPERATIONS = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "copy", "move", "test"]),
        "path": PATHS,
        "from": PATHS,
        "value": DOCUMENTS,
    }
)


def op(name: str, path: str, **more: Any) -> dict[str, Any]:
    return {"op": name, "path": path, **more}


MARK = op("add", "/marked", value=1)


@given(DOCUMENTS, st.lists(OPERATIONS, max_size=4))
def test_patching_never_changes_its_argument(document: Any, patch: list[dict[str, Any]]) -> None:
    kept = deepcopy(document), deepcopy(patch)
    patched(document, tuple(patch))
    assert (document, patch) == kept


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        (op("add", "/x", value=[1]), {"x": [1]}),
        (op("add", "/n", value=None), {"n": None}),
        (op("add", "/list/0", value=9), {"list": [9, 1, 2]}),
        (op("add", "/list/2", value=9), {"list": [1, 2, 9]}),
        (op("add", "/list/-", value=9), {"list": [1, 2, 9]}),
        (op("remove", "/list/1"), {"list": [1]}),
        (op("replace", "/o/a", value=3), {"o": {"a": 3, "b": {"c": 2}}}),
        (op("replace", "/list/0", value="x"), {"list": ["x", 2]}),
        (op("copy", "/x", **{"from": "/o/b"}), {"x": {"c": 2}}),
        (op("copy", "/x", **{"from": "/null"}), {"x": None}),
        (op("move", "/list/0", **{"from": "/n"}), {"n": ABSENT, "list": [5, 1, 2]}),
        (op("add-number", "/n", value=-7), {"n": -2}),
        (op("replace", "/o/*", value=0), {"o": {"a": 0, "b": 0}}),
        (op("add-number", "/list/*", value=1), {"list": [2, 3]}),
        (op("add", "/o/*/d", value=1), ABSENT),
        (op("replace", "/a~1b", value=2), {"a/b": 2}),
    ],
)  # fmt: skip
def test_an_operation_changes_its_place(operation: dict[str, Any], after: Any) -> None:
    document = {
        "n": 5, "list": [1, 2], "o": {"a": 1, "b": {"c": 2}}, "null": None, "a/b": 1, "t": True,
    }  # fmt: skip
    wanted = document if after is ABSENT else {**document, **after}
    wanted = {key: value for key, value in wanted.items() if value is not ABSENT}
    assert patched(document, (operation,)) == wanted


@pytest.mark.parametrize(
    "operation",
    [
        op("remove", "/none"),
        op("remove", "/list/2"),
        op("remove", "/list/-"),
        op("remove", "/n/x"),
        op("remove", "/list/*/x"),
        op("remove", "/n/*"),
        op("remove", "/t/*/x"),
        op("remove", "/word/*"),
        op("remove", "/null/*"),
        op("remove", "/none/*"),
        op("replace", "/empty/*/x", value=1),
        op("remove", ""),
        op("replace", "", value=1),
        op("replace", "/none", value=1),
        op("replace", "/list/-1", value=1),
        op("add", "/none/x", value=1),
        op("add", "/n/x", value=1),
        op("add", "/list/-1", value=1),
        op("add", "/list/3", value=1),
        op("add", "/list/x", value=1),
        op("copy", "/x", **{"from": "/none"}),
        op("move", "/x", **{"from": "/none"}),
        op("add-number", "/word", value=1),
        op("add-number", "/t", value=1),
        op("add-number", "/none", value=1),
        op("test", "/n", value=6),
        op("test", "/t", value=1),
        op("test", "/none", value=None),
    ],
)
def test_a_patch_of_a_place_that_is_not_there_leaves_the_document(
    operation: dict[str, Any],
) -> None:
    document = {"n": 5, "list": [1, 2], "word": "x", "t": True, "null": None, "empty": []}
    assert patched(document, (MARK, operation)) is document


def test_a_test_that_holds_lets_the_patch_go_on() -> None:
    assert patched({"n": 1}, (op("test", "/n", value=1), op("remove", "/n"))) == {}


def test_a_value_of_a_patch_is_not_shared_between_documents() -> None:
    patch = (op("add", "/x", value=[]), op("add", "/y", value=[]), op("add", "/x/-", value=1))
    assert patched({}, patch) == patched({}, patch) == {"x": [1], "y": []}
