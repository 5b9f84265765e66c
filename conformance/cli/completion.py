"""`conformance completion SHELL`: the script that completes verbs, options and ids."""

import click
from click.shell_completion import get_completion_class

_USE = {
    "bash": 'eval "$(conformance completion bash)"',
    "zsh": 'eval "$(conformance completion zsh)"',
    "fish": "conformance completion fish | source",
}


@click.command(epilog="For instance in your shell's start-up file: " + _USE["bash"])
@click.argument("shell", type=click.Choice(sorted(_USE)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 - the three shells are click's own
    root = context.find_root().command
    click.echo(made(root, {}, "conformance", "_CONFORMANCE_COMPLETE").source())
