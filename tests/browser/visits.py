"""Visits of pages: a table of pages, a table of modes, and a browser that goes to each once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.properties import Visit
from tests.browser.zoos import LONGEST

VISIT = Path(__file__).with_name("visit.js").read_text(encoding="utf-8")
SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
# What an address names is shown.
LOADED = "!document.documentElement.classList.contains('comparing')"
# All rules of axe, also the one that axe leaves out unless asked.
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


@dataclass(frozen=True, kw_only=True)
class Mode:
    """How a reader comes: the size of the screen, the colours, with or without scripts, on paper;
    `axe` says whether its rules are asked."""

    name: str
    size: tuple[int, int]
    scheme: str = "light"
    media: str = "screen"
    script: bool = True
    axe: bool = True


MODES = {
    mode.name: mode
    for mode in (
        Mode(name="wide", size=(1440, 900)),
        Mode(name="wide, dark", size=(1440, 900), scheme="dark"),
        Mode(name="desk, dark", size=(1280, 800), scheme="dark"),
        Mode(name="telephone", size=(390, 844)),
        Mode(name="telephone, dark", size=(390, 844), scheme="dark"),
        Mode(name="paper", size=(794, 1123), media="print", axe=False),
        Mode(name="no script", size=(390, 844), script=False, axe=False),
    )
}
SCREENS = ("wide", "wide, dark", "telephone")
MOST = (*SCREENS, "desk, dark", "paper", "no script")


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A page, its kind, and the modes in which every run looks at it."""

    path: str
    kind: str
    modes: tuple[str, ...] = ("telephone",)


SMALL = (
    Stop(path="", kind="home", modes=(*SCREENS, "no script")),
    Stop(path="models/dpn98/", kind="model", modes=MOST),
    Stop(path="models/digits_cnn/", kind="model"),
    Stop(path="models/densenet264/", kind="model"),
    Stop(path="findings/", kind="findings", modes=SCREENS),
    Stop(path="models/", kind="models", modes=("wide", "telephone", "paper", "no script")),
    Stop(path="models/?macs.max=5&parameters.max=20&compare=dpn98,dla34", kind="models"),
    Stop(path="families/", kind="families"),
    Stop(path="families/dpn/", kind="family", modes=SCREENS),
    Stop(path="coverage/", kind="coverage"),
    Stop(path="changes/", kind="changes"),
    Stop(path="explore/?max.macs=5", kind="explore", modes=(*SCREENS, "no script")),
    Stop(path="compare/", kind="compare"),
    Stop(
        path="compare/?models=dpn98,dla34,densenet161,digits_cnn",
        kind="compare",
        modes=("wide, dark", "telephone"),
    ),
    Stop(path="machines/", kind="machines"),
    Stop(path="architecture/", kind="documentation"),
    Stop(path="zh/", kind="home", modes=()),
    Stop(path="zh/models/dpn98/", kind="model"),
    Stop(path="zh/findings/", kind="findings", modes=()),
)
LARGE = (
    Stop(path="", kind="home"),
    Stop(path=f"models/{LONGEST}/", kind="model", modes=("telephone", "paper")),
    Stop(path="models/dpn98_512/", kind="model"),
    Stop(path="models/", kind="models"),
    Stop(path="findings/", kind="findings", modes=("wide",)),
    Stop(path="families/", kind="families", modes=("wide",)),
    Stop(path="families/dpn/", kind="family", modes=()),
    Stop(path="coverage/", kind="coverage", modes=()),
    Stop(path="explore/", kind="explore", modes=()),
)
TIMM = (
    Stop(path="", kind="home"),
    Stop(path="models/resnet50/", kind="model"),
    Stop(path="models/vit_base_patch16_224/", kind="model"),
    Stop(path="models/", kind="models"),
    Stop(path="models/?search=resnet-50", kind="models"),
    Stop(path="explore/?max.macs=5", kind="explore", modes=(*SCREENS, "no script")),
    Stop(path="compare/?models=resnet50,resnet101", kind="compare"),
    Stop(path="findings/", kind="findings"),
    Stop(path="families/", kind="families"),
    Stop(path="families/resnet/", kind="family"),
    Stop(path="coverage/", kind="coverage"),
    Stop(path="changes/", kind="changes"),
)


def everything(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    """The same pages in all modes."""
    return tuple(replace(stop, modes=tuple(MODES)) for stop in stops)


def visits(browser: Browser, address: str, stops: tuple[Stop, ...]) -> Iterator[Visit]:
    """Go to each page once in each of its modes."""
    for mode in MODES.values():
        pages = [stop for stop in stops if mode.name in stop.modes]
        if not pages:
            continue
        context = browser.new_context(
            viewport={"width": mode.size[0], "height": mode.size[1]},
            color_scheme=mode.scheme,
            java_script_enabled=mode.script,
        )
        if mode.script:
            context.add_init_script(SHIFTS)
        for stop in pages:
            yield visit(context, mode, address, stop)
        context.close()


def visit(context: BrowserContext, mode: Mode, address: str, stop: Stop) -> Visit:
    """Go to a page and record all that a property asks for."""
    requests: list[str] = []
    errors: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda said: errors.append(said.text) if said.type in ("error", "warning") else None,
    )
    page.goto(address + stop.path, wait_until="load")
    page.locator("h1").first.wait_for()
    if mode.script:
        page.wait_for_function(LOADED)
    page.emulate_media(media=mode.media, color_scheme=mode.scheme)
    if mode.script:
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    record = page.evaluate(VISIT)
    printed = sheets(page) if mode.media == "print" and stop.kind == "model" else 0
    violations = list(broken(page)) if mode.axe else []
    page.close()
    return Visit(
        address=address,
        path=stop.path,
        kind=stop.kind,
        mode=mode.name,
        size=mode.size,
        page=record,
        requests=tuple(requests),
        errors=tuple(errors),
        violations=tuple(violations),
        printed=printed,
    )


def sheets(page: Page) -> int:
    """The number of A4 pages that Chromium prints."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def broken(page: Page) -> Iterator[str]:
    """The rules of axe that a page breaks, with the first places."""
    for violation in Axe().run(page, options=RULES).response["violations"]:
        places = [node["html"][:100] for node in violation["nodes"][:3]]
        yield f"{violation['id']} ({len(violation['nodes'])}): {places}"
