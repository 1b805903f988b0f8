"""Tasks and families on the start page: few lines, those with wrong numbers first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zoo.reporting.pages.base import Site
from zoo.reporting.views.catalogue import Catalogue, Family
from zoo.reporting.views.claim_lines import counts_of

MOST = 20  # families on the start page
FEWEST = 3  # of a task
MOST_TASKS = 8


@dataclass(frozen=True, slots=True)
class FamilyLine:
    """A family and its number of wrong claims."""

    family: Family
    wrong: int


@dataclass(frozen=True, slots=True)
class TaskFamilies:
    """A task, "" for none, with its first families; `families` and `models` count all of them."""

    task: str
    families: int
    models: int
    lines: tuple[FamilyLine, ...]


def list_tasks(site: Site) -> tuple[list[TaskFamilies], int]:
    """Return the largest tasks with their families, and how many tasks more there are.

    A task that nobody states stands last.
    """
    catalogue = site.catalogue
    tasks = sorted({family.task for family in catalogue.families}, key=lambda t: _weight(t, site))
    shown = tasks[:MOST_TASKS]
    share = max(FEWEST, MOST // max(1, sum(bool(task) for task in shown)))
    return [_families_of(task, catalogue, share) for task in shown], len(tasks) - len(shown)


def _weight(task: str, site: Site) -> tuple[bool, int]:
    return not task, -sum(len(family.models) for family in site.catalogue.families_of(task))


def _families_of(task: str, catalogue: Catalogue, share: int) -> TaskFamilies:
    families = catalogue.families_of(task)
    lines = sorted(_lines(families), key=lambda line: (-line.wrong, -len(line.family.models)))
    models = sum(len(family.models) for family in families)
    return TaskFamilies(task, len(families), models, tuple(lines[:share]))


def _lines(families: Sequence[Family]) -> Iterator[FamilyLine]:
    for family in families:
        yield FamilyLine(family, counts_of(family).wrong)
