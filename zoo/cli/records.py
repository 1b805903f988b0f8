"""Turn the fields of records into the options of a command."""

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from typing import Any

import msgspec

Record = type[msgspec.Struct]
Table = Mapping[str, Any]


def from_options(tables: Mapping[Record, Table]) -> Callable[[Callable[..., None]], Any]:
    """Give a command an option for each field of the records it takes, in the order of `tables`.

    A table has the annotation of each field for typer: its type with flags and help. The record
    has the default.
    """
    fields = {record: msgspec.structs.fields(record) for record in tables}
    parameters = [
        _parameter(field, tables[record][field.name])
        for record in tables
        for field in fields[record]
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def run(**values: Any) -> None:
            records = (
                msgspec.convert(
                    {
                        field.name: values[field.name]
                        for field in fields[record]
                        if values[field.name] is not None
                    },
                    record,
                )
                for record in tables
            )
            command(*records)

        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def _parameter(field: msgspec.structs.FieldInfo, annotation: Any) -> Parameter:
    default = Parameter.empty if field.required else field.default
    return Parameter(
        field.name,
        Parameter.KEYWORD_ONLY,
        default=None if default == () else default,
        annotation=annotation,
    )
