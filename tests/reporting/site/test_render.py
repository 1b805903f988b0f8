import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from zoo.model_index.findings import Finding, Hypothesis
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.reporting.site.render import href
from zoo.reporting.views.catalogue import Zoo

pytestmark = pytest.mark.usefixtures("quick_figures")

Built = Callable[[Zoo, Path], Path]
Rendered = Callable[[Zoo], dict[str, str]]
ATTACK = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)> | `a`\n\n```\n<b>\n```\n"
    "[x](javascript:alert(1)) {{ 7 }}"
)
SHORT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)> `a`"  # what is parsed is short
HOSTILE = {
    "Library": {"Name": ATTACK, "Docs": "javascript:alert(1)"},
    "Collections": [
        {
            "Name": ATTACK,
            "Full Name": ATTACK,
            "Description": f"{ATTACK}\n\n</div></article><script>alert(2)</script>\n\n"
            "# Not a heading\n\n--> <!-- x",
            "Paper": {"Title": ATTACK, "URL": "javascript:alert(3)"},
            "Citation": f"</code></pre>{ATTACK}",
        }
    ],
    "Models": [
        {
            "Name": "</title><script>alert(4)</script>",
            "In Collection": ATTACK,
            "Code": "javascript:alert(5)",
            "Weights": [ATTACK, "data:text/html,<script>alert(6)</script>"],
            "Builder": {"Name": f"timm:{ATTACK}", "Arguments": {"a": ATTACK, ATTACK: 1}},
            "Metadata": {
                "Training Data": [ATTACK],
                ATTACK: ATTACK,
                "FLOPs": "1000",
                "Interpolation": SHORT,
                "ID": SHORT,
            },
            "Results": [
                {"Task": ATTACK, "Dataset": ATTACK, "Metrics": {"Top 1 Accuracy": "70%", ATTACK: 3}}
            ],
            "Reported": [
                {"Publisher": ATTACK, "Source": "javascript:alert(7)", "Metadata": {"FLOPs": "2 G"}}
            ],
        }
    ],
}


class Collector(HTMLParser):
    """The elements and attributes a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    collector = Collector()
    collector.feed(html)
    return collector.elements


@pytest.mark.parametrize(
    ("origin", "target", "address"),
    [
        ("index.md", "models/a.md", "models/a/"),
        ("models/a.md", "families/B.md", "../../families/B/"),
        ("models/a.md", "index.md", "../../"),
        ("models/index.md", "models/a.md", "a/"),
        ("families/B.md", "downloads/x.png", "../../downloads/x.png"),
        ("index.md", "index.md", "./"),
    ],
)
def test_addresses(origin: str, target: str, address: str) -> None:
    assert href(origin, target) == address
    assert href(origin, target, "x") == f"{address}#x"


def hostile(zoo: Zoo, counted: Callable[..., Evidence], found: Callable[..., Finding]) -> Zoo:
    """The hostile index with a mistake, an explained claim and a trace, each with texts of its
    own."""
    entry = zoo.index.entries[0]
    copied = Hypothesis(
        causes=(ATTACK,),
        label=f"the value of {ATTACK}",
        rank=4,
        prediction=Decimal(1000),
        residual=Decimal(0),
        fits=True,
        wrong=True,
    )
    near = Hypothesis(
        causes=(ATTACK,),
        label=f"{ATTACK} at 2x2",
        rank=2,
        prediction=Decimal(2 * 10**9),
        residual=Decimal(0),
        fits=True,
        size=(2, 2),
    )
    claims = [claim for claim in entry.all_claims() if claim.quantity == "flops"]
    findings = [
        found(claim, one, reason=ATTACK, alternatives=(ATTACK,))
        for claim, one in zip(claims, (copied, near), strict=True)
    ]
    document = counted(entry, 5, 5)
    trace = Trace(((1, 3, 2, 2),), (Row("conv2d", "convolution", ATTACK, f"x.{SHORT}", 5),))
    document.values.update(trace=trace.to_lists(), parts=[list(Part(ATTACK, SHORT, 5, 5, 0, 0))])
    return Zoo(
        index=zoo.index,
        findings=tuple(findings),
        evidence={document.cell.key: document},
        primary={entry.place: document.cell.key},
    )


def test_a_hostile_index_stays_text(
    zoo_of: Callable[[str], Zoo],
    counted: Callable[..., Evidence],
    found: Callable[..., Finding],
    built: Built,
    tmp_path: Path,
) -> None:
    site = built(hostile(zoo_of(yaml.safe_dump(HOSTILE)), counted, found), tmp_path)
    page = next(site.glob("models/*/index.html")).read_text()
    assert 'class="table tried"' in page and 'class="table stage-table"' in page
    assert "is wrong." in (site / "findings/index.html").read_text()
    harmless = {script for script in scripts((site / "architecture/index.html").read_text())}
    for page in site.rglob("*.html"):
        html = page.read_text()
        assert scripts(html) <= harmless, page
        for tag, attributes in elements(html):
            assert not any(name.startswith("on") for name in attributes), (page, tag, attributes)
            assert not re.match(
                r"\s*(javascript|data):", attributes.get("href") or "", re.IGNORECASE
            ), (
                page,
                attributes,
            )
            assert tag != "img" or (attributes.get("src") or "").lstrip("./").startswith(
                "badges/"
            ), page
            assert attributes.get("src") != "x", page
        assert not re.search(r"<b>\s", html) and "Not a heading</h1>" not in html


def scripts(html: str) -> set[str]:
    """Inline scripts, without those the theme fills with the page's own paths, and without data."""
    found = re.findall(
        r"<script(?![^>]*\b(?:src=|type=\"application/))[^>]*>(.*?)</script>", html, re.DOTALL
    )
    return {script for script in found if "__md_scope" not in script and '"base"' not in script}


