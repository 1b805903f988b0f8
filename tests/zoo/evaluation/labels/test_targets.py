import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from timm.data import ImageNetInfo
from timm.data.readers.class_map import load_class_map
from timm.data.real_labels import RealLabelsImagenet

from zoo.evaluation.datasets.base import Images, Label
from zoo.evaluation.labels import files, imagenet
from zoo.evaluation.labels.targets import LabelFault, Targets, build_targets
from zoo.model_index.errors import UsageError

WORDNET = ImageNetInfo().label_names()
LARGER = ImageNetInfo("imagenet-12k").label_names()


def images(
    labels: Sequence[Label],
    classes: tuple[str, ...] | None = None,
    names: Sequence[str] = (),
    dataset: str = "folder",
) -> Images:
    names = names or [f"{index}.png" for index in range(len(labels))]
    return Images(
        dataset=dataset,
        split=None,
        where="data",
        names=names,
        labels=labels,
        opener=lambda index: Image.new("L", (1, 1)),
        classes=classes,
        stated=dataset != "folder",
    )


def refused(data: Images, outputs: int, **options: object) -> str:
    with pytest.raises(UsageError) as caught:
        build_targets(data, outputs, **options)  # type: ignore[arg-type]
    return str(caught.value)


def singles(targets: Targets) -> list[int | None]:
    return [answer[0] if answer else None for answer in targets.answers]


# WordNet ids


def test_wordnet_ids_by_timms_list_and_not_by_order() -> None:
    targets = build_targets(images(["n01443537", "n15075141", "n01440764"]), 1000)
    assert singles(targets) == [1, 999, 0]
    assert targets.how == "by WordNet ids, timm's list imagenet"
    assert (targets.subset, targets.excluded) == (None, frozenset())
    assert targets.class_names is not None and targets.class_names[:2] == (
        "n01440764 tench",
        "n01443537 goldfish",
    )
    assert targets.faults == (
        LabelFault("missing class", "folder", "997 of 1,000 classes have no image"),
    )


@pytest.mark.parametrize(
    "outputs, title",
    [(11821, "imagenet-12k"), (21841, "imagenet-22k"), (21843, "imagenet-21k-goog")],
)
def test_the_list_is_chosen_by_the_number_of_outputs(outputs: int, title: str) -> None:
    names = ImageNetInfo(title).label_names()
    targets = build_targets(images([names[7], names[-1]]), outputs)
    assert singles(targets) == [7, outputs - 1]


def test_every_number_of_outputs_that_timm_knows() -> None:
    for outputs in imagenet.LISTS:
        space = imagenet.class_space(outputs)
        assert space is not None and len(space.identifiers) == len(space.names) == outputs


def test_a_background_class_comes_first() -> None:
    targets = build_targets(images(["n01440764", "n15075141"]), 1001)
    assert singles(targets) == [1, 1000]
    assert (
        targets.how == "by WordNet ids, timm's list imagenet, one behind for the background class"
    )
    assert targets.class_names is not None and targets.class_names[:2] == (
        "background",
        "n01440764 tench",
    )


def test_a_folder_that_is_no_class_is_a_fault_and_its_images_are_wrong() -> None:
    targets = build_targets(images([*WORDNET, "unsorted", "unsorted", "n00000000"]), 1000)
    assert targets.answers[:2] == ((0,), (1,)) and targets.answers[1000:] == ((), (), ())
    assert targets.faults == (
        LabelFault("unknown class", "unsorted", "2 images"),
        LabelFault("unknown class", "n00000000", "1 image"),
    )


def test_missing_classes_by_name() -> None:
    targets = build_targets(images([*WORDNET[:-2], "n01440764", "n01440764", "n01440764"]), 1000)
    assert targets.faults == (
        LabelFault("missing class", "n13133613", "no image"),
        LabelFault("missing class", "n15075141", "no image"),
    )


def test_an_image_without_a_label_among_others() -> None:
    targets = build_targets(images([*WORDNET, None], names=[*WORDNET, "stray.png"]), 1000)
    assert targets.answers[-1] == ()
    assert targets.faults == (
        LabelFault("unlabelled", "stray.png", "the data has no label for it"),
    )


