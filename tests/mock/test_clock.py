import pytest

from conformance.mock.clock import Clock, iso, iso_with_offset


def test_the_clock_stands_still_until_it_is_moved():
    clock = Clock(1_783_587_600_412)
    clock.advance(1_000)
    assert (clock.now_ms, clock.now_s) == (1_783_587_601_412, 1_783_587_601)


def test_time_is_written_with_milliseconds_and_z():
    assert iso(1_783_587_600_002) == "2026-07-09T09:00:00.002Z"


def test_times_of_the_store_have_an_offset():
    assert iso_with_offset(1_783_587_600_002) == "2026-07-09T09:00:00.002+00:00"


def test_the_clock_does_not_go_back():
    with pytest.raises(ValueError, match="cannot go back by 5 ms"):
        Clock(1).advance(-5)
