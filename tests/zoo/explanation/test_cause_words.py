"""The site has words for every cause: labels of hypotheses are messages."""

from zoo.counting import conventions, parameter_rules
from zoo.explanation.causes import SLIPS
from zoo.explanation.search import CUT_OFF_LABEL
from zoo.reporting.i18n.gettext import speaking
from zoo.reporting.views.cause_words import PARTS, cause_text


def labels() -> list[str]:
    return [
        *(row.label for row in conventions.CONVENTIONS),
        *(row.label for row in parameter_rules.PARAMETER_RULES),
        parameter_rules.THOP[1],
        *(row.label for row in SLIPS),
        CUT_OFF_LABEL,
    ]


def test_every_row_of_a_table_of_causes_is_a_message() -> None:
    assert set(labels()) <= set(PARTS)


def test_labels_are_said_in_the_language_of_the_page() -> None:
    label = "twice thop's convention (Linear skipped) at 480x611"
    assert cause_text(label) == "twice thop's convention (Linear skipped) at 480×611"
    with speaking("zh"):
        assert cause_text(label) == "480×611 下的两倍的thop 的计数方式 (Linear skipped)"
        for text in labels():
            assert cause_text(text) != text
        both = cause_text("two operations per multiply-add, without the classifier")
        assert both == "每次乘加计两次运算, 不含分类器"
