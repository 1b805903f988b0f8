"""The built site over real HTTP, and a real browser; skipped with a reason where there is none."""

import functools
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.zoos import (
    LARGE_PAGES,
    build_pages,
    build_timm,
    embedded_zoo,
    larger_zoo,
)
from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.model_index.ledger.history import History, read, record
from zoo.model_index.ledger.store import Cell, Evidence
from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.model_index.load import load
from zoo.model_index.records.records import Index
from zoo.reporting.views.catalogue import Zoo

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
MEASURED = {
    "dpn68": 2_330_000_000,
    "dpn98": 11_670_000_000,
    "dla34": 3_060_000_000,
    "dla46_c": 574_000_000,
}


def counted(model: str, macs: int) -> Evidence:
    trace = Trace(
        ((1, 3, 224, 224),),
        (Row("conv2d", "convolution", "stem", "torch.nn.modules.conv.Conv2d", macs),),
    )
    cell = Cell(
        kind="count",
        model=model,
        builder=f"timm:{model}",
        builder_version="timm 1.0",
        tool="zoo-count/1",
    )
    parts = [list(Part("stem", "torch.nn.modules.conv.Conv2d", macs // 200, macs // 200, 0, 1))]
    values = {
        "parts": parts,
        "trace": trace.to_lists(),
        "resolved": f"{model}.in1k",
        "configuration": {},
        "registry": {},
        "input": "224x224 image",
        "input_from": "proposed",
    }
    return Evidence(cell=cell, outcome="measured", values=values)


def doubted(index: Index) -> Iterator[Finding]:
    """All FLOPs as wrong, which one far-fetched cause of many explains."""
    for entry in index.entries:
        for claim in (claim for claim in entry.claims if claim.quantity == "flops"):
            value = claim.number
            many = [
                Hypothesis(
                    causes=(f"cause{n}",),
                    label=f"a cause in very many words {n}",
                    rank=9,
                    prediction=value - n,
                    residual=Decimal(n),
                    fits=not n,
                )
                for n in range(20)
            ]
            yield Finding(
                claim=claim,
                verdict=Verdict.EXPLAINED,
                reason="a reason",
                measured=value * 2,
                cause="cause0",
                prediction=value,
                residual=Decimal(0),
                causes=("cause0",),
                wrong=True,
                tried=tuple(many),
            )


def recorded(findings: Sequence[Finding], folder: Path) -> History:
    """The history of claims that nobody had checked 20 days before."""
    before = [replace(f, verdict=Verdict.UNCHECKED, cause=None, wrong=False) for f in findings]
    record(folder, before, {}, NOON - timedelta(days=20))
    record(folder, findings, {}, NOON)
    return read(folder)


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    """The embedded index with four models measured, by hand: the others show what is missing."""
    index = load()
    documents = {
        e.place: counted(e.name, MEASURED[e.name]) for e in index.entries if e.name in MEASURED
    }
    evidence = {document.cell.key: document for document in documents.values()}
    findings = tuple(doubted(index))
    return Zoo(
        index=index,
        findings=findings,
        history=recorded(findings, tmp_path_factory.mktemp("history")),
        evidence=evidence,
        primary={place: document.cell.key for place, document in documents.items()},
    )


@pytest.fixture(scope="session")
def site(
    zoo: Zoo, built: Callable[[Zoo, Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The site, built by MkDocs as users build it."""
    return built(zoo, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def counted_zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    """The embedded index as a user counts and verifies it."""
    return embedded_zoo(tmp_path_factory.mktemp("counted") / "ledger")


@pytest.fixture(scope="session")
def small_site(
    counted_zoo: Zoo, built: Callable[[Zoo, Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Its site."""
    return built(counted_zoo, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def large_site(counted_zoo: Zoo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some pages of the site of two hundred models: all kinds, a few models and families."""
    return build_pages(larger_zoo(counted_zoo), tmp_path_factory.mktemp("large"), LARGE_PAGES)


@pytest.fixture(scope="session")
def timm_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site of timm's registry, in English."""
    return build_timm(tmp_path_factory.mktemp("timm"))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder over real HTTP: its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    with served(site) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is on the path")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@dataclass
class Seen:
    """A page, what it asked for and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def seen(browser: Browser) -> Iterator[Seen]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    seen = Seen(context.new_page())
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.on(
        "console",
        lambda message: message.type in ("error", "warning") and seen.errors.append(message.text),
    )
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    yield seen
    context.close()
