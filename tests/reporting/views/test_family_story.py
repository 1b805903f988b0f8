"""The title of a family and its sentences; its members as a table."""

from pathlib import Path

from tests.reporting.plots.conftest import judge, nets_of
from zoo.model_index.findings import Verdict
from zoo.reporting.views.catalogue import Catalogue, Family, Zoo
from zoo.reporting.views.family_story import Story, story_of
from zoo.reporting.views.members import Members, members_of


def family_of(zoo: Zoo, number: int = 0) -> Family:
    return Catalogue.of(zoo).families[number]


def story(zoo: Zoo) -> Story:
    return story_of(family_of(zoo))


def test_a_family_that_nothing_is_published_of_has_its_name_as_title(toy: Zoo) -> None:
    family = family_of(toy, -1)
    assert story_of(family) == Story(family.name, (), 0)


def test_a_wrong_number_is_counted_and_leads_to_its_reason(tmp_path: Path) -> None:
    zoo = judge(nets_of(tmp_path, (70, 71, 72)), "net2", "parameters", Verdict.MISMATCH)
    told = story(zoo)
    assert told.title == "Net: 1 of 6 published numbers is wrong"
    (sentence,) = told.sentences
    assert sentence.text.startswith("Parameters of net2, by ") and "wrong" in sentence.text
    assert (sentence.model.name, sentence.anchor) == (
        "net2",
        f"why-{sentence.anchor.removeprefix('why-')}",
    )


def test_where_all_are_wrong_the_title_says_so(tmp_path: Path) -> None:
    zoo = nets_of(tmp_path, (70, 71, 72))
    for entry in zoo.index.entries:
        zoo = judge(zoo, entry.name, "parameters", Verdict.MISMATCH)
    told = story(zoo)
    assert told.title == "Net: all 3 published Parameters are wrong"
    assert [sentence.text for sentence in told.sentences if "all 3 are wrong" in sentence.text]


def members(zoo: Zoo) -> Members:
    return members_of(family_of(zoo).models)


def test_members_have_one_notation_a_column(tmp_path: Path) -> None:
    table = members(nets_of(tmp_path, (70, 75)))
    assert table.metric and (table.metric.label, table.metric.unit) == ("Top-1", "%")
    assert table.macs and table.macs.label == "GMACs"
    assert table.parameters and table.parameters.unit == "M"
    row = table.rows[1]
    assert (row.metric_text, row.macs, row.parameters) == ("75.00", "2.00", "2.00")
    assert not table.speeds


def test_a_family_without_claims_and_measurements_has_names_alone(toy: Zoo) -> None:
    table = members_of(family_of(toy, -1).models)
    assert (table.metric, table.macs, table.parameters, table.speeds) == (None, None, None, ())
    assert [row.model.name for row in table.rows] == ["lone"] and table.notes == ()
