import re

from conformance.mock.ids import Ids


def test_request_ids_are_ulids_of_their_instant():
    first, second = (Ids("seed").request_id(at) for at in (1_783_587_600_412, 1_783_587_600_413))
    assert re.fullmatch(r"G-[0-9A-HJKMNP-TV-Z]{26}", first)
    assert first < second


def test_ids_do_not_repeat_and_equal_seeds_give_equal_ids():
    one, other = Ids("x"), Ids("x")
    made = [one.batch_id() for _ in range(100)]
    assert len(set(made)) == 100
    assert made == [other.batch_id() for _ in range(100)]
