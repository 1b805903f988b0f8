"""What a site's configuration says, each fault with its line; templates that are replaced one by
one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.model_index.errors import IndexFaults, UsageError
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.mkdocs_config import sites
from zoo.reporting.site.render import render_pages, site_of
from zoo.reporting.views.catalogue import Zoo


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., list]:
    def read(text: str, environment: dict[str, str] | None = None, **others: str) -> list:
        (tmp_path / "mkdocs.yml").write_text(text, encoding="utf-8")
        for language, more in others.items():
            (tmp_path / f"mkdocs.{language}.yml").write_text(more, encoding="utf-8")
        return sites(tmp_path / "mkdocs.yml", environment or {})

    return read


def test_usual_settings(configured: Callable[..., list], tmp_path: Path) -> None:
    (site,) = configured("site_name: Nets\n")
    assert site.docs == tmp_path / "docs"
    assert site.settings == Settings(name="Nets")


def test_everything_that_can_be_set(configured: Callable[..., list], tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (site,) = configured(
        "site_name: Nets\nsite_url: !ENV [SITE, 'https://a.example/']\ndocs_dir: pages\n"
        "site_description: All nets\n"
        "extra:\n  zoo:\n"
        "    source: https://git.example/blob/main\n"
        "    templates: ours\n    columns: [Year, Training Data]\n    renamed: {old: new}\n"
        "    files: [cards, badges]\n"
        "markdown_extensions:\n- x:\n    y: !!python/name:os.system\n",
        {"SITE": "https://b.example/"},
    )
    settings = site.settings
    assert site.docs == tmp_path / "pages"
    assert (settings.url, settings.source) == (
        "https://b.example/",
        "https://git.example/blob/main/",
    )
    assert (settings.templates, settings.columns) == (tmp_path / "ours", ("Year", "Training Data"))
    assert settings.files == ("badges", "cards")
    assert settings.renamed == {"old": "new"} and settings.description == "All nets"


def test_every_fault_has_its_line(configured: Callable[..., list]) -> None:
    with pytest.raises(IndexFaults) as caught:
        configured(
            "extra:\n  zoo:\n    columns: {a: b}\n    source: javascript:x\n"
            "    templates: nowhere\n    colums: [Year]\n    files: [badges, cardz]\n"
        )
    text = str(caught.value)
    for line, told in (
        (3, "extra.zoo.columns"),
        (4, "an http or https address"),
        (5, "a folder"),
        (6, "one of source"),
        (7, "one of badges, quantity badges, cards"),
    ):
        assert f"mkdocs.yml:{line}: " in text and told in text


def test_other_languages_inherit(configured: Callable[..., list], tmp_path: Path) -> None:
    first, chinese = configured(
        "site_name: Nets\nsite_url: https://a.example/\nextra: {zoo: {columns: [Year]}}\n",
        zh="INHERIT: mkdocs.yml\nsite_name: 网络\ndocs_dir: docs.zh\ntheme: {language: zh}\n"
        "site_url: https://a.example/zh/\n",
        xx="INHERIT: mkdocs.yml\n",
    )
    assert (first.settings.primary, chinese.settings.primary) == (True, False)
    assert (chinese.settings.language, chinese.settings.name, chinese.docs) == (
        "zh",
        "网络",
        tmp_path / "docs.zh",
    )
    assert chinese.settings.columns == first.settings.columns == ("Year",)
    assert chinese.settings.url == "https://a.example/"


def test_without_a_configuration_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="no such file; run in a folder with an MkDocs configuration"
    ):
        sites(tmp_path / "mkdocs.yml", {})


def test_a_theme_that_opens_what_is_hidden_is_known(
    configured: Callable[..., list], tmp_path: Path
) -> None:
    (tmp_path / "theme").mkdir()
    text = "theme: {name: material, custom_dir: theme}\n"
    assert not configured(text)[0].settings.hides_html
    (tmp_path / "theme" / "main.html").write_text("<!--zoo: :zoo-->")
    assert configured(text)[0].settings.hides_html


def test_templates_are_replaced_one_by_one(toy: Zoo, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "home.md.j2").write_text('# Ours\n\n{% include "zoo/home.md.j2" %}\n')
    (tmp_path / "model" / "numbers.j2").write_text(
        "## {{ model.name }} has {{ numbers.total }} claims\n"
    )
    made = {
        page.path: text for page, text in render_pages(site_of(toy, Settings(templates=tmp_path)))
    }
    plain = {page.path: text for page, text in render_pages(site_of(toy, Settings()))}
    assert "\n# Ours\n" in made["index.md"] and 'class="hero"' in made["index.md"]
    assert "## net10 has " in made["models/net10.md"] and 'id="evidence"' in made["models/net10.md"]
    assert made["families/net.md"] == plain["families/net.md"]


def test_a_mistake_in_a_template_has_its_file_and_line(toy: Zoo, tmp_path: Path) -> None:
    for text in ("# a\n{{ nothing_like_this }}\n", "# a\n{% if %}\n"):
        (tmp_path / "home.md.j2").write_text(text)
        with pytest.raises(UsageError, match=r"home\.md\.j2:2: "):
            {
                page.path: text
                for page, text in render_pages(site_of(toy, Settings(templates=tmp_path)))
            }
        (tmp_path / "home.md.j2").unlink()
        tmp_path = tmp_path / "next"
        tmp_path.mkdir()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("!ENV SITE", "https://b.example/"),
        ("!ENV [SITE]", "https://b.example/"),
        ("!ENV [NONE]", ""),
        ("!ENV NONE", ""),
        ("!ENV [NONE, SITE, x]", "https://b.example/"),
        ("!ENV [NONE, x]", "x"),
        ("SITE", "SITE"),
    ],
)
def test_an_address_from_the_environment(
    configured: Callable[..., list], text: str, address: str
) -> None:
    (site,) = configured(f"site_name: Nets\nsite_url: {text}\n", {"SITE": "https://b.example/"})
    assert site.settings.url == address


def test_two_languages_in_one_folder_are_refused(configured: Callable[..., list]) -> None:
    with pytest.raises(
        UsageError, match=r"mkdocs\.zh\.yml: docs_dir is also that of .*mkdocs\.yml"
    ):
        configured("site_name: Nets\n", zh="site_name: Nets\ntheme: {language: zh}\n")


def test_a_configuration_that_inherits_from_itself_is_a_fault(
    configured: Callable[..., list],
) -> None:
    with pytest.raises(IndexFaults, match="INHERIT: expected another file"):
        configured("INHERIT: mkdocs.yml\nsite_name: Nets\n")
