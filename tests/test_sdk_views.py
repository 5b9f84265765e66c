from typing import Any

import pytest

from conformance import sdk_views
from conformance.testing import exchange, observed
from conformance.testing_sdk import BASE, OTHER, OWN, hello, opened, returned, sdk, wire
from conformance.transcript import Call

GET = wire("GET /v1/batches/b", answer={"id": "b"})
STRAY = wire("GET //elsewhere", answer={})


def got(*sent: Any, client: str = "c", at_once: bool = False) -> Any:
    return returned("getBatch", *(sent or [GET]), client=client, at_once=at_once, batch_id="b")


def sent(*said: Any, **around: Any) -> list[list[int]]:
    return [
        [number for number, _ in call.sent]
        for call in sdk_views.all_calls(observed(*sdk(*said, **around)))
    ]


def test_exchanges_belong_to_the_call_in_whose_time_they_began() -> None:
    assert sent(got(GET, STRAY), got()) == [[4, 5], [7]]


def test_exchanges_belong_to_the_client_at_whose_origins_they_arrived() -> None:
    clients = [opened("c", origins=[OWN]), opened("d", origins=[OTHER])]
    other = wire("GET /v1/batches/b", origin=OTHER)
    said = [got(GET, other), got(other, client="d", at_once=True)]
    assert sent(*said, clients=clients) == [[5], [8, 6]]


def test_a_port_that_begins_like_another_is_another() -> None:
    clients = [opened(origins=["http://127.0.0.1:812"])]
    assert sent(got(), clients=clients) == [[]]


def test_calls_of_one_client_at_the_same_time_have_no_exchanges_of_their_own() -> None:
    said = [got(), got(at_once=True), got()]
    seen = observed(*sdk(*said))
    assert [call.number for call in sdk_views.calls(seen)] == [7]
    assert sent(*said) == [[], [], [8]]


def test_calls_of_two_clients_at_the_same_time_are_apart() -> None:
    clients = [opened("c"), opened("d", origins=[])]
    seen = observed(*sdk(got(), got(client="d", at_once=True), clients=clients))
    assert len(sdk_views.calls(seen)) == 2


def test_hello_and_clients_are_read_from_the_transcript() -> None:
    seen = observed(*sdk(got(), got(client="nobody")))
    assert sdk_views.hello_of(seen.transcript) == hello().detail
    assert [one.client.name for one in sdk_views.all_calls(seen)] == ["c", ""]
    assert [one.number for one in sdk_views.clients(seen)] == [2]
    assert sdk_views.declared({"methods": None}) == {}


def test_what_a_client_sent_and_called_in_all() -> None:
    seen = observed(*sdk(got(), got(GET, STRAY)))
    (client,) = sdk_views.clients(seen)
    assert [number for number, _ in sdk_views.sent_by(client, seen)] == [4, 6, 7]
    assert [call.number for call in sdk_views.made_by(client, seen)] == [3, 5]


def test_helpers_of_urls_are_views_of_their_own() -> None:
    made = returned("batches.websocketUrl", value="ws://h/x", batch_id="b")
    seen = observed(*sdk(got(), made))
    assert [one.number for one in sdk_views.urls(seen)] == [5]


@pytest.mark.parametrize("url", [f"{BASE}/x", f"{OWN}?x", f"{OWN}#x", OWN, f"{OWN}//x"])
def test_an_origin_ends_where_the_target_begins(url: str) -> None:
    assert sdk_views.origin_of(url) == OWN


def test_without_an_sdk_there_is_nothing() -> None:
    seen = observed(exchange("GET", "/batches/b", {"id": "b"}))
    assert (list(sdk_views.calls(seen)), list(sdk_views.urls(seen))) == ([], [])
    assert sdk_views.hello_of(seen.transcript) == {}


def test_what_a_recorder_says_is_no_word_of_a_gateway() -> None:
    seen = observed(*sdk(got()), exchange("GET", "/batches/b", {"id": "b"}))
    assert [one.number for one in seen.seen] == [5]


def test_a_call_without_a_client_has_no_wire() -> None:
    (call,) = sdk_views.all_calls(observed(Call("getBatch", {}, {})))
    assert (call.sent, call.client.name, call.expected[-1:]) == ((), "", [call.batch_id])
