"""The credit balance: which answers show it, and how the others are told in one line."""

from typing import Any

import pytest

from conformance.targets.credit import figures_of
from conformance.targets.limits import ScenarioStopped
from conformance.testing import exchange
from conformance.transcript import Body, Exchange, Failure, Request, Response

SHOWN = {"balance_nanos": 5, "reserved_nanos": 2, "available_nanos": 3}
URL = "http://h/v1/credits"


def answered(value: Any, **more: Any) -> Exchange:
    return exchange("GET", "/credits", value, **more)


def stop(one: Exchange) -> str:
    with pytest.raises(ScenarioStopped) as found:
        figures_of(one)
    return str(found.value)


@pytest.mark.parametrize(
    ("value", "figures"),
    [
        ({"ok": True, "credits": SHOWN}, (5, 2, 3)),
        (SHOWN, (5, 2, 3)),
        ({"credits": {**SHOWN, "available_nanos": None}}, (5, 2, None)),
        ({"credits": {"balance_nanos": -5, "reserved_nanos": 0}}, (-5, 0, None)),
        ({"credits": {**SHOWN, "available_nanos": "3"}}, (5, 2, None)),
        (b'{"credits":{"balance_nanos":5.0,"reserved_nanos":2e0}}', (5, 2, None)),
    ],
)
def test_the_figures_are_whole_nano_dollars(value: Any, figures: Any) -> None:
    assert figures_of(answered(value)) == figures


@pytest.mark.parametrize(
    ("value", "lacking"),
    [
        ([], "balance_nanos"),
        ({"credits": [1]}, "balance_nanos"),
        ({"credits": {"balance_nanos": 5}}, "reserved_nanos"),
        ({"credits": {**SHOWN, "balance_nanos": True}}, "balance_nanos"),
        ({"credits": {**SHOWN, "balance_nanos": "5"}}, "balance_nanos"),
        (b'{"credits":{"balance_nanos":5.5,"reserved_nanos":2}}', "balance_nanos"),
        (b'{"credits":{"balance_nanos":1e999999,"reserved_nanos":2}}', "balance_nanos"),
    ],
)
def test_what_is_missing_is_named(value: Any, lacking: str) -> None:
    assert stop(answered(value)) == (
        f"--credits-url: the answer has no whole number credits.{lacking}: is the URL right?"
    )


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (answered({}, status=401),
         "--credits-url is answered 401: may AI_STATS_API_KEY_CREDITS read it?"),
        (answered({}, status=403),
         "--credits-url is answered 403: may AI_STATS_API_KEY_CREDITS read it?"),
        (answered({"credits": SHOWN}, status=500), "--credits-url is answered 500"),
        (answered({}, status=302), "--credits-url is answered 302"),
        (answered(b"<p>", headers=(("content-type", "text/html"),)),
         "--credits-url is answered with text/html, not JSON"),
        (answered(b"", headers=()), "--credits-url is answered with no content type, not JSON"),
        (Exchange(Request("GET", URL), Response(200, (), Body(b"{}"), truncated=True)),
         "--credits-url is answered 200 without end"),
        (Exchange(Request("GET", URL), None, Failure("connect", "refused")),
         "--credits-url cannot be reached: refused"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_told_in_one_line(one: Exchange, line: str) -> None:
    assert stop(one) == line
