"""An index of many models: families of the embedded one, copied under other names, with their
evidence."""

import re
from pathlib import Path

from benchmarks.sites.tree import Tree

FAMILIES = ("densenet", "dla", "dpn")
GROUP = 25  # models of a collection
MODEL = re.compile(r"(?m)^- Name: (\S+)\n  In Collection: (\S+)$")


def make_zoo(tree: Tree, folder: Path, models: int) -> int:
    """Write an index of so many models or a few more, its evidence and its site; return their
    number."""
    tree.copy_site(folder)
    texts = {name: read_family(tree, name) for name in FAMILIES}
    inside = {name: len(MODEL.findall(text)) for name, text in texts.items()}
    rounds = -(-models // sum(inside.values()))
    (folder / "index").mkdir(exist_ok=True)
    for n in range(rounds):
        for name, text in texts.items():
            group, first = divmod(n, max(1, GROUP // inside[name]))
            (folder / "index" / f"{name}{n}.yml").write_text(
                renamed(text, n, group, collection=not first), encoding="utf-8"
            )
    count(tree, folder)
    copy = Path(__file__).with_name("evidence.py")
    tree.run([str(tree.python), str(copy), "counted", "ledger", str(rounds)], folder)
    return rounds * sum(inside.values())


def read_family(tree: Tree, name: str) -> str:
    """Return the text of a family of the embedded index."""
    return (tree.root / "model_index" / "data" / f"{name}.yml").read_text(encoding="utf-8")


def count(tree: Tree, folder: Path) -> None:
    """Count the families in the tree's own way, into a ledger in the folder."""
    data = tree.root / "model_index" / "data"
    files = [part for name in FAMILIES for part in ("--index", str(data / f"{name}.yml"))]
    # Wrong numbers are found, so the exit code is 1.
    tree.run(tree.zoo("verify", "--ledger", "counted", *files), folder, ends=(0, 1))


def renamed(text: str, n: int, group: int, *, collection: bool) -> str:
    """Return copy number n of a file, its models in a collection of the group, which one copy of
    each group brings along."""
    made = MODEL.sub(rf"- Name: \1.c{n}\n  In Collection: \2.{group}", text)
    head, _, below = made.partition("\nModels:\n")
    if not collection:
        return f"Models:\n{below}"
    head = re.sub(r"(?m)^- Name: (\S+)$", rf"- Name: \1.{group}", head)
    return f"{head}\nModels:\n{below}"
