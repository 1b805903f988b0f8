"""`zoo card`: model cards for the Hugging Face Hub."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.options import LEDGER, IndexPaths, LedgerFolder, Names, Output, read_index
from zoo.cli.output.console import print_table, say
from zoo.cli.output.files import write_files, write_or_print
from zoo.cli.session import read_catalogue


def card(
    names: Names = None,
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    output: Output = None,
    eval_results: Annotated[
        str | None,
        typer.Option(
            "--eval-results",
            metavar="DIR",
            help="Write results on data sets of the Hub, as YAML.",
        ),
    ] = None,
) -> None:
    """Write the model card of the Hugging Face Hub from the index and the ledger's evidence.

    One model's card goes to standard output or to FILE; several go to DIR/MODEL/README.md.
    """
    from zoo.reporting.cards.card import card as written
    from zoo.reporting.cards.eval_results import eval_results as evaluated
    from zoo.reporting.convert.huggingface import count_unread
    from zoo.reporting.convert.losses import Losses

    read = read_index(index)
    entries = read.select(names or ())
    catalogue = read_catalogue(read, entries, ledger, index)
    places = {entry.place for entry in entries}
    models = [model for model in catalogue.models if model.entry.place in places]
    losses = Losses()
    cards = {
        f"{model.slug}/README.md": written(catalogue, model, count_loss=losses) for model in models
    }
    for model, text in zip(models, cards.values(), strict=True):
        count_unread(model.entry, text, losses)
    write_or_print(cards, output, read)
    if rows := losses.rows():
        say("the front matter does not hold:", error=True)
        print_table(("What", "Count", "Why"), rows, right=("Count",), error=True)
    if eval_results is not None:
        files = {f"{m.slug}/{name}": text for m in models for name, text in evaluated(m).items()}
        if files:
            write_files(files, Path(eval_results), read, "--eval-results")
        else:
            say("no data set of these models has an identifier of the Hub in the index", error=True)
