"""Each check finds the fault it is for, in these words, and nothing in a sound index."""

import json
import subprocess
import sys

import pytest

from zoo.model_index.checks import lint as checks
from zoo.model_index.checks.lint import CHECKS, Lint
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Index


def lint(index: Index) -> list[Lint]:
    """Every finding but that a model states no number, as most of these do not."""
    return [finding for finding in checks.lint(index) if finding.rule != "no-claim"]


def entry(
    name: str, collection: str = "Net", accuracy: tuple[str, str] | None = None, **metadata: object
) -> str:
    lines = [f"- Name: {name}", f"  In Collection: {collection}", "  Metadata:"]
    lines += [f"    {key.replace('_', ' ')}: {value}" for key, value in metadata.items()]
    if accuracy:
        lines.append("  Results:")
        lines.append(
            f"  - {{Dataset: X, Metrics: {{Top 1 Accuracy: {accuracy[0]}, Top 5 Accuracy: "
            f"{accuracy[1]}}}}}"
        )
    return "\n".join(lines) + "\n"


def index_of(*entries: str) -> str:
    return "Collections: [{Name: Net}, {Name: Other Net}]\nModels:\n" + "".join(entries)


@pytest.fixture
def found(files):
    """The findings for an index of these entries in `f.yml`, printed."""

    def texts(*entries: str) -> list[str]:
        findings = lint(files({"f.yml": index_of(*entries)}))
        return [f"{item.place}: {item.model}: {item.message} [{item.rule}]" for item in findings]

    return texts


SOUND = [
    entry(
        "net18",
        FLOPs="1.82 G",
        Parameters="11.69 M",
        File_Size=46827520,
        ID="net18",
        Crop_Pct=0.875,
    ),
    entry(
        "net34",
        FLOPs="3.68 G",
        Parameters="21.80 M",
        Image_Size=224,
        ID="Net-34.a1_in1k",
        Crop_Pct=1.0,
    ),
    entry(
        "net50",
        ("Other Net"),
        ("80.16%", "95.1%"),
        FLOPs="4.12 G",
        Parameters="25.56 M",
        ID="zoo/net_50",
    ),
    entry("net101", accuracy=("0.78", "0.78"), FLOPs="7.85 G", Parameters="44.55 M"),
]


def test_a_sound_index(found) -> None:
    assert found(*SOUND) == []


@pytest.mark.parametrize(
    ("bad", "finding"),
    [
        (entry("a", accuracy=("176.3%", "191%")),
         ["f.yml:7: a: Top 1 Accuracy 176.3%: expected 0 to 100% [accuracy-range]",
          "f.yml:7: a: Top 5 Accuracy 191%: expected 0 to 100% [accuracy-range]"]),
        (entry("a", accuracy=("-1%", "50%")),
         ["f.yml:7: a: Top 1 Accuracy -1%: expected at least a fifth of Top 5 Accuracy 50%, as "
          "guesses are ranked [accuracy-pair]",
          "f.yml:7: a: Top 1 Accuracy -1%: expected 0 to 100% [accuracy-range]"]),
        (entry("a", accuracy=("20.07%", "5.1%")),
         ["f.yml:7: a: Top 5 Accuracy 5.1%: expected at least Top 1 Accuracy 20.07% (error rates "
          "in place of accuracies?) [accuracy-pair]"]),
        (entry("a", accuracy=("0.98%", "18.58%")),
         ["f.yml:7: a: Top 1 Accuracy 0.98%: expected at least a fifth of Top 5 Accuracy 18.58%, "
          "as guesses are ranked [accuracy-pair]"]),
        (entry("a", Parameters="9.11 M", File_Size=49369973),
         ["f.yml:7: a: File Size 49,369,973: 5.42 bytes for each of 9,110,000 parameters, expected "
          "0.5 to 5 [file-size]"]),
        (entry("a", Parameters="9.11 M", File_Size=4500000),
         ["f.yml:7: a: File Size 4,500,000: 0.49 bytes for each of 9,110,000 parameters, expected "
          "0.5 to 5 [file-size]"]),
        (entry("a", Image_Size=7),
         ["f.yml:6: a: Image Size 7x7: expected sides of 8 to 2048 pixels [image-size]"]),
        (entry("a", Image_Size="224x2049"),
         ["f.yml:6: a: Image Size 224x2049: expected sides of 8 to 2048 pixels [image-size]"]),
        (entry("a", Crop_Pct=87.5),
         ["f.yml:6: a: Crop Pct 87.5: expected a fraction above 0, 1 at most [crop-pct]"]),
        (entry("a", Crop_Pct=0),
         ["f.yml:6: a: Crop Pct 0: expected a fraction above 0, 1 at most [crop-pct]"]),
        (entry("a", ID="b"), ["f.yml:6: a: ID b: expected the model's name, a [id-unlike-name]"]),
        (entry("net", "net", ID="net5.net"),
         ["f.yml:3: net: In Collection 'net': did you mean Net? expected one of Net, Other Net "
          "[unknown-collection]",
          "f.yml:6: net: ID net5.net: expected the model's name, net [id-unlike-name]"]),
        (entry("a", "Far"),
         ["f.yml:3: a: In Collection 'Far': expected one of Net, Other Net [unknown-collection]"]),
    ],
)  # fmt: skip
def test_one_entry(found, bad: str, finding: list[str]) -> None:
    assert found(bad) == finding


