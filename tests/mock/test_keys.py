import pytest

from conformance.mock.ids import Ids
from conformance.mock.keys import KeyRing, kid_of


@pytest.mark.parametrize(
    ("token", "kid"),
    [
        ("aistats_v1_sk_abc123_s", "abc123"),
        ("aistats_v1_sk_abc_s", None),
        ("aistats_v2_sk_abc123_s", None),
        ("aistats_v1_sk_abc123_", None),
        ("nonsense", None),
    ],
)
def test_only_a_well_formed_token_has_a_kid(token, kid):
    assert kid_of(token) == kid


def test_a_ring_finds_keys_by_kid_until_their_workspace_is_forgotten():
    ring = KeyRing()
    key = ring.issue(Ids("x"), "ws_1")
    assert ring.of_token(key.token) == ring.of_token(f"{key.token}wrong") == key
    ring.forget("ws_1")
    assert ring.of_token(key.token) is None
