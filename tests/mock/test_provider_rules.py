import pytest

from conformance.mock.provider_rules import create_fault, fault_body, upload_fault

FINE = {"endpoint": "/v1/responses", "completion_window": "24h", "metadata": {"a": "b"}}


def test_what_is_fine_gives_no_fault():
    assert (create_fault(FINE), upload_fault("a.jsonl", "batch")) == (None, None)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"endpoint": "responses"}, "endpoint"),
        ({"completion_window": "7d"}, "completion_window"),
        ({"metadata": {str(n): "v" for n in range(17)}}, "metadata"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"metadata": {"k" * 65: "v"}}, "metadata"),
        ({"metadata": {"k": "v" * 513}}, "metadata"),
        ({"metadata": "x"}, "metadata"),
    ],
)
def test_a_create_that_a_provider_would_refuse_is_a_400_naming_the_parameter(change, param):
    fault = create_fault(FINE | change)
    assert fault is not None
    assert (fault.status, fault.body["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    ("filename", "purpose", "param"),
    [(None, "batch", "file"), ("a", None, "purpose"), ("a", "fun", "purpose")],
)
def test_an_upload_needs_a_file_and_a_known_purpose(filename, purpose, param):
    fault = upload_fault(filename, purpose)
    assert fault is not None
    assert (fault.status, fault.body["error"]["param"]) == (400, param)


def test_the_envelope_is_the_providers_own():
    assert fault_body("m", "p") == {
        "error": {"message": "m", "type": "invalid_request_error", "param": "p", "code": None}
    }
