import pytest

from conformance.mock.endpoints import normalised


@pytest.mark.parametrize(
    "written",
    [
        "responses",
        " /responses/ ",
        "v1/responses",
        "/v1/responses",
        "/v1/responses?x=1",
        "https://api.example/v1/responses?x=1",
        "https://api.example/responses",
    ],
)
def test_spellings_of_one_target_are_one(written):
    assert normalised(written) == "/v1/responses"


def test_case_is_kept():
    assert normalised("/V1/Responses") == "/v1/V1/Responses"
