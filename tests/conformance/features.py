# ruff: noqa: E501
"""What an index may look like, feature by feature, and what each reader makes of it.

A feature is a few small files and the facts that stand in them. A reader `reads` it where it finds
all of the facts, `reads part` of it where it finds some, `misses` it where it finds none, and
`fails` where it raises. The table is the expectation of the tests and the source of
docs/conformance.md.
"""

from dataclasses import dataclass

Fact = tuple[str, str, str]  # model, field, value
READERS = ("zoo", "model-index", "OpenMMLab", "huggingface_hub")
READS, PART, MISSES, FAILS, NONE = "reads", "reads part", "misses", "fails", "—"


@dataclass(frozen=True)
class Feature:
    """`files` by path, the first of which is loaded; `outcomes` in the order of `READERS`."""

    name: str
    group: str
    files: dict[str, str]
    facts: frozenset[Fact]
    outcomes: tuple[str, str, str, str]


def _f(group: str, name: str, files: dict[str, str], facts: set[Fact], *outcomes: str) -> Feature:
    return Feature(name, group, files, frozenset(facts), outcomes)  # type: ignore[arg-type]


ROOT = "model-index.yml"
PWC, MMLAB, HUB, ROUGH = "Papers with Code", "OpenMMLab", "Hugging Face", "Where indexes go wrong"
A4 = {("a", "FLOPs", "4")}
TOP1 = ("a", "ImageNet/Top 1 Accuracy", "76.1")
RESULT = "{Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 76.1}}"
PAGE = "# A page\n\n<!--\nType: model-index\n{}\n-->\n\nText.\n"
CARD = """---
license: mit
model-index:
- name: a
  results:
  - task: {type: image-classification, name: Image Classification}
    dataset: {type: imagenet-1k, name: ImageNet}
    metrics:
    - {type: accuracy, name: Top 1 Accuracy, value: 76.1}
---
# a
"""

