"""What of an MkDocs configuration that nobody trusts is refused, with its line; what passes."""

import shutil
from pathlib import Path

import pytest

from zoo.model_index.errors import UsageError
from zoo.reporting.site.code_in_config import find_risks, refuse_code
from zoo.reporting.site.init import plan, write
from zoo.reporting.site.mkdocs_config import sites

ROOT = Path(__file__).parents[3]
HARMLESS = """\
site_name: !ENV [SITE_NAME, Nets]
theme:
  name: material
  icon: {repo: fontawesome/brands/github}
plugins:
- search: {lang: [en, zh], separator: '[ ]'}
- tags
- offline: {enabled: !ENV [CI, false]}
markdown_extensions:
- admonition
- toc:
    permalink: true
    slugify: !!python/object/apply:pymdownx.slugs.slugify {kwds: {case: lower}}
- pymdownx.emoji:
    emoji_index: !!python/name:material.extensions.emoji.twemoji
    emoji_generator: !!python/name:material.extensions.emoji.to_svg
- pymdownx.superfences:
    custom_fences:
    - name: mermaid
      class: mermaid
      format: !!python/name:pymdownx.superfences.fence_code_format
extra:
  zoo: {columns: [Year]}
"""
# Each with the lines that are named.
RISKS = {
    "hooks: [h.py]": [1],
    "hooks:\n- h.py\n": [2],
    "site_name: !!python/object/apply:os.system [id]": [1],
    "site_name: !!python/name:os.system": [1],
    "extra:\n  a:\n  - !!python/module:this": [3],
    "extra: {a: !!python/object/new:os.system [id]}": [1],
    "site_name: !!binary aWQ=": [1],
    "!ENV [NONE, hooks]: [h.py]": [1],
    "? !!python/name:os.system\n: 1": [1],
    "? [a]\n: 1": [1],
    "site_name: !ENV HF_TOKEN": [1],
    "copyright: !ENV [SITE_A, HF_TOKEN, x]": [1],
    "plugins: [search, macros]": [1],
    "plugins:\n  macros: {}\n": [2],
    "plugins: [!ENV [SITE_A, macros]]": [1],
    "plugins: !ENV [SITE_A, [macros]]": [1],
    "plugins:\n- search:\n    prebuild_index: node": [3],
    "plugins:\n- search: !ENV [SITE_A, {prebuild_index: node}]": [2],
    "plugins:\n- search:\n    jieba_dict: /etc/passwd": [3],
    "plugins: [social]": [1],
    "plugins:\n- search\nplugins:\n- macros": [4],
    "a: &a {hooks: [h.py]}\n<<: *a": [1],
    "a: &a {plugins: [macros]}\n<<: [*a]": [1],
    "theme: strange": [1],
    "theme: {name: null}": [1],
    "theme:\n  name: material\n  custom_dir: theme\n": [3],
    "theme: {custom_dir: ..}": [1],
    "markdown_extensions: [evil]": [1],
    "markdown_extensions: [tabbed]": [1],
    "markdown_extensions: [pymdownx.snippets]": [1],
    "markdown_extensions:\n- toc:\n    slugify: !!python/name:os.system": [3],
    "markdown_extensions:\n- pymdownx.emoji:\n    emoji_generator: os.system": [3],
    "markdown_extensions:\n- pymdownx.emoji:\n    options: {custom_icons: [/etc]}": [3],
    "markdown_extensions:\n  pymdownx.superfences:\n    custom_fences: [{format: os.system}]": [3],
    "x: &x\n- toc: {slugify: !!python/object/apply:pymdownx.slugs.slugify {state: [1]}}\n"
    "markdown_extensions: *x": [1, 2],
    "mdx_configs: {toc: {}}": [1],
    "extra_templates: [a.html]": [1],
    "extra: {zoo: {templates: ours}}": [1],
    "extra: {Zoo: {Templates: ours}}": [1],
    "docs_dir: ../other": [1],
    "docs_dir: /etc": [1],
    "Docs_Dir: /etc": [1],
    "site_dir: /etc": [1],
    "watch: [/]": [1],
    "INHERIT: ../mkdocs.yml": [1],
    "something_new: 1": [1],
    'site_name: a\ndocs_dir: "a\\0b"': [2],
    "a: {b: c? d: e}": [1],  # libyaml reads it, MkDocs does not
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "theme").mkdir(parents=True)
    (folder / "theme" / "main.html").write_text("{{ ''.__class__.__mro__ }}")
    return folder / "mkdocs.yml"


@pytest.mark.parametrize("text", RISKS)
def test_what_may_run_code_is_found_with_its_line(config: Path, text: str) -> None:
    config.write_text(text)
    risks = find_risks(config)
    assert sorted({risk.line for risk in risks}) == RISKS[text], risks


def test_usual_configurations_pass(config: Path) -> None:
    config.write_text(HARMLESS)
    assert find_risks(config) == []


def test_what_this_project_writes_passes(tmp_path: Path) -> None:
    for name in ("mkdocs.yml", "mkdocs.zh.yml"):
        assert find_risks(ROOT / name) == []
    write(tmp_path, plan(tmp_path)[0])
    assert find_risks(tmp_path / "mkdocs.yml") == []
    (tmp_path / "overrides" / "404.html").write_text("{{ 1 }}")
    (risk,) = find_risks(tmp_path / "mkdocs.yml")
    assert risk.reason == "overrides/404.html is run as a template"
    (tmp_path / "overrides" / "404.html").unlink()
    (tmp_path / "overrides" / "main.html").write_text("{{ 1 }}")
    (risk,) = find_risks(tmp_path / "mkdocs.yml")
    assert risk.reason == "overrides/main.html is run as a template"


def test_a_configuration_is_as_safe_as_what_it_inherits_from(config: Path) -> None:
    config.write_text("INHERIT: base/a.yml\nsite_name: Nets\n")
    (config.parent / "base").mkdir()
    (config.parent / "base" / "a.yml").write_text("INHERIT: b.yml\n")
    (config.parent / "base" / "b.yml").write_text("site_name: a\nhooks: [h.py]\n")
    (risk,) = find_risks(config)
    assert (risk.file, risk.line) == (str(config.parent / "base" / "b.yml"), 2)


def test_the_message_says_what_to_type(config: Path) -> None:
    config.write_text("site_name: Nets\nhooks: [h.py]\n")
    (config.parent / "mkdocs.zh.yml").write_text("docs_dir: docs.zh\nplugins: [macros]\n")
    with pytest.raises(UsageError) as caught:
        refuse_code(sites(config, {}))
    assert str(caught.value).splitlines() == [
        f"{config}:2: hooks: h.py is run as code",
        f"{config.parent}/mkdocs.zh.yml:2: plugins: macros is code of another package",
        f"{config} is not trusted, so none of this is used; --trust-config or --config {config} "
        "trusts it",
    ]


def test_links_of_the_documentation_do_not_lead_out(config: Path, tmp_path: Path) -> None:
    config.write_text("site_name: Nets\n")
    (tmp_path / "secret").mkdir()
    docs = config.parent / "docs"
    (docs / "below").mkdir(parents=True)
    (docs / "below" / "up").symlink_to(docs)
    refuse_code(sites(config, {}))
    (docs / "below" / "out").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match=f"{docs}/below/out: is a link that leads out of"):
        refuse_code(sites(config, {}))
    shutil.rmtree(docs)
    docs.symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="leads out of"):
        refuse_code(sites(config, {}))