def test_links_between_pages_lead_somewhere_and_nothing_comes_from_elsewhere(
    toy: Zoo, built: Built, tmp_path: Path
) -> None:
    site = built(toy, tmp_path)
    for page in site.rglob("index.html"):
        for target, fragment in inner_links(page):
            assert target.is_file(), (page, target)
            if fragment and target.suffix == ".html":
                assert f'id="{fragment}"' in target.read_text(), (page, target, fragment)
    for page in site.rglob("*.html"):
        for tag, attributes in elements(page.read_text()):
            if (
                tag in ("link", "script", "img", "iframe", "source")
                and attributes.get("rel") != "canonical"
            ):
                address = attributes.get("href") or attributes.get("src") or ""
                assert not re.match(r"(https?:)?//", address), (page, address)


def inner_links(page: Path) -> Iterator[tuple[Path, str]]:
    for tag, attributes in elements(page.read_text()):
        address = attributes.get("href") or ""
        if tag == "a" and address and not re.match(r"[a-z]+:", address):
            path, _, fragment = address.partition("#")
            path = path.partition("?")[0]
            target = (page.parent / path).resolve() if path else page
            yield (target / "index.html" if target.is_dir() else target), fragment


SEVERAL = """\
Library: {Name: Acme}
Collections: [{Name: N}, {Name: D, Paper: https://papers.example/1}]
Models:
- {Name: a, In Collection: N, Metadata: {Tasks: [Image Classification], Parameters: 1 M}}
- {Name: b, In Collection: D, Metadata: {Tasks: [Object Detection], File Size: 10 MB}}
"""


def test_tasks_are_shown_where_there_are_several(
    zoo_of: Callable[[str], Zoo], rendered: Rendered
) -> None:
    pages = rendered(zoo_of(SEVERAL))
    sections = pages["families/index.md"].split("<section")
    (detection,) = [part for part in sections if ">Object Detection" in part]
    assert ">D</a>" in detection and ">N</a>" not in detection
    alike = rendered(zoo_of(SEVERAL.replace("Object Detection", "Image Classification")))
    assert alike["families/index.md"].count("<section") == 1


def test_a_family_without_prose_has_facts(zoo_of: Callable[[str], Zoo], rendered: Rendered) -> None:
    page = rendered(zoo_of(SEVERAL))["families/d.md"]
    assert "Object Detection. 1 model" in page and ">Paper</a>" in page
    assert 'class="plot' not in page
