import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-mock-cassettes", action="store_true", help="record cassettes/mock anew"
    )
