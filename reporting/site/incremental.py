"""Find the models whose files are up to date, so that a run does not make them again.

A digest covers everything that a model's files depend on: its entry, its findings, its documents in
the ledger, and what all models share: the settings, our code and the packages that write pages. A
template of the site's owner may show any model, so with such a template each digest covers all
models. The files stay where the digest is the last run's and every file still has its size and
time.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from zoo.reporting.pages.base import Site
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.machines import machines

Stamp = tuple[int, int]  # size and time of change


class OwnFiles(msgspec.Struct):
    """The digest of a model, and its files with size and time of change."""

    digest: str
    files: dict[str, Stamp]


def digests(site: Site) -> dict[str, str]:
    """Compute the digest of each model by slug, and of each family's page by key.

    A model whose findings have no known source is left out, and so is its family.
    """
    shared, result = _shared(site), {}
    if site.settings.templates:
        if any(
            model.entry.place not in site.catalogue.zoo.digests for model in site.catalogue.models
        ):
            return {}
        shared.append(_whole(site, site.settings.templates))
    for family in site.catalogue.families:
        around = [(model.name, model.slug) for model in family.models]
        fields = family.collection.fields if family.collection else {}
        common = hashlib.sha256(
            msgspec.json.encode((shared, family.name, family.slug, around, fields))
        )
        for model in family.models:
            if source := site.catalogue.zoo.digests.get(model.entry.place):
                whole = common.copy()
                whole.update(
                    msgspec.json.encode(
                        (
                            source,
                            model.entry.library,
                            _measurement_hashes(model),
                            _places(model),
                            site.neighbourhood.numbers(model),
                        )
                    )
                )
                result[model.slug] = whole.hexdigest()[:16]
        if all(model.slug in result for model in family.models):
            common.update(
                repr(
                    (site.drawn[family.page], [result[model.slug] for model in family.models])
                ).encode()
            )
            result[family.key] = common.hexdigest()[:16]
    return result


def _measurement_hashes(model: Model) -> list[str]:
    """Hash the benchmarks and evaluations of a model; findings do not cover all of them."""
    documents = (*model.benchmarks, *model.evaluations)
    return [hashlib.sha256(msgspec.json.encode(document)).hexdigest() for document in documents]


def _places(model: Model) -> list[tuple[str, int]]:
    """Return the places of a model and its claims, which its page shows."""
    places = (model.entry.place, *(check.claim.place for check in model.checks))
    return [(place.file, place.line) for place in places]


def _whole(site: Site, templates: Path) -> list[object]:
    """Return everything that an owner's template can show."""
    zoo = site.catalogue.zoo
    paths = (path for path in sorted(templates.rglob("*")) if path.is_file())
    return [
        [
            (zoo.digests.get(model.entry.place), model.slug, _measurement_hashes(model))
            for model in site.catalogue.models
        ],
        [(collection.name, collection.fields) for collection in zoo.index.collections],
        [(path.relative_to(templates).as_posix(), path.read_bytes()) for path in paths],
    ]


def _shared(site: Site) -> list[Any]:
    """Return what the pages of all models depend on."""
    settings = {name: str(getattr(site.settings, name)) for name in site.settings.__slots__}
    named = [(machine.name, machine.page) for machine in machines(site.records)]
    renamed = sorted(site.catalogue.zoo.index.former_names().items())
    cuda = any(record.on_cuda for record in site.records)
    return [_sources(), settings, named, cuda, renamed, site.catalogue.zoo.ledger, str(Path.cwd())]


@cache
def _sources() -> str:
    """Hash everything that makes pages: our code, and the packages that turn text into HTML."""
    root = Path(__file__).parents[1]
    files = sorted(path for path in root.rglob("*") if path.suffix in (".py", ".j2", ".po"))
    versions = [version(package) for package in ("jinja2", "markupsafe", "pygments")]
    return hashlib.sha256(
        repr(versions).encode() + b"".join(path.read_bytes() for path in files)
    ).hexdigest()[:16]


def unchanged_owners(
    docs: Path, before: Mapping[str, OwnFiles], current: Mapping[str, str]
) -> frozenset[str]:
    """Return the slugs whose digest is the same and whose files nobody touched."""
    same = (
        slug for slug, digest in current.items() if slug in before and before[slug].digest == digest
    )
    return frozenset(
        slug for slug in same if before[slug].files and _are_untouched(docs, before[slug].files)
    )


def _are_untouched(docs: Path, files: Mapping[str, Stamp]) -> bool:
    return all(stamp(docs / path) == known_stamp for path, known_stamp in files.items())


def stamp(path: Path) -> Stamp:
    """Return size and time of change of a file; zeros where there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
