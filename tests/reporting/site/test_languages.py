"""A language whose configuration states little: links of its pages lead where they should."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from zoo.cli.build import BUILDERS, Builder, completing
from zoo.reporting.site.build import write
from zoo.reporting.site.languages import Paths, complete
from zoo.reporting.site.mkdocs_config import sites
from zoo.reporting.views.catalogue import Zoo

THEME = Path(__file__).parents[3] / "reporting" / "theme"
LINK = re.compile(r'<(?:a|link|script)\b[^>]*?(?:href|src)="([^"]*)"')
ADDRESS = "https://zoo.example/zoo/"


def alternates(english: str, chinese: str) -> list[dict[str, str]]:
    return [
        {"name": "English", "link": english, "lang": "en"},
        {"name": "中文", "link": chinese, "lang": "zh"},
    ]


RELATIVE, ABSOLUTE = alternates("./", "./zh/"), alternates("/zoo/", "/zoo/zh/")
ENGLISH = f"""\
site_name: Nets
site_url: {ADDRESS}
theme: {{name: material, language: en, custom_dir: theme, font: false}}
nav: [index.md]
plugins: [search]
extra:
  method: method/
  translated: [models/, families/, changes/]
  alternate: ALTERNATE
extra_css: [assets/generated/zoo.css]
extra_javascript: [assets/generated/zoo.js]
validation: {{nav: {{omitted_files: ignore}}}}
"""
CHINESE = """\
INHERIT: mkdocs.yml
docs_dir: docs.zh
theme: {language: zh}
"""


def test_paths_of_the_first_site_are_seen_from_below() -> None:
    first = Paths(url=ADDRESS, method="counting/", alternates=RELATIVE)
    made = complete(first, Paths(), "zh")
    assert made["site_url"] == f"{ADDRESS}zh/"
    assert made["extra"]["root"] == "../" and made["extra"]["method"] == "../counting/"
    assert [link["link"] for link in made["extra"]["alternate"]] == ["../", "../zh/"]
    own = Paths(url="https://zh.example/", root="../../", method="m/", alternates=[])
    assert complete(first, own, "zh") == {}
    whole = complete(Paths(alternates=ABSOLUTE), Paths(root="../"), "zh")
    assert [link["link"] for link in whole["extra"]["alternate"]] == ["/zoo/", "/zoo/zh/"]


@pytest.fixture(scope="module")
def build(toy: Zoo, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Builds the site of two languages, and returns the folder that a host serves as its root."""

    def make(links: object, builder: Builder) -> Path:
        folder = tmp_path_factory.mktemp("languages")
        shutil.copytree(THEME, folder / "theme")
        text = ENGLISH.replace("ALTERNATE", json.dumps(links))
        (folder / "mkdocs.yml").write_text(text, encoding="utf-8")
        (folder / "mkdocs.zh.yml").write_text(CHINESE, encoding="utf-8")
        for name in ("docs/method.md", "docs.zh/about.md"):
            (folder / name).parent.mkdir()
            (folder / name).write_text("# A page\n\nWords.\n")
        for site in sites(folder / "mkdocs.yml", {}):
            write(toy, site.docs, site.settings)
            below = "" if site.settings.primary else site.settings.language
            with completing(site) as file:
                assert BUILDERS[builder](file, folder / "host" / "zoo" / below) == 0
        return folder / "host"

    return make


def leads_nowhere(host: Path) -> set[tuple[str, str]]:
    """The links of pages below a path of a host that lead to no file; 404.html is served for every
    address, so its links are seen from a deep one."""
    wrong = set()
    for page in host.rglob("*.html"):
        here = page.relative_to(host).as_posix()
        seen_from = here if page.name != "404.html" else "zoo/a/b/c"
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            if link.startswith("#"):
                continue
            place = urlsplit(urljoin(f"https://zoo.example/{seen_from}", link))
            path = host / unquote(place.path).lstrip("/")
            if place.netloc == "zoo.example" and place.scheme == "https":
                path = path / "index.html" if place.path.endswith("/") else path
                if not path.is_file():
                    wrong.add((here, link))
    return wrong


@pytest.mark.usefixtures("quick_figures")
@pytest.mark.parametrize(
    ("links", "builder"),
    [(RELATIVE, Builder.MKDOCS), (ABSOLUTE, Builder.MKDOCS), (RELATIVE, Builder.ZENSICAL)],
    ids=["relative", "absolute", "zensical"],
)
def test_a_site_below_a_path_has_no_bad_link(
    build: Callable[..., Path], links: list[dict[str, str]], builder: Builder
) -> None:
    host = build(links, builder)
    assert leads_nowhere(host) == set()
    page = (host / "zoo/zh/models/net10/index.html").read_text(encoding="utf-8")
    heads = re.findall(r'hreflang="([\w-]+)" href="([^"]*)"', page)
    assert heads == [
        ("en", f"{ADDRESS}models/net10/"),
        ("x-default", f"{ADDRESS}models/net10/"),
        ("zh", f"{ADDRESS}zh/models/net10/"),
    ]
    assert f'<link rel="canonical" href="{ADDRESS}zh/models/net10/">' in page
    picture = re.findall(r'property="og:image" content="([^"]*)"', page)
    assert picture == [f"{ADDRESS}downloads/share/model-net10.png"]
    assert (host / "zoo/downloads/share/model-net10.png").is_file()
    assert "http://127.0.0.1" not in page
    maps = re.findall("Sitemap: (.*)", (host / "zoo/robots.txt").read_text())
    assert maps == [f"{ADDRESS}sitemap.xml", f"{ADDRESS}zh/sitemap.xml"]
    for address in maps:
        listed = (host / address.removeprefix("https://zoo.example/")).read_text()
        assert f"<loc>{address.removesuffix('sitemap.xml')}models/net10/</loc>" in listed