@pytest.mark.parametrize(
    "good",
    [
        entry("a", accuracy=("1", "100%")),
        entry("a", accuracy=("0%", "0%")),
        entry("a", accuracy=("19%", "97%")),  # 19 may stand for 19.5
        entry("a", Parameters="1.0 M", File_Size=4_400_000),  # 1.0 M may stand for 1.05 M
        entry("a", Parameters="0", File_Size=4_400_000),
        entry("a", Image_Size="16x2048"),
        entry("resnet50.a1", ID="ResNet-50.a1"),
        entry("vgg16_bn", ID="vgg16_bn.tv_in1k"),
    ],
)
def test_what_may_be(found, good: str) -> None:
    assert found(good) == []


def test_an_index_without_collections(files) -> None:
    (item,) = lint(files({"f.yml": "Models: [{Name: a, In Collection: b}, {Name: c}]"}))
    assert item.message == "In Collection 'b': expected one of none"


def test_a_later_result_is_paired_with_its_own_data_set(found) -> None:
    bad = entry("a", accuracy=("80%", "95%")) + (
        "  - {Dataset: Y, Metrics: {Top 1 Accuracy: 97%}}\n"
        "  - {Dataset: Z, Metrics: {Top 1 Accuracy: 60%, Top 5 Accuracy: 50%}}\n"
    )
    assert found(bad) == [
        "f.yml:9: a: Top 5 Accuracy 50%: expected at least Top 1 Accuracy 60% (error rates in "
        "place of accuracies?) [accuracy-pair]"
    ]


def test_another_publisher_is_checked_too(found) -> None:
    bad = entry("a", accuracy=("80%", "95%")) + (
        "  Reported:\n  - Publisher: P\n    Metadata: {Parameters: 1 M, File Size: 9 MB}\n"
        "    Results:\n"
        "    - Metrics: {Reference Top 1 Accuracy: 0.9, Reference Top 5 Accuracy: 0.8}\n"
    )
    assert found(bad) == [
        "f.yml:10: a: File Size 9,000,000: 9.00 bytes for each of 1,000,000 parameters, expected "
        "0.5 to 5 [file-size]",
        "f.yml:12: a: Reference Top 5 Accuracy 80%: expected at least Reference Top 1 Accuracy 90% "
        "(error rates in place of accuracies?) [accuracy-pair]",
    ]


def test_duplicates_across_files(files) -> None:
    text = "Models:\n- {Name: a, Weights: https://x.org/w.pth}\n"
    other = (
        "Models:\n- {Name: b, Weights: [https://x.org/w.pth, https://x.org/v.pth, "
        "https://x.org/w.pth]}\n- Name: a\n"
    )
    assert [
        str(item) for item in lint(files({"f.yml": text, "g.yml": other}, "f.yml", "g.yml"))
    ] == [
        "g.yml:2:10: duplicate-weights: b: Weights https://x.org/w.pth: expected this model's own, "
        "a at f.yml:2 has the same",
        "g.yml:3:9: duplicate-name: a: Name 'a': expected each name once, it stands at f.yml:2 too",
    ]


def test_siblings_that_are_unlike_say_nothing(found) -> None:
    """Faster R-CNN on three backbones: its FLOPs per parameter are 37, 232, 3,218 and 6,414."""
    family = [("320", 0.719, 19.39), ("mobile", 4.494, 19.39), ("r50", 134.38, 41.76)]
    family.append(("v2", 280.37, 43.71))
    entries = [entry(name, FLOPs=f"{f} G", Parameters=f"{p} M") for name, f, p in family]
    assert found(*entries) == []