FEATURES = (
    _f(PWC, "models with metadata", {ROOT: "Models:\n- Name: a\n  Metadata: {FLOPs: 4}"}, A4, READS, READS, READS, NONE),
    _f(PWC, "keys in any case", {ROOT: "MODELS:\n- name: a\n  METADATA: {flops: 4}"}, A4, READS, READS, READS, NONE),
    _f(PWC, "keys with underscores", {ROOT: (
"Collections:\n- {Name: C, Metadata: {FLOPs: 4}}\nModels:\n- {Name: a, In_Collection: "
"C}"
)},
       A4, READS, READS, READS, NONE),
    _f(PWC, "In Collection in lower case", {ROOT: (
"Collections:\n- {Name: C, Metadata: {FLOPs: 4}}\nModels:\n- {Name: a, in collection: "
"C}"
)},
       A4, READS, MISSES, MISSES, NONE),
    _f(PWC, "results", {ROOT: f"Models:\n- Name: a\n  Results: [{RESULT}]"}, {TOP1}, READS, READS, READS, NONE),
    _f(PWC, "one result without a list", {ROOT: f"Models:\n- Name: a\n  Results: {RESULT}"}, {TOP1}, READS, READS, READS, NONE),
    _f(PWC, "metrics as a list of name and value",
       {ROOT: (
"Models:\n- Name: a\n  Results:\n  - {Task: T, Dataset: ImageNet, Metrics: [{Name: "
"Top 1 Accuracy, Value: 76.1}]}"
)},
       {TOP1}, READS, READS, READS, NONE),
    _f(PWC, "tasks and data sets as mappings",
       {ROOT: (
"Models:\n- Name: a\n  Results:\n  - {Task: {Name: T}, Dataset: {Name: ImageNet}, "
"Metrics: {Top 1 Accuracy: 76.1}}"
)},
       {TOP1}, READS, READS, READS, NONE),
    _f(PWC, "a list of metadata, the last wins",
       {ROOT: "Models:\n- Name: a\n  Metadata: [{FLOPs: 3, Epochs: 9}, {FLOPs: 4}]"}, A4 | {("a", "Epochs", "9")}, READS, READS, READS, NONE),
    _f(PWC, "metadata from a file", {ROOT: "Models:\n- Name: a\n  Metadata: m.yml", "m.yml": "FLOPs: 4"}, A4, READS, READS, READS, NONE),
    _f(PWC, "results from files by glob",
       {ROOT: "Models:\n- Name: a\n  Results: r*.yml", "r1.yml": f"[{RESULT}]", "r2.yml": f"Results: [{RESULT.replace('76.1', '77').replace('ImageNet', 'V2')}]"},
       {TOP1, ("a", "V2/Top 1 Accuracy", "77")}, READS, READS, READS, NONE),
    _f(PWC, "models from files", {ROOT: "Models: [a.yml]", "a.yml": "Name: a\nMetadata: {FLOPs: 4}"}, A4, READS, READS, READS, NONE),
    _f(PWC, "models from one file", {ROOT: "Models: a.yml", "a.yml": "- Name: a\n  Metadata: {FLOPs: 4}"}, A4, READS, READS, READS, NONE),
    _f(PWC, "collections from files",
       {ROOT: "Collections: [c.yml]\nModels: [{Name: a, In Collection: C}]", "c.yml": "Name: C\nMetadata: {FLOPs: 4}"}, A4, READS, READS, READS, NONE),
    _f(PWC, "imports by glob", {ROOT: "Import: [sub/*.yml]", "sub/a.yml": "Models: [{Name: a, Metadata: {FLOPs: 4}}]"}, A4, READS, READS, READS, NONE),
    _f(PWC, "imports of imports",
       {ROOT: "Import: [b.yml]", "b.yml": "Import: [c.yml]", "c.yml": "Models: [{Name: a, Metadata: {FLOPs: 4}}]"}, A4, READS, READS, READS, NONE),
    _f(PWC, "JSON", {"model-index.json": '{"Models": [{"Name": "a", "Metadata": {"FLOPs": 4}}]}'}, A4, READS, READS, READS, NONE),
    _f(PWC, "a comment in Markdown", {"a.md": PAGE.format("Models:\n- Name: a\n  Metadata: {FLOPs: 4}")}, A4, READS, READS, READS, NONE),
    _f(PWC, "several comments in Markdown",
       {"a.md": PAGE.format("Models:\n- Name: a\n  Metadata: {FLOPs: 4}") + PAGE.format("Models:\n- Name: b\n  Metadata: {FLOPs: 5}")},
       A4 | {("b", "FLOPs", "5")}, READS, READS, READS, NONE),
    _f(PWC, "one model as a comment", {ROOT: "Models: [a.md]", "a.md": PAGE.format("Name: a\nMetadata: {FLOPs: 4}")}, A4, READS, READS, READS, NONE),
    _f(PWC, "one model over two comments",
       {ROOT: "Models: [a.md]", "a.md": PAGE.format("Name: a\nMetadata: {FLOPs: 4}") + PAGE.format(f"Results: [{RESULT}]")},
       A4 | {TOP1}, READS, READS, READS, NONE),
    _f(PWC, "an index in front matter", {"a.md": "---\nmodel-index:\n  Models:\n  - {Name: a, Metadata: {FLOPs: 4}}\n---\n"}, A4, READS, READS, READS, FAILS),
    _f(PWC, "a library", {ROOT: "Library: {Name: Zoo}\nModels: [{Name: a}]"}, {("", "Library", "Zoo")}, READS, READS, MISSES, NONE),
    _f(PWC, "a library from a file", {ROOT: "Library: l.yml\nModels: [{Name: a}]", "l.yml": "Name: Zoo"}, {("", "Library", "Zoo")}, READS, READS, MISSES, NONE),
    _f(PWC, "inheritance of scalars",
       {ROOT: (
"Collections:\n- {Name: C, Metadata: {FLOPs: 3, Epochs: 9}}\nModels:\n- {Name: a, "
"In Collection: C, Metadata: {FLOPs: 4}}"
)},
       A4 | {("a", "Epochs", "9")}, READS, READS, READS, NONE),
    _f(PWC, "inheritance of lists",
       {ROOT: (
"Collections:\n- {Name: C, Metadata: {Architecture: [x]}}\nModels:\n- {Name: a, In "
"Collection: C, Metadata: {Architecture: [y]}}"
)},
       {("a", "Architecture", "x,y")}, READS, READS, MISSES, NONE),
    _f(MMLAB, "FLOPs and percentages as numbers",
       {ROOT: f"Models:\n- Name: a\n  Metadata: {{FLOPs: 4}}\n  Results: [{RESULT}]"}, A4 | {TOP1}, READS, READS, READS, NONE),
    _f(MMLAB, "values with hardware, backend, batch size, mode and resolution",
       {ROOT: (
"Models:\n- Name: a\n  Metadata:\n    inference time (ms/im):\n    - {value: "
"57.14, hardware: V100, backend: PyTorch, batch size: 1, mode: FP32, resolution: "
"'(800, 1333)'}"
)},
       {("a", "inference time (ms/im) [V100, PyTorch, 1, FP32, (800, 1333)]", "57.14")}, READS, READS, READS, NONE),
    _f(MMLAB, "Converted From and Config",
       {ROOT: "Models:\n- {Name: a, Config: configs/a.py, Converted From: {Weights: w, Code: c}}"},
       {("a", "Config", "configs/a.py"), ("a", "Converted From", "Weights=w, Code=c")}, READS, READS, PART, NONE),
    _f(MMLAB, "a root file with imports relative to it",
       {ROOT: "Import:\n- configs/a/metafile.yml", "configs/a/metafile.yml": (
"Collections: [{Name: C, README: configs/a/README.md}]\nModels: [{Name: a, In "
"Collection: C, Metadata: {FLOPs: 4}}]"
),
        "configs/a/README.md": "# A"}, A4, READS, READS, READS, NONE),
    _f(HUB, "results of a model card", {"README.md": CARD}, {TOP1}, READS, FAILS, FAILS, READS),
    _f(HUB, "a card without results", {"README.md": "---\nlicense: mit\ntags: [x]\n---\n# a\n"}, {("", "license", "mit")}, READS, FAILS, FAILS, READS),
    _f(HUB, "evaluations in .eval_results",
       {"README.md": CARD, ".eval_results/a.yaml": "- dataset: {id: org/set, task_id: default}\n  value: 5\n"},
       {TOP1, ("a", "org/set/default", "5")}, READS, FAILS, FAILS, READS),
    _f(ROUGH, "a string under Import", {ROOT: "Import: a.yml", "a.yml": "Models: [{Name: a, Metadata: {FLOPs: 4}}]"}, A4, READS, MISSES, MISSES, NONE),
    _f(ROUGH, "a mapping in the metadata of model and collection",
       {ROOT: (
"Collections:\n- {Name: C, Metadata: {FLOPs: 4, Time: {x: 1}}}\nModels:\n- {Name: "
"a, In Collection: C, Metadata: {Time: {y: 2}}}"
)}, A4 | {("a", "Time", "x=1, y=2")}, READS, FAILS, FAILS, NONE),
    _f(ROUGH, "several collections of one model",
       {ROOT: (
"Collections:\n- {Name: C, Metadata: {FLOPs: 4}}\n- {Name: D}\nModels:\n- {Name: "
"a, In Collection: [C, D]}"
)}, A4, READS, FAILS, FAILS, NONE),
    _f(ROUGH, "an unknown collection", {ROOT: "Models:\n- {Name: a, In Collection: Nowhere, Metadata: {FLOPs: 4}}"}, A4, READS, READS, FAILS, NONE),
    _f(ROUGH, "empty Models beside an import", {ROOT: "Models:\nImport: [a.yml]", "a.yml": "Models: [{Name: a, Metadata: {FLOPs: 4}}]"}, A4, READS, FAILS, FAILS, NONE),
    _f(ROUGH, "a number with a leading zero, kept as it stands", {ROOT: "Models:\n- Name: a\n  Metadata: {Version: 010}"}, {("a", "Version", "010")}, READS, MISSES, MISSES, NONE),
    _f(ROUGH, "CRLF, a byte order mark, characters of every plane",
       {ROOT: "\ufeffModels:\r\n- Name: a\r\n  Metadata:\r\n    Note: é😀\r\n"}, {("a", "Note", "é😀")}, READS, READS, READS, NONE),
    _f(ROUGH, "a file that is imported twice",
       {ROOT: "Import: [a.yml, b.yml]", "a.yml": "Models: [{Name: a, Metadata: {FLOPs: 4}}]", "b.yml": "Import: [a.yml]"}, A4 | {("", "models", "1")}, READS, PART, READS, NONE),
)  # fmt: skip
