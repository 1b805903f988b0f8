"""`zoo env`: the machine and the versions that evidence records."""

from zoo.cli.options import Format, OutputFormat
from zoo.cli.output.console import print_csv, print_json, print_table


def env(format: OutputFormat = Format.TABLE) -> None:
    """Show the machine and the versions that evidence records."""
    from zoo.models.environment import describe

    facts = describe()
    if format is Format.JSON:
        print_json(facts)
        return
    if format is Format.CSV:
        print_csv(("What", "Value"), facts.items())
        return
    rows = [
        (name, "not installed" if value is None else str(value)) for name, value in facts.items()
    ]
    print_table(("What", "Value"), rows)
