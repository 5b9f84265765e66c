import pytest

from conformance.mock.prices import with_prices


@pytest.fixture
def block_of(make_caller):
    """The billing block of a completed batch: two rows of 53,000 nanos, 2,051,000 estimated."""

    def block(*faults):
        return make_caller(*faults).finished("complete")["billing"]

    return block


def differences(before, after):
    return {key: after[key] for key in before if after[key] != before[key]}


def test_the_breakdown_shows_the_estimate(block_of):
    block = block_of("breakdown-shows-the-estimate")
    sums = block["pricing_breakdown"]
    assert (block["cost_nanos"], block["estimated_nanos"]) == (106_000, 4_102_000)
    assert (sums["total_nanos"], sums["total_usd_str"]) == (4_102_000, "0.004102000")


def test_dollars_are_rounded_to_cents_and_nothing_else(block_of):
    changed = differences(block_of(), block_of("dollars-rounded-to-cents"))
    assert changed == {"cost_usd": 0.0}


def test_dollars_that_are_not_known_are_not_rounded(make_caller):
    assert make_caller("dollars-rounded-to-cents").created()["billing"]["cost_usd"] is None


def test_cents_are_rounded_up_and_nothing_else(block_of):
    before = block_of()["pricing_breakdown"]
    after = block_of("cents-rounded-up")["pricing_breakdown"]
    assert differences(before, after) == {"total_cents": 1}


def test_display_costs_are_rounded_up(block_of):
    changed = differences(block_of(), block_of("display-costs-rounded-up"))
    kinds = [
        f"{kind}_{who}_cost" for kind in ("estimated", "settled") for who in ("provider", "user")
    ]
    assert changed == dict.fromkeys(kinds, "0.01")


@pytest.mark.parametrize(
    ("name", "cents", "text"),
    [
        ("cents-rounded-to-the-nearest", 2, "0.02"),
        ("display-costs-cut", 1, "0.01"),
        (None, 1, "0.02"),
    ],
)
def test_a_cent_and_seven_tenths(make_caller, make_row, name, cents, text):
    caller = make_caller(*filter(None, [name]))
    prices = [{"meter": "output_text_tokens", "unit_size": 1, "price_per_unit": "0.00068"}]
    models = caller.workspace.models
    models["mock-mini"] = with_prices(models["mock-mini"], prices)
    bill = caller.finished("complete", make_row("a", "mock-mini"))["billing"]
    shown = bill["pricing_breakdown"]["total_cents"], bill["settled_user_cost"]
    assert shown == (cents, text)