@pytest.mark.parametrize("name", ["ImageNet-R", "ImageNet-A", "mini-ImageNet"])
def test_only_the_outputs_of_a_subset_compete(name: str) -> None:
    members = imagenet.read_synsets(imagenet.SUBSETS[name])
    targets = build_targets(images(sorted(members, reverse=True)), 1000)
    assert singles(targets) == [WORDNET.index(member) for member in sorted(members, reverse=True)]
    assert targets.subset == tuple(sorted(WORDNET.index(member) for member in members))
    competing = f"only the {len(members)} outputs of {name} compete"
    assert targets.how == f"by WordNet ids, timm's list imagenet; {competing}"
    assert targets.faults == ()


def test_a_subset_by_name_is_one_though_a_class_is_missing() -> None:
    members = imagenet.read_synsets(imagenet.SUBSETS["ImageNet-A"])
    labels = [*members[1:], members[1]]
    assert build_targets(images(labels), 1000).subset is None
    targets = build_targets(images(labels), 1000, dataset="imagenet-a")
    assert targets.subset is not None and len(targets.subset) == 200
    assert targets.faults == (LabelFault("missing class", members[0], "no image"),)
    behind = build_targets(images(labels, dataset="ImageNet-A"), 1001)
    assert behind.subset == tuple(index + 1 for index in targets.subset)


def test_the_name_of_a_folder_makes_no_subset_and_no_reassessed_labels() -> None:
    labels = imagenet.read_synsets(imagenet.SUBSETS["ImageNet-A"])[1:]
    stated = images(labels, dataset="imagenet-a")
    assert build_targets(stated, 1000).subset is not None
    assert build_targets(dataclasses.replace(stated, stated=False), 1000).subset is None
    real = dataclasses.replace(images([0], dataset="ImageNet-ReaL"), stated=False)
    assert build_targets(real, 1000).how == "class indexes"


def test_imagenet_on_a_larger_classifier_misses_none_of_its_own_classes() -> None:
    targets = build_targets(images(WORDNET * 12, dataset="ImageNet-1k"), 11821)
    assert singles(targets)[:1000] == [
        LARGER.index(name) if name in LARGER else None for name in WORDNET
    ]
    assert {fault.kind for fault in targets.faults} <= {"unknown class"}


# indexes


def test_folders_called_by_numbers_are_indexes() -> None:
    names = sorted(str(index) for index in range(1000))
    targets = build_targets(images(names), 1000)
    assert names[:3] == ["0", "1", "10"] and singles(targets)[:3] == [0, 1, 10]
    assert singles(targets) == [int(name) for name in names]
    assert (targets.how, targets.faults) == ("folder names are class indexes", ())


def test_an_index_beyond_the_outputs() -> None:
    targets = build_targets(images([*range(10), 10, 10, -5, 0]), 10)
    assert singles(targets) == [*range(10), None, None, None, 0]
    assert targets.faults == (
        LabelFault("label out of range", "10", "2 images; the model has 10 outputs"),
        LabelFault("label out of range", "-5", "1 image; the model has 10 outputs"),
    )


@pytest.mark.parametrize("labels", [["1", "10", "2"], [1, 10], [10, 11, 5]])
def test_indexes_from_one_need_a_class_map(labels: list[Label]) -> None:
    assert refused(images(labels), 10) == (
        "data: there is a class 10 and no class 0, and the model's outputs are numbered from 0 "
        "to 9; give the classes with --class-map FILE"
    )


