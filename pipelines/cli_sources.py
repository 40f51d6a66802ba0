"""`outcomes source`: make a source, or copy one with its deliveries."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines import delivery_views
from pipelines.cli_steps import HOME, HomeOption, WaitOption, open_home, out
from pipelines.locks import only_writer

source_app = typer.Typer(help="Sources: who sends deliveries.", no_args_is_help=True)


@source_app.command("add")
def source_add(
    example: Annotated[Path, typer.Argument(help="Folder with source/ and delivery/.")],
    home: HomeOption = HOME,
    wait: WaitOption = 0,
) -> None:
    """Copy a source and its deliveries into the home; what is there stays."""
    from pipelines.intake.sources import add_source

    where, _ = open_home(home)
    with only_writer(where, wait):
        source = add_source(example, where)
    out.print(f"Source {source.name} is in {where.sources / source.name}")


@source_app.command("new")
def source_new(
    name: Annotated[str, typer.Argument(help="Name of the source to be made.")],
    delivery: Annotated[
        Path, typer.Option("--from", help="Folder of one delivery, as it came.")
    ],
    home: HomeOption = HOME,
    wait: WaitOption = 0,
) -> None:
    """Draft a source from a stranger's files: source.yml and the SQL of each feed."""
    from pipelines.intake.draft.source import draft_source

    where, settings = open_home(home)
    with only_writer(where, wait):
        drafted = draft_source(where, settings, name, delivery)
    delivery_views.show_draft(out, drafted)
