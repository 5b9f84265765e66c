"""Who may open a stream: each fault against the gateway as it should be."""

import pytest

from conformance.mock.exchange import Answer


def status(outcome):
    return outcome.status if isinstance(outcome, Answer) else 101


def both(make_caller, caller, name, ask):
    """What is answered without the fault and with it."""
    return tuple(status(ask(one)) for one in (caller, make_caller(name)))


def of_own(path, **headers):
    return lambda one: one.upgrade(path.format(one.created()["id"]), **headers)


@pytest.mark.parametrize(
    ("name", "path", "statuses"),
    [
        ("stream-kind-is-not-looked-at", "/async/video/{}/ws", (404, 101)),
        ("stream-id-is-not-decoded", "/async/batch/%62{}/ws", (404, 404)),
        ("stream-kind-has-a-case", "/async/BATCH/{}/ws", (101, 400)),
        ("stream-unknown-parameter-is-refused", "/async/batch/{}/ws?x=1", (101, 404)),
        ("stream-unknown-parameter-is-refused", "/async/batch/{}/ws?interval_ms=1", (101, 101)),
        ("stream-owner-is-refused", "/async/batch/{}/ws", (101, 503)),
    ],
)
def test_an_address_of_an_own_batch(make_caller, caller, name, path, statuses):
    assert both(make_caller, caller, name, of_own(path)) == statuses


def test_an_escaped_letter_is_not_decoded(make_caller, caller):
    def ask(one):
        return one.upgrade(f"/async/batch/%62{one.created()['id'][1:]}/ws")

    assert both(make_caller, caller, "stream-id-is-not-decoded", ask) == (101, 404)


def test_a_key_in_the_query_is_taken(make_caller, caller):
    def ask(one):
        batch_id, token = one.created()["id"], one.token
        one.token = None
        return one.upgrade(f"/async/batch/{batch_id}/ws?token={token}")

    assert both(make_caller, caller, "stream-key-in-the-query", ask) == (401, 101)


def test_a_foreign_batch_is_told_from_an_unknown_one(make_caller, caller):
    def ask(one):
        return one.other("b").upgrade(f"/async/batch/{one.created()['id']}/ws")

    assert both(make_caller, caller, "stream-foreign-batch-is-forbidden", ask) == (404, 403)


def test_an_ended_batch_is_not_shown_any_more(make_caller, caller):
    def ask(one):
        return one.upgrade(f"/async/batch/{one.finished('complete')['id']}/ws")

    assert both(make_caller, caller, "stream-not-of-ended-batches", ask) == (101, 404)


def test_the_id_of_the_provider_opens_the_stream(make_caller, caller):
    def ask(one):
        one.act("stored_native_id_changed", batch=one.created()["id"], native_id="batch_n")
        return one.upgrade("/async/batch/batch_n/ws")

    assert both(make_caller, caller, "stream-by-native-id", ask) == (404, 101)


def test_a_row_of_a_file_opens_a_stream(make_caller, caller, make_row):
    def ask(one):
        return one.upgrade(f"/async/batch/__file__:{one.upload(make_row())}/ws")

    assert both(make_caller, caller, "stream-of-file-rows", ask) == (404, 101)


def test_another_protocol_is_no_reason_to_refuse(make_caller, caller):
    def ask(one):
        return one.call("GET", "/async/batch/x/ws", headers={"upgrade": "h2c"})

    assert both(make_caller, caller, "stream-any-upgrade-will-do", ask) == (426, 200)


def test_a_plain_get_without_a_key_is_told_of_the_key(make_caller, caller):
    def ask(one):
        one.token = None
        return one.get("/async/batch/x/ws")

    assert both(make_caller, caller, "stream-checks-the-key-first", ask) == (426, 401)


def test_the_address_in_a_body_is_another(make_caller, caller):
    shown = [
        one.created()["websocket_url"] for one in (caller, make_caller("stream-url-leads-nowhere"))
    ]
    assert [("/async/batch/" in url, "/async/batches/" in url) for url in shown] == [
        (True, False),
        (False, True),
    ]
