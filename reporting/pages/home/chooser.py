"""The sentence that chooses a model: its data as columns, and the first answer, written at build
time so that a reader without scripts has one.

`home.js` answers the same way for other limits; a browser test holds the two together.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from zoo.model_index.quantities.table import QUANTITIES, row_of
from zoo.reporting.pages.base import File, Site
from zoo.reporting.pages.speed_columns import newest_by_setup
from zoo.reporting.text.escape import one_line, replace_invisible
from zoo.reporting.views.benchmarks import Record
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.claim_lines import quantity_label, usable
from zoo.reporting.views.dataset_sizes import SHARES, count_images

PATH = "downloads/chooser.json"
MOST_DATA = 12  # data sets to choose from
MOST_DEVICES = 8
FEWEST = 2  # models on a data set: a single one is compared with nothing
BUDGET, WAIT = 5.0, 20.0  # GMACs and ms of the first sentence, where they are limits
ROUND = (1, 2, 5)
SHARE = "%"


@dataclass(frozen=True, slots=True)
class Score:
    """A metric on a data set: the published value of each model that has a usable one."""

    metric: str
    dataset: str
    values: tuple[float | None, ...]

    @property
    def is_share(self) -> bool:
        """Return whether it is a share of the images of the data set."""
        return self.metric in SHARES

    @property
    def images(self) -> int | None:
        """Return the number of images of the data set; None where that is not known."""
        return count_images(self.dataset)


@dataclass(frozen=True, slots=True)
class Device:
    """A set-up of a benchmark: the latency in ms of each model that was timed."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the sentence chooses from: models with their GMACs, scores and latencies.

    The first score and the first device are those of the first sentence; `gmacs` and `ms` are its
    limits, `ms` is 0 where nothing was timed.
    """

    models: tuple[Model, ...]
    macs: tuple[float | None, ...]
    scores: tuple[Score, ...]
    devices: tuple[Device, ...]

    @property
    def gmacs(self) -> float:
        """Return the first limit of GMACs."""
        return _limit(BUDGET, self.macs)

    @property
    def ms(self) -> float:
        """Return the first limit of milliseconds."""
        return _limit(WAIT, self.devices[0].values) if self.devices else 0

    @property
    def metrics(self) -> list[str]:
        """Return the keys of the metrics, the most frequent first."""
        return list(dict.fromkeys(score.metric for score in self.scores))

    @property
    def datasets(self) -> list[str]:
        """Return the data sets, the one with most models first."""
        return list(dict.fromkeys(score.dataset for score in self.scores))


def choice_of(site: Site) -> Choice | None:
    """Return what can be chosen from; None where no model has both a cost and a score."""
    models = site.catalogue.models
    macs = tuple(_gmacs(model) for model in models)
    scores = tuple(_scores(models))
    if not any(
        m is not None and v is not None for s in scores for m, v in zip(macs, s.values, strict=True)
    ):
        return None
    return Choice(models, macs, scores, tuple(_devices(site, models)))


def files(site: Site) -> Iterator[File]:
    """Yield the data of the sentence, which the script loads when somebody uses it."""
    if choice := choice_of(site):
        yield File(
            PATH, f"{json.dumps(_data(choice), ensure_ascii=False, separators=(',', ':'))}\n"
        )


def _data(choice: Choice) -> dict[str, Any]:
    return {
        "names": [replace_invisible(model.name) for model in choice.models],
        "slugs": [model.slug for model in choice.models],
        "macs": choice.macs,
        "scores": [
            {"metric": score.metric, "data": score.dataset, "values": score.values}
            for score in choice.scores
        ],
        "devices": [device.values for device in choice.devices],
    }


def _gmacs(model: Model) -> float | None:
    value = usable(model, "macs")
    return float(f"{float(value) / 1e9:.5g}") if isinstance(value, Decimal) and value else None


def _scores(models: Sequence[Model]) -> Iterator[Score]:
    """Yield the scores of data sets with most models, and of each the metrics of the table."""
    values: dict[tuple[str, str], dict[int, float]] = {}
    for number, model in enumerate(models):
        for check in model.checks:
            claim = check.claim
            score = check.usable if claim.row.metric and claim.row.unit == SHARE else None
            if isinstance(score, Decimal) and claim.row.better > 0:
                own = values.setdefault((claim.dataset or "", claim.quantity), {})
                own.setdefault(number, float(score))
    sizes = Counter({key: len(own) for key, own in values.items()})
    datasets = Counter[str]()
    for (dataset, _quantity), size in sizes.items():
        datasets[dataset] = max(datasets[dataset], size)
    order = {row.key: number for number, row in enumerate(QUANTITIES)}
    for dataset, size in datasets.most_common(MOST_DATA):
        keys = sorted((k for k in sizes if k[0] == dataset), key=lambda k: order.get(k[1], 999))
        if size >= FEWEST or len(models) < FEWEST or not dataset:
            for key in keys:
                own = values[key]
                yield Score(key[1], dataset, tuple(own.get(n) for n in range(len(models))))


def _devices(site: Site, models: Sequence[Model]) -> Iterator[Device]:
    """Yield the set-ups in which single images were timed, the one with most models first."""
    listed = newest_by_setup(site.records)[:MOST_DEVICES]
    firsts = [next(iter(own.values())) for own in listed]
    for own, label in zip(listed, _labels(firsts), strict=True):
        records = (own.get(model.slug) for model in models)
        yield Device(label, tuple(_milliseconds(record) for record in records))


def _milliseconds(record: Record | None) -> float | None:
    benchmark = record.benchmark if record else None
    return float(f"{benchmark.seconds * 1000:.4g}") if benchmark else None


def _labels(firsts: Sequence[Record]) -> list[str]:
    """Label set-ups in the shortest way that tells them apart: `CPU`, or `CPU (AMD EPYC)`."""
    kinds = ["GPU" if record.on_cuda else "CPU" for record in firsts]
    machines = [f"{kind} ({r.machine})" for kind, r in zip(kinds, firsts, strict=True)]
    whole = [
        f"{kind} ({r.machine}, {r.engine}, {r.precision})"
        for kind, r in zip(kinds, firsts, strict=True)
    ]
    labels = []
    for texts in zip(kinds, machines, whole, strict=True):
        for text, column in zip(texts, (kinds, machines, whole), strict=True):
            if column.count(text) == 1 or column is whole:
                labels.append(one_line(text))
                break
    return labels


def _limit(usual: float, values: Sequence[float | None]) -> float:
    """Return a limit that leaves some models out: the usual one, else a round number near the
    middle value."""
    numbers = [value for value in values if value]
    if not numbers or min(numbers) <= usual < max(numbers):
        return usual
    middle = median(numbers)
    steps = (factor * 10.0**power for power in range(-6, 7) for factor in ROUND)
    return next((step for step in steps if step >= middle), usual)


def metric_label(key: str) -> str:
    """Return what the sentence calls a metric: `top-1`."""
    label = quantity_label(row_of(key))
    return label.lower() if label.startswith("Top") else label
