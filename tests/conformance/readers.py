"""The readers that are compared, each as a function from a file to the facts it finds.

Run as a script with a reader's name and paths, it prints one JSON list for each path: the facts, or
the name of the exception. So a reader that needs another environment can have one.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CONDITIONS = ("hardware", "backend", "batch size", "mode", "resolution")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={_text(part)}" for key, part in value.items())
    return ",".join(map(_text, value)) if isinstance(value, list | tuple) else str(value)


def _values(model: str, key: str, value: Any) -> Iterator[tuple[str, str, str]]:
    """One fact for a value, or one for each of a list of values with conditions."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and "value" in each:
            told = ", ".join(str(each[name]) for name in CONDITIONS if name in each)
            yield model, f"{key} [{told}]", str(each["value"])
    yield model, key, _text(value)


def zoo(path: str) -> Iterator[tuple[str, str, str]]:
    from zoo.model_index.load import load

    index = load([path])
    yield "", "models", str(len(index.entries))
    for entry in index.entries:
        if entry.library:
            yield "", "Library", entry.publisher
        for key, value in entry.metadata.items():
            yield from _values(entry.name, key, value)
        for key, value in entry.fields.items():
            yield entry.name, key, _text(value)
            yield "", key, _text(value)
        for each in entry.fields.get("eval_results") or ():
            yield entry.name, f"{each['dataset']['id']}/{each['dataset']['task_id']}", each["value"]
        for claim in entry.claims:
            key = f"{claim.dataset}/{claim.row.label}" if claim.dataset else claim.row.label
            yield entry.name, key, claim.raw


def model_index(path: str) -> Iterator[tuple[str, str, str]]:
    from modelindex.load_model_index import load

    index = load(path)
    yield "", "models", str(len(index.models))
    if index.library:
        yield "", "Library", index.library.name
    for model in index.models:
        full = model.full_model
        for key, value in (full.metadata.data if full.metadata else {}).items():
            yield from _values(model.name, key, value)
        for key, value in model.data.items():
            if isinstance(value, str | dict):
                yield model.name, key, _text(value)
        for result in full.results or ():
            for key, value in result.metrics.items():
                yield model.name, f"{result.dataset}/{key}", str(value)


def openmmlab(path: str) -> Iterator[tuple[str, str, str]]:
    """openmim's table of models; it writes every name in lower case with underscores."""
    from mim.commands.search import convert2df
    from modelindex.load_model_index import load

    index = load(path)
    table = convert2df(index).to_dict("index")
    yield "", "models", str(len(table))
    for model, row in table.items():
        for key, value in row.items():
            yield model, key, str(value)


def huggingface_hub(path: str) -> Iterator[tuple[str, str, str]]:
    import yaml
    from huggingface_hub import ModelCard, parse_eval_result_entries

    card = ModelCard.load(path)
    yield "", "license", str(card.data.license)
    for result in card.data.eval_results or ():
        yield (
            card.data.model_name,
            f"{result.dataset_name}/{result.metric_name}",
            str(result.metric_value),
        )
    for file in sorted(Path(path).parent.glob(".eval_results/*.yaml")):
        for each in parse_eval_result_entries(yaml.safe_load(file.read_text())):
            yield card.data.model_name, f"{each.dataset_id}/{each.task_id}", str(each.value)


READERS: dict[str, Callable[[str], Iterator[tuple[str, str, str]]]] = {
    "zoo": zoo,
    "model-index": model_index,
    "OpenMMLab": openmmlab,
    "huggingface_hub": huggingface_hub,
}


def main(reader: str, paths: list[str]) -> None:
    for path in paths:
        try:
            print(json.dumps(sorted(set(READERS[reader](path)))))
        except Exception as error:
            print(json.dumps(f"{type(error).__name__}: {error}"[:200]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
