"""Write the names of all models for the look-up in the header of each page, which reads the file
once somebody uses it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from zoo.model_index.records.fields import look_up
from zoo.reporting.pages.base import File, Site
from zoo.reporting.text.escape import replace_invisible
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.claim_lines import counts_of

SEPARATORS = re.compile(r"[\W_]+")


def files(site: Site) -> Iterator[File]:
    """Yield `downloads/names.json`: a row for each model, a row a line."""
    rows = (json.dumps(row(model), ensure_ascii=False) for model in site.catalogue.models)
    yield File("downloads/names.json", "[\n" + ",\n".join(rows) + "\n]\n")


def row(model: Model) -> list[Any]:
    """Return name, address below `models/`, family, other names, and the counts of claims that are
    wrong, right and unknown."""
    name, family, *others = map(replace_invisible, (model.name, model.family, *other_names(model)))
    return [name, f"{model.slug}/", family, others, *counts_of(model)]


def other_names(model: Model) -> list[str]:
    """Return former names, and what builders call it, where the name does not contain it."""
    alias = look_up(model.entry.fields, "alias")
    aliases = alias if isinstance(alias, list) else [alias]
    built = (model.entry.builder.name, None if model.another else model.resolved)
    names = (str(name) for name in (*model.entry.former_names, *aliases, *built) if name)
    own = fold(model.name)
    return [name for name in dict.fromkeys(names) if fold(name) not in own]


def fold(name: str) -> str:
    """Return letters and digits of a name in lower case: what a look-up compares."""
    return SEPARATORS.sub("", name).lower()
