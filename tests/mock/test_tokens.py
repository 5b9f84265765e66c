import pytest

from conformance.mock.tokens import image_count, input_tokens, output_limit, video_seconds


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({"input": "hello there"}, 3),
        ({"input": ""}, 1),
        ({}, 1),
        ({"messages": [{"role": "user", "content": "x" * 8}, {"content": [{"text": "y"}]}]}, 3),
        ({"prompt": ["ab", "cd"], "model": "not counted"}, 1),
    ],
)
def test_input_is_a_quarter_of_the_characters_rounded_up(body, tokens):
    assert input_tokens(body) == tokens


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        ({}, 1024),
        ({"max_tokens": 7}, 7),
        ({"max_output_tokens": 0}, 1024),
        ({"max_tokens": True}, 1024),
    ],
)
def test_the_output_limit_is_1024_when_the_row_has_no_usable_one(body, limit):
    assert output_limit(body) == limit


@pytest.mark.parametrize(
    ("body", "seconds"),
    [({"seconds": "8"}, 8), ({"duration": 2.5}, 3), ({"seconds": 0}, None), ({}, None)],
)
def test_a_duration_is_positive_or_absent(body, seconds):
    assert video_seconds(body) == seconds


def test_one_image_is_made_unless_the_row_says_more():
    assert [image_count(body) for body in ({}, {"n": 3}, {"n": 0})] == [1, 3, 1]