FAMILY = [(18, 1820, 11.69), (50, 4120, 25.56), (101, 7850, 44.55), (152, 11580, 60.19)]
SIBLINGS = [
    entry(f"net{depth}", FLOPs=f"{flops} M", Parameters=f"{p} M") for depth, flops, p in FAMILY
]


@pytest.mark.parametrize(
    ("flops", "parameters", "finding"),
    [
        ("3.68 G", "2.18 M",
         "f.yml:27: net34: Parameters 2,180,000: ten times below what its siblings suggest "
         "(FLOPs per parameter 1,690, family median 176)"),
        ("3.68 G", "218 M",
         "f.yml:27: net34: Parameters 218,000,000: ten times above what its siblings suggest "
         "(FLOPs per parameter 16.9, family median 161)"),
        ("368 G", "21.8 M",
         "f.yml:26: net34: FLOPs 368,000,000,000: a hundred times above what its siblings suggest "
         "(FLOPs per parameter 16,900, family median 176)"),
        ("3.68 M", "21.8 M",
         "f.yml:26: net34: FLOPs 3,680,000: a thousand times below what its siblings suggest "
         "(FLOPs per parameter 0.169, family median 161)"),
        ("3680", "21.8 M",
         "f.yml:26: net34: FLOPs 3,680: a million times below what its siblings suggest "
         "(FLOPs per parameter 0.000169, family median 161)"),
        ("21.8 M", "3.68 G",
         "f.yml:26: net34: FLOPs 21,800,000 and Parameters 3,680,000,000: swapped, as its "
         "siblings suggest (FLOPs per parameter 0.00592, family median 161)"),
        ("15.82 G", "3.42 M",
         "f.yml:26: net34: FLOPs 15,820,000,000 and Parameters 3,420,000: swapped, as its "
         "siblings suggest (FLOPs per parameter 4,630, family median 176)"),
        ("10 M", "21.8 M",
         "f.yml:26: net34: FLOPs 10,000,000: fewer than Parameters 21,800,000, unlike its siblings "
         "(FLOPs per parameter 0.459, family median 161)"),
        ("3.68 G", "21.8 M", None),
        # five times the family's: unusual, but no slip of the decimal point
        ("20.0 G", "21.8 M", None),
        ("0", "21.8 M", None),
    ],
)  # fmt: skip
def test_siblings(found, flops: str, parameters: str, finding: str | None) -> None:
    expected = [f"{finding} [siblings]"] if finding else []
    assert found(*SIBLINGS, entry("net34", FLOPs=flops, Parameters=parameters)) == expected


def test_two_models_are_no_family(found) -> None:
    assert found(SIBLINGS[0], entry("net34", FLOPs="3.68 G", Parameters="0.218 M")) == []


def test_the_nearer_explanation_is_given(found) -> None:
    """Swapped digits would do here as well, but not as exactly as two decimal places."""
    family = [entry(f"net{n}", FLOPs=f"{79 * n} M", Parameters=f"{n} M") for n in (1, 2, 4)]
    assert found(*family, entry("net3", FLOPs="23.7 G", Parameters="3 M")) == [
        "f.yml:21: net3: FLOPs 23,700,000,000: a hundred times above what its siblings suggest "
        "(FLOPs per parameter 7,900, family median 79) [siblings]"
    ]


@pytest.mark.parametrize("collection", ["Net", "Other Net"])
def test_families_are_told_apart(found, collection: str) -> None:
    odd = entry("net34", collection, FLOPs="3.68 G", Parameters="2.18 M")
    assert len(found(*SIBLINGS, odd)) == (collection == "Net")


def test_a_larger_image_explains_more_operations(found) -> None:
    sized = [text + "    Image Size: 224\n" for text in SIBLINGS]
    for size, count in ((704, 0), (224, 1)):
        odd = entry("net34", FLOPs="36.8 G", Parameters="21.8 M", Image_Size=size)
        assert len(found(*sized, odd)) == count


def test_publishers_are_compared_with_themselves(found) -> None:
    """Whoever counts thousands throughout disagrees with others, not with himself."""
    report = "  Reported: [{{Publisher: P, Metadata: {{FLOPs: {}, Parameters: 11 M}}}}]\n"
    assert found(*(text + report.format("1.8 M") for text in SIBLINGS)) == []
    assert found(
        *(text + report.format("1.8 M" if text is SIBLINGS[0] else "1.8 G") for text in SIBLINGS)
    ) == [
        "f.yml:8: net18: FLOPs 1,800,000: a thousand times below what its siblings suggest (FLOPs "
        "per parameter 0.164, family median 164) [siblings]"
    ]


