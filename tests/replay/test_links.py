"""Links are led elsewhere, and nothing else is touched."""

import pytest

from conformance.replay.links import led_to


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{"polling_url": "https://gw.test/_sets/x/v1/batches/b" , "x":1.50}',
            '{"polling_url": "http://h:1/v1/batches/b" , "x":1.50}',
        ),
        (
            '{"websocket_url":"wss://gw.test/v1/async/batch/b/ws"}',
            '{"websocket_url":"ws://h:1/v1/async/batch/b/ws"}',
        ),
        (
            r'{"cancel_url":"https:\/\/gw.test\/v1\/batches\/b\/cancel"}',
            r'{"cancel_url":"http://h:1\/v1\/batches\/b\/cancel"}',
        ),
    ],
)
def test_a_link_leads_to_the_replaying_server(before, after):
    assert led_to("h:1", before.encode()) == after.encode()


@pytest.mark.parametrize(
    "text",
    [
        '{"url":"https://gw.test/v1/batches/b"}',
        '{"polling_url":null,"cancel_url":"elsewhere"}',
        '{"polling_url":"https://gw.test/v2/batches/b"}',
        '{"polling_url":"https://gw.test","x":"/v1/"}',
    ],
)
def test_all_else_stays(text):
    assert led_to("h:1", text.encode()) == text.encode()
