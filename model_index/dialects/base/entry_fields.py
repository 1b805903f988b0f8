"""Read the fields of a model that are not Metadata or Results: Weights, Reported, Builder."""

from collections.abc import Iterator
from dataclasses import replace
from keyword import iskeyword

from zoo.model_index.dialects.base.claims import Origin, claims
from zoo.model_index.dialects.base.drafts import Draft
from zoo.model_index.dialects.base.input_field import KEY as INPUT
from zoo.model_index.dialects.base.input_field import read_input
from zoo.model_index.dialects.base.result_claims import Result
from zoo.model_index.quantities.table import BY_KEY
from zoo.model_index.reading.builder_arguments import Arguments
from zoo.model_index.reading.reader import Item, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Scalar, is_empty, plain
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.records import NO_BUILDER, Builder, Claim, Report

BUILDER_KINDS = ("timm", "torchvision", "transformers")


def read_weights(draft: Draft, above: list[Draft], origin: Origin) -> Iterator[Claim]:
    """Yield the references under Weights: the model's own, else those of the last collection
    that has some."""
    holder = next(
        (candidate for candidate in (draft, *reversed(above)) if "weights" in candidate.items), None
    )
    if holder is None:
        return
    item, row = holder.items["weights"], BY_KEY["weights"]
    for node, path in holder.reader.sequence(item.node, item.path, single_ok=True):
        if type(node) is not Scalar or is_empty(node):
            continue
        try:
            parsed = row.parse(node.value)
        except ValueError as error:
            holder.reader.fault(node, path, str(error))
            continue
        place = holder.reader.place(node)
        yield Claim(
            model=draft.name,
            publisher=origin.publisher,
            source=origin.source,
            quantity=row.key,
            label=item.key,
            raw=node.value,
            parsed=parsed,
            path=path,
            place=place,
        )


def read_reports(draft: Draft) -> Iterator[Report]:
    """Yield what other publishers state about the model, under Reported."""
    reader = draft.reader
    if (item := draft.items.get("reported")) is None:
        return
    for node, path in reader.sequence(item.node, item.path):
        items = reader.mapping(node, path)
        publisher = (
            reader.text_of(items["publisher"].node, items["publisher"].path)
            if "publisher" in items
            else None
        )
        if publisher is None:
            reader.fault(node, f"{path}.Publisher", "the publisher's name", "nothing")
            continue
        source = (
            reader.text_of(items["source"].node, items["source"].path)
            if "source" in items
            else None
        )
        metadata = items.get("metadata")
        reported_items = reader.mapping(metadata.node, metadata.path) if metadata else {}
        results = items.get("results")
        elements = reader.sequence(results.node, results.path) if results else ()
        read: list[Claim] = claims(
            draft.name,
            Origin(publisher, source, {}),
            [(reader, field) for field in reported_items.values()],
            [Result(reader, reader.mapping(below, at), at) for below, at in elements],
            *_stated_input(reader, items.get(INPUT), draft.name),
        )
        yield Report(
            publisher,
            source,
            {elements.key: plain(elements.node) for elements in items.values()},
            tuple(read),
        )


def _stated_input(
    reader: Reader, item: Item | None, model: str
) -> tuple[InputSpec | None, tuple[str, ...]]:
    """Return the Input that a publisher states, and its key where it cannot be read."""
    if item is None or is_empty(item.node):
        return None, ()
    spec = read_input(reader, item, model)
    return spec, () if spec else (INPUT,)


def read_builder(draft: Draft, default: Builder) -> Builder:
    """Read `Builder: KIND:NAME`, `Builder: {Name: ..., Arguments: {...}}`, or `Builder: none` or
    `null` for a model that is not built; the default where it is absent."""
    reader = draft.reader
    if (item := draft.items.get("builder")) is None:
        return default
    node, arguments = item.node, {}
    if is_empty(node):
        return Builder(NO_BUILDER, draft.name, place=reader.place(node), named=False)
    if isinstance(node, Mapping):
        fields = reader.mapping(node, item.path)
        if "name" not in fields:
            reader.fault(node, f"{item.path}.Name", "a builder such as timm:resnet50", "nothing")
            return default
        node = fields["name"].node
        arguments = _arguments(reader, fields.get("arguments"))
    text = (reader.text_of(node, item.path) or "").strip()
    if isinstance(item.node, Mapping) and text.lower() == NO_BUILDER:
        text = ""
    try:
        builder = parse_builder(text, draft.name)
    except ValueError as error:
        reader.fault(node, item.path, str(error))
        return default
    return replace(builder, arguments=arguments, place=reader.place(node))


def parse_builder(text: str, model: str) -> Builder:
    """Return the builder that `KIND:NAME` names, or the one of a `model` that says `none`.

    Raises:
        ValueError: it is neither; with what was expected.
    """
    if text.lower() == NO_BUILDER:
        return Builder(NO_BUILDER, model, named=False)
    prefix, _, remainder = text.partition(":")
    kind = prefix if prefix in BUILDER_KINDS else "callable"
    if not remainder or (kind == "callable" and not (_dotted(prefix) and _dotted(remainder))):
        raise ValueError("a builder such as timm:resnet50 or package.module:callable")
    return Builder(kind, f"{prefix}:{remainder}" if kind == "callable" else remainder)


def _dotted(name: str) -> bool:
    return all(part.isidentifier() and not iskeyword(part) for part in name.split("."))


def _arguments(reader: Reader, item: Item | None) -> dict[str, object]:
    return (
        {}
        if item is None or is_empty(item.node)
        else Arguments(reader).mapping(item.node, item.path)
    )
