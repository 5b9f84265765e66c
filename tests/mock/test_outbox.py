from conformance.mock.outbox import Outbox


def test_errands_are_taken_once_in_the_order_in_which_they_were_given():
    outbox = Outbox()
    for errand in ("first", "second"):
        outbox.put(errand)
    assert (outbox.take(), outbox.take()) == (["first", "second"], [])