def test_findings_are_ordered_and_plain(found, files) -> None:
    texts = {
        f"{n}.yml": index_of(entry(n, Crop_Pct=2, ID="z")).replace("Net", f"Net {n}")
        for n in ("b", "a")
    }
    items = lint(files(texts, "b.yml", "a.yml"))
    assert [(i.place.file, i.place.line) for i in items] == [
        ("a.yml", 6),
        ("a.yml", 7),
        ("b.yml", 6),
        ("b.yml", 7),
    ]


def test_collections_stand_once_and_their_readme_exists(files) -> None:
    text = (
        "Collections:\n- Name: C\n- Name: C\n  README: docs/no.md\nModels:\n"
        "- {Name: a, README: docs/yes.md}\n"
    )
    text += (
        "- {Name: b, README: elsewhere/x.md}\n- {Name: c, README: 'no.md'}\n"
        "- {Name: d, README: 'Some words.'}\n"
    )
    assert [
        f"{item.place}: {item.model}: {item.message} [{item.rule}]"
        for item in lint(files({"a.yml": text, "docs/yes.md": ""}))
    ] == [
        "a.yml:3: C: Collection 'C': expected each name once, it stands at a.yml:2 too "
        "[duplicate-collection]",
        "a.yml:3: C: README docs/no.md: expected a file [readme]",
        "a.yml:8: c: README no.md: expected a file [readme]",
    ]


def test_one_finding() -> None:
    item = Lint("crop-pct", "Crop Pct 2: expected less", Place("a.yml", 7), "net")
    assert str(item) == "a.yml:7:1: crop-pct: net: Crop Pct 2: expected less"
    assert json.loads(json.dumps(item.to_dict())) == {
        "rule": "crop-pct",
        "model": "net",
        "message": "Crop Pct 2: expected less",
        "file": "a.yml",
        "line": 7,
    }


def test_a_larger_image_that_the_name_states_explains_more_work(found) -> None:
    """OpenMMLab states the size in the name: 448 pixels are four times the work of 224."""
    rows = "".join(
        f"- {{Name: vit-base-p16_{kind}_in1k{size}, Config: configs/vit/a.py, In Collection: Net, "
        f"Metadata: {{FLOPs: {flops} G, Parameters: 86 M}}}}\n"
        for kind, size, flops in (("a", "", 17), ("b", "", 17), ("c", "", 17), ("d", "-672px", 190))
    )
    assert found(rows) == []


def test_pages_that_a_wheel_leaves_out_are_not_missed(files) -> None:
    text = "Models: [{Name: a, README: configs/a/README.md, Metadata: {FLOPs: 1 G}}]"
    copies = {"mmnet/.mim/configs/a/metafile.yml": text, "repo/configs/a/metafile.yml": text}
    hits = [str(hit) for hit in lint(files(copies, *copies)) if hit.rule == "readme"]
    assert len(hits) == 1 and "repo/configs/a" in hits[0]


def test_the_table_of_checks() -> None:
    assert len({check.rule for check in CHECKS}) == len(CHECKS)
    assert all(check.description and not check.description.endswith(".") for check in CHECKS)


def test_linting_imports_nothing_heavy() -> None:
    code = (
        "import sys; from zoo.model_index.checks.lint import lint;"
        "from zoo.model_index.load import load; lint(load());"
        "print([name for name in ('torch', 'pydantic', 'pandas', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_readme_of_any_length_is_looked_for_nowhere_else(files) -> None:
    names = ["a" * 5000 + ".md", "/etc/none.md", "../none.md"]
    text = "Models:\n" + "".join(
        f"- {{Name: m{n}, README: {name}}}\n" for n, name in enumerate(names)
    )
    assert lint(files({"a.yml": text})) == []


def test_an_input_of_another_size_than_the_image_size(files) -> None:
    text = """Collections: [{Name: Clips, Input: 16x112x112 clip}]
Models:
- {Name: a, Input: 16x112x112 clip, Metadata: {Image Size: 224}}
- {Name: b, Input: 16x112x112 clip, Metadata: {Image Size: 112}}
- {Name: c, Input: '224x224 image, 5 tokens', Metadata: {Image Size: 224}}
- {Name: d, Input: 512 tokens, Metadata: {Image Size: 224}}
- {Name: e, In Collection: Clips, Metadata: {Image Size: 224}}
"""
    assert [str(item) for item in lint(files({"f.yml": text}))] == [
        "f.yml:3:60: input-size: a: Image Size 224x224: the Input at f.yml:3 is 16x112x112 clip",
        "f.yml:6:55: input-size: d: Image Size 224x224: the Input at f.yml:6 is 512 tokens",
    ]
