"""Make the records of models of the rows of a page."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from zoo.model_index.dialects.page_tables.header import Conditions
from zoo.model_index.dialects.page_tables.row_links import CONFIG, LOG, PAPER, WEIGHTS
from zoo.model_index.dialects.page_tables.row_names import builder_of, tell_apart
from zoo.model_index.dialects.page_tables.row_numbers import RowNumber
from zoo.model_index.dialects.page_tables.rows import PageRow, read_side
from zoo.model_index.dialects.page_tables.table_settings import TableSettings
from zoo.model_index.quantities.lookup import find_with_unit
from zoo.model_index.quantities.table import BY_KEY
from zoo.model_index.records.fields import Plain
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.records import Claim, Entry

TASK = "Image Classification"  # of a top-1 accuracy whose page says no more
INPUT = "input size"
OF_ROW = "it is the input of the row's numbers, and no setting of weights"


def entries_of_rows(
    rows: Sequence[PageRow], publisher: str, settings: TableSettings
) -> list[Entry]:
    """Return the record of each model of a page. Rows with one name and the same weights are one
    model; other rows with one name are models of their own, whose names say what differs."""
    models = _merge(rows)
    names = tell_apart([model[0].name for model in models], [_qualify(model) for model in models])
    return [
        _entry(model, name, publisher, settings) for model, name in zip(models, names, strict=True)
    ]


def _merge(rows: Sequence[PageRow]) -> list[list[PageRow]]:
    """Return the rows of each model in reading order."""
    models: list[list[PageRow]] = []
    by_weights: dict[tuple[str, str], list[PageRow]] = {}
    for row in rows:
        keys = [(row.name, link.address) for link in row.links if link.kind == WEIGHTS]
        model = next((by_weights[key] for key in keys if key in by_weights), None)
        if model is None:
            model = []
            models.append(model)
        model.append(row)
        by_weights |= dict.fromkeys(keys, model)
    return models


def _qualify(model: Sequence[PageRow]) -> tuple[str, ...]:
    """Return what tells a model from others of its name: the name of its
    configuration, heading, group, texts, input, the name of its weights."""
    row = model[0]
    texts = ", ".join(text for _, text in row.texts)
    sizes = "/".join(spec.show() for spec in row.inputs)
    config, weights = (_stem(row, kind) for kind in (CONFIG, WEIGHTS))
    return config, row.context.family, row.group, texts, sizes, weights


def _stem(row: PageRow, kind: str) -> str:
    """Return the name of the last file of a kind that a row links, without its suffix."""
    addresses = [link.address for link in row.links if link.kind == kind]
    return PurePosixPath(addresses[-1].split("?")[0]).stem if addresses else ""


def _entry(model: Sequence[PageRow], name: str, publisher: str, settings: TableSettings) -> Entry:
    first = model[0]
    claims = [claim for row in model for claim in _claims(row, name, publisher)]
    links = [_link(row, name, publisher) for row in model]
    fields: dict[str, Plain] = {"Name": name, "In Collection": first.context.family}
    metadata = _metadata(model, claims)
    results = list(_results(claims))
    fields |= {"Metadata": metadata} if metadata else {}
    fields |= {"Results": results} if results else {}
    fields |= _linked_fields(model)
    builder = builder_of(first.name, settings, name)
    fields |= {"Builder": str(builder)} if builder.named else {}
    return Entry(
        name=name,
        collection=first.context.family,
        publisher=publisher,
        source=None,
        builder=builder,
        claims=tuple(claims),
        reported=(),
        metadata=metadata,
        fields=fields,
        place=first.place,
        links=tuple(claim for part in links for claim in part),
        row_name=first.name,
    )


def _claims(row: PageRow, name: str, publisher: str) -> Iterator[Claim]:
    about = row.context.conditions + tuple(row.texts)
    group: Conditions = (("group", row.group),) if row.group else ()
    for number in row.numbers:
        meaning, quantity = number.meaning, number.row
        size, at_size = _input_of(row, number)
        conditions = (*meaning.conditions, *number.conditions, *at_size)
        if quantity.metric or quantity.check == "benchmark":
            conditions += (*group, *about)
        if meaning.part:
            conditions += (("part", meaning.part),)
        metric = quantity.metric
        dataset = (meaning.dataset or row.dataset or row.context.dataset) if metric else None
        task = row.context.task or (TASK if quantity.check == "accuracy" else None)
        yield Claim(
            model=name,
            publisher=publisher,
            source=None,
            quantity=quantity.key,
            label=meaning.label or quantity.label,
            raw=number.raw,
            parsed=number.parsed,
            path=f"Tables[{row.context.number}].{meaning.label or quantity.label}",
            place=number.place,
            dataset=dataset,
            task=task if metric else None,
            input=size,
            conditions=tuple(dict.fromkeys(conditions)),
            unit=number.unit,
            unclear=_unclear(number),
        )


def _unclear(number: RowNumber) -> str:
    if number.meaning.part:
        return f"it is a number of the {number.meaning.part} part"
    return OF_ROW if number.meaning.is_image_size else ""


def _input_of(row: PageRow, number: RowNumber) -> tuple[InputSpec | None, Conditions]:
    """Return the image that a number is of, and the condition where the row has several."""
    if stated := dict(number.meaning.conditions).get(INPUT):
        return read_side(stated), ()
    if len(row.inputs) < 2:
        return (row.inputs[0] if row.inputs else None), ()
    if number.part is not None and number.part < len(row.inputs):
        size = row.inputs[number.part]
        return size, ((INPUT, size.show()),)
    return None, ((INPUT, "/".join(spec.show() for spec in row.inputs)),)


def _link(row: PageRow, name: str, publisher: str) -> list[Claim]:
    """Return the links to weights, as claims that a checkpoint is there."""
    quantity = BY_KEY["weights"]
    return [
        Claim(
            model=name,
            publisher=publisher,
            source=None,
            quantity=quantity.key,
            label=link.label,
            raw=link.address,
            parsed=quantity.parse(link.address),
            path=link.label,
            place=link.place,
        )
        for link in row.links
        if link.kind == WEIGHTS
    ]


def label_in_index(claim: Claim) -> str:
    """Return how an index spells the label of a claim: as the page does, where that means the same
    there."""
    found = find_with_unit(claim.label)
    if claim.quantity == "image_size":
        return claim.row.label
    if found == (claim.row, claim.unit) or claim.quantity not in BY_KEY:
        return claim.label
    return f"{claim.row.label} ({claim.unit})" if claim.unit else claim.row.label


def _metadata(model: Sequence[PageRow], claims: Sequence[Claim]) -> dict[str, Plain]:
    """Return the texts of a model, and its numbers that are no metrics."""
    metadata: dict[str, Plain] = {label: text for row in model for label, text in row.texts}
    metadata |= {link.label: link.address for row in model for link in row.links if not link.kind}
    return metadata | _numbers([claim for claim in claims if not claim.row.metric])


def _numbers(claims: Sequence[Claim]) -> dict[str, Plain]:
    """Return numbers by label; those with conditions, and several of a label, as a list."""
    by_label: dict[str, list[Claim]] = {}
    for claim in claims:
        by_label.setdefault(label_in_index(claim), []).append(claim)
    return {
        label: below[0].raw
        if len(below) == 1 and not below[0].conditions
        else [{"value": claim.raw, **dict(claim.conditions)} for claim in below]
        for label, below in by_label.items()
    }


def _results(claims: Sequence[Claim]) -> Iterator[Plain]:
    """Yield a result for each task and data set."""
    by_set: dict[tuple[str | None, str | None], list[Claim]] = {}
    for claim in claims:
        if claim.row.metric:
            by_set.setdefault((claim.task, claim.dataset), []).append(claim)
    for (task, dataset), below in by_set.items():
        result: dict[str, Plain] = {"Task": task} if task else {}
        result |= {"Dataset": dataset} if dataset else {}
        yield result | {"Metrics": _numbers(below)}


def _linked_fields(model: Sequence[PageRow]) -> dict[str, Plain]:
    """Return weights, paper, configuration and log of a model."""
    fields: dict[str, Plain] = {}
    for kind in (WEIGHTS, PAPER, CONFIG, LOG):
        links = (link.address for row in model for link in row.links if link.kind == kind)
        addresses = list(dict.fromkeys(links))
        if addresses:
            fields[kind] = addresses[0] if len(addresses) == 1 else list(addresses)
    return fields
