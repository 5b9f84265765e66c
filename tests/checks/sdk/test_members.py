import pytest

from conformance.checks.sdk import _members


def test_the_contract_names_members_at_every_depth() -> None:
    assert {"id", "billing", "cost_nanos", "pricing_lines", "polling_url"} <= _members.known()


def test_unknown_members_are_found_and_not_looked_into() -> None:
    value = {"id": "b", "billing": {"x": {"y": 1}}, "pricing_lines": [{"z/": None}], "w": []}
    assert list(_members.unknown(value)) == [
        ("/billing/x", {"y": 1}),
        ("/pricing_lines/0/z~1", None),
        ("/w", []),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"{}", True), (b"7", True), (b'{"a":1,"a":2}', True), (b"", False), (b"\xff", False),
     (b"[" * 100_000, False)],
)  # fmt: skip
def test_json_is_told_from_other_bytes(content: bytes, expected: object) -> None:
    assert _members.is_json(content) is expected
