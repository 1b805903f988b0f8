"""Standings, corrections and units as HTML: sign, word, and nothing of an index as markup."""

import re
from pathlib import Path

import pytest

from zoo import reporting
from zoo.model_index.findings import Standing
from zoo.reporting.i18n.gettext import speaking
from zoo.reporting.pages.standing import correction, standing, tally, where_link, with_unit
from zoo.reporting.site.jinja_env import environment

STYLE = (Path(reporting.__file__).parent / "assets/css/components.css").read_text("utf-8")


@pytest.mark.parametrize("kind", list(Standing))
def test_a_standing_has_sign_word_and_colour(kind: Standing) -> None:
    html = standing(kind)
    assert f'class="st st--{kind}"' in html
    assert f".st--{kind}::before {{ mask-image:" in STYLE and f".st--{kind} {{ color:" in STYLE
    assert re.sub("<[^>]+>", "", html) == kind
    with speaking("zh"):
        assert re.sub("<[^>]+>", "", standing(kind)) in ("正确", "错误", "未知")


def test_a_tally_names_no_count_of_zero_and_begins_with_what_is_wrong() -> None:
    assert re.sub("<[^>]+>", "", tally(3, 0, 1234)) == "3 wrong 1,234 unknown"


def test_a_correction_shows_what_to_use_where_it_is_known() -> None:
    assert "<del>15.00 G</del> <ins>11.67 GMACs</ins>" in correction("15.00 G", "11.67 GMACs")
    assert "<ins>" not in correction("15.00 G", "")


def test_text_of_an_index_is_never_markup() -> None:
    hostile = '<b>"x"</b>'
    shown = (
        standing("wrong", hostile)
        + correction(hostile, hostile)
        + with_unit(hostile, hostile)
        + where_link(hostile, "javascript:alert(1)")
    )
    assert "<b>" not in shown and "javascript" not in shown


def test_templates_know_them_and_the_shared_parts() -> None:
    template = environment(None, "en").from_string(
        '{% import "parts/standing.j2" as s %}{{ s.path(href, [("DPN", "a.md")], "dpn98") }}'
        '{{ standing("wrong") }}'
        '{% call s.wrap("Claims") %}{{ with_unit("11.67", "GMACs") }}{% endcall %}'
    )
    html = template.render(href=lambda page: page)
    assert '<a href="a.md">DPN</a>' in html and "st--wrong" in html
    assert 'aria-label="Claims"' in html and "11.67<small>GMACs</small>" in html


def test_a_long_name_of_a_file_is_cut_in_its_middle() -> None:
    where = "benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv:1029"
    assert str(where_link(where, None)) == (
        f'<span class="src"><span title="{where}">benchmark-…rtx4090.csv<wbr>:1029</span></span>'
    )
    assert str(where_link("efficientnet_lite.yml:5", None)) == (
        '<span class="src">efficientnet_lite.yml<wbr>:5</span>'
    )
