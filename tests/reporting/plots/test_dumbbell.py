"""Published numbers beside the measured ones."""

from pathlib import Path

from tests.reporting.plots.conftest import judge, nets_of
from zoo.model_index.findings import Verdict
from zoo.reporting.plots.dumbbell import CROSS, DOT, MOST, TICK, dumbbell
from zoo.reporting.views.catalogue import Catalogue, Zoo


def test_each_wrong_number_is_a_cross_beside_the_measured_one(nets: Zoo) -> None:
    zoo = judge(
        judge(nets, "net2", "parameters", Verdict.MISMATCH), "net5", "parameters", Verdict.MISMATCH
    )
    made = dumbbell(Catalogue.of(zoo).families[0].models)
    assert made and made.quantity == "parameters"
    wide, narrow = made.svg.split("<svg class=")[1:]
    for drawn in (wide, narrow):
        assert drawn.count(CROSS) == 2 and drawn.count(DOT) == 2 and TICK not in drawn
        assert ">net2<" in drawn and ">net5<" in drawn and ">net1<" not in drawn
    assert made.left_out == ("net1", "net3", "net4", "net6")


def test_a_family_without_a_wrong_count_has_no_drawing(nets: Zoo, toy: Zoo) -> None:
    assert dumbbell(Catalogue.of(nets).models) is None
    assert dumbbell(()) is None
    wrong = judge(nets, "net2", "top1", Verdict.MISMATCH)
    assert dumbbell(Catalogue.of(wrong).models) is None


def test_of_many_members_those_furthest_off_are_drawn(tmp_path: Path) -> None:
    zoo = nets_of(tmp_path, tuple(range(60, 60 + MOST + 20)))
    for entry in zoo.index.entries:
        zoo = judge(zoo, entry.name, "parameters", Verdict.MISMATCH)
    made = dumbbell(Catalogue.of(zoo).models)
    assert made and len(made.left_out) == 20
    assert made.svg.count(CROSS) == 2 * MOST + 1  # two drawings and the legend