def test_a_class_map_of_numbers_from_one(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text('{"1": 0, "2": 1}')
    assert singles(build_targets(images(["1", "2", "2"]), 2, class_map=path)) == [0, 1, 1]


def test_a_missing_index() -> None:
    assert build_targets(images([0, 2, 2]), 3).faults == (
        LabelFault("missing class", "1", "no image"),
    )


def test_indexes_and_the_background_class() -> None:
    targets = build_targets(images([0, 999]), 1001)
    assert (singles(targets), targets.how) == (
        [1, 1000],
        "class indexes, one behind for the background class",
    )
    assert singles(build_targets(images([0, 999, 5000]), 1001)) == [1, 1000, None]
    counted = build_targets(images([1, 1000]), 1001)
    assert (singles(counted), counted.how) == ([1, 1000], "class indexes")


def test_several_right_answers() -> None:
    targets = build_targets(images([(2, 1, 1), (0,), (1, 7)]), 3)
    assert targets.answers == ((1, 2), (0,), (1,))
    assert targets.faults == (
        LabelFault("label out of range", "7", "1 image; the model has 3 outputs"),
    )


def test_the_datas_own_names_of_indexes() -> None:
    targets = build_targets(images([0, 1], ("cat", "dog")), 2)
    assert (targets.class_names, targets.how, targets.faults) == (
        ("cat", "dog"),
        "class indexes",
        (),
    )
    assert build_targets(images([0], ("cat", "dog")), 2).faults == (
        LabelFault("missing class", "folder", "1 of 2 classes have no image"),
    )


def test_ten_classes_are_not_the_first_ten_of_a_thousand() -> None:
    assert refused(images([0, 1], tuple(f"kind {index}" for index in range(10))), 1000) == (
        "data: 10 classes ('kind 0', 'kind 1', 'kind 2', ...), and the model has 1,000 outputs; "
        "give the classes with --class-map FILE"
    )


def test_names_of_indexes_that_are_imagenets_in_another_order() -> None:
    some = ("n15075141", "goldfish", "tench, Tinca tinca")
    targets = build_targets(images([0, 1, 2, 0], some), 1000)
    assert singles(targets) == [999, 1, 0, 999]
    assert (targets.how, targets.faults) == ("by the data's class names, timm's list imagenet", ())
    backwards = build_targets(images([0, 999], tuple(reversed(WORDNET))), 1000)
    assert singles(backwards) == [999, 0]
    assert build_targets(images([0, 999], tuple(WORDNET)), 1000).how == "class indexes"


# names


def test_words_of_imagenets_classes() -> None:
    targets = build_targets(
        images(
            ["Tench", "great_white_shark", "toilet tissue, toilet paper, bathroom tissue", "crane"]
        ),
        1000,
    )
    assert singles(targets) == [0, 2, 999, None]
    assert targets.how == "by class names, timm's list imagenet"
    assert targets.faults[0] == LabelFault("unknown class", "crane", "1 image")


def test_names_where_the_data_lists_its_classes() -> None:
    targets = build_targets(images(["dog", "cat", "fish"], ("dog", "cat")), 2)
    assert (singles(targets), targets.class_names, targets.how) == (
        [0, 1, None],
        ("dog", "cat"),
        "by the data's list of classes",
    )
    assert targets.faults == (LabelFault("unknown class", "fish", "1 image"),)


def test_as_many_names_as_outputs_are_taken_in_order() -> None:
    targets = build_targets(images(["dog", "cat", "dog"]), 2)
    assert (singles(targets), targets.class_names) == ([1, 0, 1], ("cat", "dog"))
    assert targets.how == "the 2 folder names in natural order, as there are as many outputs"
    many = build_targets(images(["kind 10", "kind 2"]), 2)
    assert singles(many) == [1, 0]
    assert many.how.endswith("; as plain text they would be in another order")


def test_nothing_is_guessed() -> None:
    assert refused(images(["dog", "cat"]), 3) == (
        "data: 2 classes ('cat', 'dog'), and the model has 3 outputs; "
        "give the classes with --class-map FILE"
    )
    assert (
        refused(images([None, None]), 3)
        == "data: the images are unlabelled; give their labels with --labels FILE"
    )


# --class-map


@pytest.mark.parametrize(
    "name, text, pairs",
    [
        ("m.txt", "cat\ndog\n", {"cat": 0, "dog": 1}),
        ("m.txt", "cat 1\ndog 0\n", {"cat": 1, "dog": 0}),
        ("m.csv", 'name,index\ncat,1\n"dog, big",0\n', {"cat": 1, "dog, big": 0}),
        ("m.tsv", "cat\t1\r\nold dog\t0\r\n", {"cat": 1, "old dog": 0}),
        ("m.txt", "\ufefftench, Tinca tinca\nroute 66", {"tench, Tinca tinca": 0, "route 66": 1}),
        ("m.txt", "tench, Tinca 0\ncat, 1\ndog , 2", {"tench, Tinca": 0, "cat": 1, "dog": 2}),
        ("m.txt", "kind, one\nother, 2", {"other": 2}),
        ("m.json", '{"cat": 1, "dog": 0}', {"cat": 1, "dog": 0}),
        ("m.json", '["cat", "dog"]', {"cat": 0, "dog": 1}),
    ],
)
def test_class_maps(tmp_path: Path, name: str, text: str, pairs: dict[str, int]) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    assert files.read_class_map(tmp_path / name) == pairs


def test_a_class_map_of_lines_as_timm_reads_it(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_text("\n".join(WORDNET))
    assert files.read_class_map(tmp_path / "m.txt") == load_class_map(str(tmp_path / "m.txt"))


@pytest.mark.parametrize(
    "name, content, reason",
    [
        ("m.pkl", b"", ": pickles are not read; write the map as JSON"),
        ("m.txt", b"", ":1: expected a class, got ''"),
        ("m.txt", b"cat\n\ndog", ":2: expected a class, got ''"),
        ("m.txt", b"cat\nd\x1b[31mog", ":2: expected a class, got 'd\\x1b[31mog'"),
        ("m.txt", b"cat\ncat", ": 'cat' occurs twice"),
        ("m.txt", b"\xff\xfe", ": not UTF-8 text"),
        (
            "m.json",
            b"{",
            ": not JSON: Expecting property name enclosed in double quotes: "
            "line 1 column 2 (char 1)",
        ),
        ("m.json", b"[" * 100_000, ": not JSON: nested too deeply"),
        ("m.json", b'{"cat": 1, "cat": 0}', ": 'cat' occurs twice"),
        ("m.json", b'{"cat": "1"}', ": 'cat': expected an index, got '1'"),
        ("m.json", b'{"cat": true}', ": 'cat': expected an index, got True"),
        ("m.json", b'{"cat": -1}', ": 'cat': expected an index, got -1"),
        ("m.json", b"[1]", ": expected an object of class names and indexes, or a list of names"),
        ("m.json", b"{}", ": it has no class"),
    ],
)
def test_class_maps_that_are_none(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert refused(images(["cat"]), 2, class_map=tmp_path / name) == f"{tmp_path / name}{reason}"


def test_a_class_map_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "m.txt"
    assert (
        refused(images(["cat"]), 2, class_map=path)
        == f"{path}: cannot be read: No such file or directory"
    )


def test_a_class_map_decides_before_all_rules(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text('{"n01440764": 5, "cat": 1, "dog": 9, "unused": 0}')
    targets = build_targets(
        images(["n01440764", "cat", "dog", "fish", "n01443537"]), 6, class_map=path
    )
    assert singles(targets) == [5, 1, None, None, None]
    assert targets.how == f"by {path}"
    assert targets.faults == (
        LabelFault("label out of range", "dog", "1 image; the model has 6 outputs"),
        LabelFault("unknown class", "fish", "1 image"),
        LabelFault("unknown class", "n01443537", "1 image"),
        LabelFault("missing class", "unused", "no image"),
    )


def test_a_class_map_for_indexes_goes_by_the_datas_names(tmp_path: Path) -> None:
    path = tmp_path / "m.txt"
    path.write_text("dog\ncat\n")
    targets = build_targets(images([0, 1], ("cat", "dog")), 2, class_map=path)
    assert (singles(targets), targets.class_names) == ([1, 0], ("dog", "cat"))
    path.write_text("1 0\n0 1\n")
    assert singles(build_targets(images([0, 1]), 2, class_map=path)) == [1, 0]


def test_a_class_map_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "m.txt"
    path.write_text("0 tench\n1 goldfish\n")
    assert (
        refused(images(["a", "b"]), 2, class_map=path)
        == f"{path}: it has no class of data, such as 'a', 'b'"
    )


# --labels

PHOTOS = [f"val/ILSVRC2012_val_{number:08d}.JPEG" for number in (1, 2, 3)]


def test_imagenets_reassessed_labels() -> None:
    targets = build_targets(
        images([None, "n01440764", None, None], names=[*PHOTOS, "other.png"]), 1000, labels="real"
    )
    theirs = json.loads(
        (Path(files.resources.files("timm.data")) / "_info/imagenet_real_labels.json").read_text()
    )  # type: ignore
    assert targets.answers == (*(tuple(sorted(labels)) for labels in theirs[:3]), ())
    assert theirs[0] == [] and targets.excluded == frozenset({0})
    assert (targets.how, targets.subset) == ("by ImageNet-ReaL's labels", None)
    assert targets.faults == (
        LabelFault("unlabelled", "other.png", "not in ImageNet-ReaL's labels"),
    )


def test_all_of_the_reassessed_labels_as_timm_matches_them() -> None:
    names = [f"ILSVRC2012_val_{number:08d}.JPEG" for number in range(1, 50_001)]
    targets = build_targets(images([None] * 50_000, names=names, dataset="ImageNet-ReaL"), 1000)
    theirs = RealLabelsImagenet(names).real_labels
    assert targets.answers == tuple(tuple(sorted(theirs[name])) for name in names)
    assert (len(targets.excluded), targets.faults) == (3163, ())
    assert targets.class_names is not None and targets.class_names[0] == "n01440764 tench"


def test_names_of_other_sources_hold_the_number_too() -> None:
    names = ["7/ILSVRC2012_val_00000002_n01751748.JPEG", "val-0.tar/ILSVRC2012_val_00000002.png"]
    assert (
        build_targets(images([None, None], names=names), 1000, labels="real").answers
        == ((795, 970),) * 2
    )
    assert (
        build_targets(images([None, None], names=names), 1001, labels="real").answers
        == ((796, 971),) * 2
    )


def test_labels_of_a_file_by_name(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text('{"a/1.png": 1, "2.png": [0, 1], "3": [], "4.png": 7}')
    names = ["a/1.png", "b/2.png", "c/3.png", "4.png", "5.png"]
    targets = build_targets(images([None] * 5, names=names), 2, labels=path)
    assert (targets.answers, targets.excluded) == (((1,), (0, 1), (), (), ()), frozenset({2}))
    assert targets.how == f"by {path}"
    assert targets.faults == (
        LabelFault("label out of range", "4.png", "7; the model has 2 outputs"),
        LabelFault("unlabelled", "5.png", f"not in {path}"),
    )


def test_an_entry_that_is_of_two_images(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    names = ["0/000.png", "1/000.png", "1/001.png"]
    for key in ("000.png", "000"):
        path.write_text(json.dumps({key: 1, "001.png": 0}))
        assert refused(images([None] * 3, names=names), 2, labels=path) == (
            f"{path}: {key!r} matches '0/000.png' and '1/000.png'; "
            "write the whole names into the file"
        )
    path.write_text('{"000.png": 1}')
    assert refused(images([None] * 2, names=["000.png", "1/000.png"]), 2, labels=path) == (
        f"{path}: '000.png' matches '000.png' and '1/000.png'; write the whole names into the file"
    )
    path.write_text('{"0/000.png": 1, "1/000.png": 0, "001.png": 0}')
    assert build_targets(images([None] * 3, names=names), 2, labels=path).answers == (
        (1,),
        (0,),
        (0,),
    )


def test_a_list_of_labels_is_in_the_order_of_imagenets_numbers(tmp_path: Path) -> None:
    path = tmp_path / "real.json"
    path.write_text("[[1], [], [0, 1]]")
    targets = build_targets(images([None] * 3, names=PHOTOS[::-1]), 2, labels=path)
    assert (targets.answers, targets.excluded) == (((0, 1), (), (1,)), frozenset({1}))


@pytest.mark.parametrize(
    "text, reason",
    [
        ("junk", "not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("3", "expected an object of names and class indexes, or a list of lists of indexes"),
        ("{}", "expected an object of names and class indexes, or a list of lists of indexes"),
        ('{"1.png": "tench"}', "'1.png': expected a class index or a list of them, got 'tench'"),
        ('{"1.png": [1, -1]}', "'1.png': expected a class index or a list of them, got [1, -1]"),
        ('{"1.png": true}', "'1.png': expected a class index or a list of them, got True"),
        ("[[1], {}]", "entry 2: expected a class index or a list of them, got {}"),
        ("[" * 100_000, "not JSON: nested too deeply"),
    ],
)
def test_labels_that_are_none(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(text)
    assert refused(images([None]), 2, labels=path) == f"{path}: {reason}"


def test_labels_of_other_images(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text('{"other.png": 1}')
    assert (
        refused(images([None]), 2, labels=path)
        == f"{path}: it has no image of data, such as '0.png'"
    )
