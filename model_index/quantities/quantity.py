"""The record of a quantity: how it is spelled, parsed, printed, written back, checked and shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from zoo.model_index.quantities.rewrite import write_number
from zoo.model_index.quantities.value import ParsedValue, Value, agrees


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """How a quantity appears in the table of models.

    `heading` is the column's header. A column that is not `listed` is hidden at first. `axis` says
    that a plot may have it on an axis, `facet` how a reader may filter by it (`range`, or not at
    all).
    """

    heading: str
    listed: bool = True
    axis: bool = False
    facet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One row of the table: everything that is particular to a quantity.

    Reading and writing:
        key: its name in JSON and in file names.
        label: the spelling that is shown and completed.
        unit: the base unit of its values.
        parse, show: from the characters of a claim to a value, and from a value to text.
        spellings: how index files spell its key, in lower case.
        units: spellings that imply a unit: `params (m)` counts millions.
        write: prints another value as a claim is printed: it gets the claim's characters, what they
            were parsed as, the value, and how the publisher prints it elsewhere. None: a person has
            to write it.
        several: a list of plain values is one claim.
        metric: it stands under Results.Metrics rather than in Metadata.
        task: the task that publishes it, empty where several do.
        threshold: a number behind its name is a condition: `PCK@0.2`.
        lenient: a text that is no number is no claim, and no fault either: `Epochs: until May`.
        description, examples: the sentence and the values that an editor shows (JSON Schema).

    Checking:
        check: the comparison that decides its verdict (see `zoo.verification.checks.CHECKS`).
        counted: a formula over the trace of the live model gives it.
        measured: what the live model's plain count is called, for a counted quantity.
        amount: how a plain count is printed in short: `{}MACs`.
        needs_input: its value depends on the input size.
        siblings: claims about models of the same collection are evidence of how it was counted.
        evaluated: `zoo eval` measures it.
        at_most: the key of a quantity that is never smaller: top-5 for top-1.
        most: the largest value that can be, None where there is none.

    Showing:
        better: +1 higher is better, -1 lower is better, 0 neither.
        column: how it appears in the table of models, None where it does not.
        badge: models have a badge for it.
    """

    key: str
    label: str
    unit: str = ""
    parse: Callable[[str], ParsedValue]
    show: Callable[[Value], str] = str
    check: str
    spellings: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    write: Callable[[str, ParsedValue, Value, Sequence[str]], str] | None = write_number
    several: bool = False
    metric: bool = False
    task: str = ""
    threshold: bool = False
    lenient: bool = False
    description: str = ""
    examples: tuple[str, ...] = ()
    counted: bool = False
    measured: str = ""
    amount: str = "{}"
    needs_input: bool = False
    siblings: bool = False
    evaluated: bool = False
    at_most: str = ""
    most: Decimal | None = None
    better: int = 0
    column: TableColumn | None = None
    badge: bool = False

    def rewrite(self, raw: str, value: Value, alike: Sequence[str] = (), unit: str = "") -> str:
        """Print another value as `raw` is printed; reading the text gives the value to the digits
        printed.

        `unit` is implied by the claim's label and does not stand in `raw`.

        Raises:
            ValueError: where this notation cannot express it.
        """
        if self.write is None:
            raise ValueError(f"{value} has to be written by hand")
        text = self.write(
            raw + unit, self.parse(raw + unit), value, [neighbour + unit for neighbour in alike]
        )
        if not agrees(self.parse(text), value):
            raise ValueError(f"{self.show(value)} cannot be written like {raw.strip()!r}")
        return text.removesuffix(unit)
