import pytest

from conformance.errors import UnknownFault
from conformance.mock.faults import (
    all_faults,
    behaviour_faults,
    fault,
    fault_named,
    gateway_class,
    row_fault,
)
from conformance.mock.gateway import Gateway
from conformance.requirements import registry


def test_no_fault_is_the_gateway_itself():
    assert gateway_class([]) is Gateway


def test_the_same_faults_give_the_same_class():
    names = ["list-default-limit-one", "query-string-breaks-get"]
    assert gateway_class(names) is gateway_class([*names, names[0]])


def test_several_faults_hold_at_once(make_caller):
    gateway = make_caller("list-default-limit-one", "list-comma-filter-ignored").gateway
    assert (gateway.default_list_limit(), gateway.filter_words("a,b")) == (1, ["a,b"])


def test_an_unknown_name_gets_its_neighbours():
    with pytest.raises(UnknownFault, match="did you mean list-default-limit-one"):
        fault_named("list-default-limit-two")


def test_a_name_is_given_once():
    with pytest.raises(ValueError, match="two faults are called list-default-limit-one"):
        fault("list-default-limit-one", breaks=[])(Gateway)


@pytest.mark.parametrize("one", behaviour_faults().values(), ids=lambda one: one.name)
def test_a_fault_of_behaviour_says_what_it_does_and_breaks_known_requirements(one):
    assert one.summary
    assert one.breaks
    assert [name for name in one.breaks if name not in registry()] == []
    assert issubclass(one.mixin, Gateway)


def test_row_faults_are_found_by_their_name():
    patched = [edit for edit in map(row_fault, registry()) if edit]
    names = {one.name for one in all_faults()}
    assert {edit.name for edit in patched} <= names
    assert all(edit.breaks[0] == edit.row.id for edit in patched)
