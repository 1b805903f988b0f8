"""All columns of a site: those of every model, of each leaderboard, of each set-up of a benchmark,
and the owner's own. Downloads, plots and comparisons use them too."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from zoo.reporting.i18n.gettext import N_
from zoo.reporting.pages.base import Site
from zoo.reporting.pages.columns import (
    COLUMNS,
    END,
    Column,
    Raw,
    field_columns,
    show_text,
)
from zoo.reporting.pages.metric_columns import BoardTables
from zoo.reporting.pages.speed_columns import speed_columns
from zoo.reporting.views.catalogue import Model

ALWAYS = frozenset({"model", "family", "wrong", "right", "unknown"})  # columns that may be empty
