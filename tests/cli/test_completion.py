"""`conformance completion` and what it completes."""

from collections.abc import Callable
from typing import Any

import click
import pytest

from conformance.cli.options import RequirementId


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_the_script_of_a_shell_is_printed(shell: str, conformance: Callable[..., Any]) -> None:
    ended = conformance("completion", shell)
    assert (ended.status, "_CONFORMANCE_COMPLETE" in ended.out) == (0, True)


def test_ids_are_completed_in_any_case() -> None:
    found = RequirementId().shell_complete(
        click.Context(click.Command("x")), click.Option(["--only"]), "rest-auth-0"
    )
    ids = [item.value for item in found]
    assert ids[:2] == ["REST-AUTH-01", "REST-AUTH-02"]
    assert all(one.startswith("REST-AUTH-0") for one in ids)
