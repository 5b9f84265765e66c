"""Options of the suite as click options, and the Config that they make."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from conformance.config import Config, resolve
from conformance.options import BY_NAME
from conformance.requirements import profiles, registry

Command = TypeVar("Command", bound=Callable[..., Any])


class RequirementId(click.ParamType[str]):
    """An id of the registry, completed in the shell; unknown ones are usage errors."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The id in the registry's spelling."""
        wanted = str(value).upper()
        if wanted not in registry():
            self._refuse(value, wanted, param, ctx)
        return wanted

    @staticmethod
    def _refuse(
        value: Any, wanted: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> None:
        near = [row.id for row in registry() if row.id.startswith(wanted.rpartition("-")[0])]
        hint = f"; near it: {', '.join(near[:6])}" if near and "-" in wanted else ""
        raise click.BadParameter(f"no requirement is called {value}{hint}", ctx, param)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The ids that begin with what was typed."""
        rows = (row for row in registry() if row.id.startswith(incomplete.upper()))
        return [CompletionItem(row.id, help=row.text) for row in rows]


def suite_options(*names: str) -> Callable[[Command], Command]:
    """Decorate a verb with options of the suite, by their names."""

    def decorate(command: Command) -> Command:
        for name in reversed(names):
            option = BY_NAME[name]
            attributes: dict[str, Any] = {"help": option.help, "default": None}
            if option.kind == "flag":
                attributes["is_flag"] = True
            else:
                attributes["metavar"] = option.metavar
                attributes["multiple"] = option.kind == "many"
            if name == "profile":
                attributes["type"] = click.Choice(sorted(profiles()))
            command = click.option(f"--{name}", option.dest, **attributes)(command)
        return command

    return decorate


def config_of(given: dict[str, Any]) -> Config:
    """The Config of a verb's options; raises UsageError."""
    by_name = {
        option.name: given[option.dest] for option in BY_NAME.values() if option.dest in given
    }
    return resolve(by_name, root=Path.cwd())
