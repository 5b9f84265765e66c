"""Faults of SDKs by their names; that each breaks what it says is shown in tests/faults."""

import pytest

from conformance.adapters.faults import fault, sdk_faults
from conformance.adapters.loading import load_adapter
from conformance.adapters.reference import ReferenceAdapter
from conformance.adapters.reference.client import Client
from conformance.errors import ConfigError


def test_a_fault_is_an_adapter_by_its_name() -> None:
    one = sdk_faults()["drops-session-id"]
    assert one.target == "conformance.adapters.faults:drops_session_id"
    adapter = load_adapter(one.target)
    client = adapter.open({"base_url": "http://h/v1", "api_key": "k"})
    assert isinstance(client, Client)
    assert client.body({"session_id": "s", "endpoint": "e"}) == {"endpoint": "e"}


def test_every_fault_makes_an_adapter_and_says_what_it_does() -> None:
    for one in sdk_faults().values():
        assert isinstance(one.adapter(), ReferenceAdapter)
        assert one.summary.endswith(".")


def test_an_unknown_fault_is_no_adapter() -> None:
    with pytest.raises(ConfigError, match='no "drops_everything"'):
        load_adapter("conformance.adapters.faults:drops_everything")


def test_a_name_is_given_once() -> None:
    known = sdk_faults()
    with pytest.raises(ValueError, match="two faults are called no-models"):
        fault("no-models", breaks=[])(Client)
    assert sdk_faults() == known
