import pytest

from conformance.mock.estate import Estate
from conformance.mock.exchange import Call


@pytest.fixture
def estate():
    return Estate(lambda: 1_000, seed="test")


def test_a_set_has_three_workspaces_and_four_keys(estate):
    home = estate.open_set(7)
    balances = {label: home.workspace(label).wallet.balance_nanos for label in home.keys}
    assert balances == {"a": 7, "same": 7, "b": 5_000_000_000, "no_funds": 0}
    assert home.keys["a"].token != home.keys["same"].token


def test_sets_share_nothing(estate):
    one, other = estate.open_set(), estate.open_set()
    one.clock.advance(5)
    assert (other.clock.now_ms, one.provider is other.provider) == (1_000, False)


@pytest.mark.parametrize("kind", ["revoked", "expired", "wrong-secret", "unknown"])
def test_a_bad_key_still_leads_to_its_set(estate, kind):
    estate.open_set()
    home = estate.open_set()
    call = Call("GET", "/batches", headers={"authorization": f"Bearer {home.bad_tokens[kind]}"})
    assert estate.home_of(call) is home


def test_a_key_in_the_wrong_place_leads_to_its_set_too(estate):
    home = estate.open_set()
    token = home.keys["b"].token
    calls = [
        Call("GET", "/batches", headers={"x-api-key": token}),
        Call("GET", "/batches", query=f"api_key={token}"),
        Call("GET", "/batches", headers={"authorization": f"Basic {token}"}),
    ]
    assert [estate.home_of(call) for call in calls] == [home] * 3


def test_a_forgotten_set_leaves_no_key_behind(estate):
    home = estate.open_set()
    call = Call("GET", "/batches", headers={"authorization": f"Bearer {home.keys['a'].token}"})
    assert [estate.forget_set(home.id), estate.forget_set(home.id)] == [True, False]
    assert (estate.home_of(call), estate.workspace(home.id), estate.sets) == (None, None, {})


def test_a_call_without_credentials_leads_nowhere(estate):
    estate.open_set()
    assert estate.home_of(Call("GET", "/batches")) is None
