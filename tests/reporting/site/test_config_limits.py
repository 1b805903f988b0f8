"""Settings of MkDocs that break our pages are refused with file, line and setting."""

from pathlib import Path

import pytest

from zoo.model_index.errors import IndexFaults
from zoo.reporting.site.mkdocs_config import sites

FOLDERS = "use_directory_urls: expected true, as the addresses of models are folders"
INSTANT = "expected no instant navigation, as scripts of our pages start with their page"
REFUSED = {
    "use_directory_urls: false\n": (2, FOLDERS),
    "use_directory_urls: !ENV [SITE_FLAT, false]\n": (2, FOLDERS),
    "theme:\n  name: material\n  features:\n  - navigation.top\n  - navigation.instant\n": (
        6,
        f"theme.features[1]: {INSTANT}",
    ),
    "theme: {name: material, features: [navigation.instant.prefetch]}\n": (
        2,
        f"theme.features[0]: {INSTANT}",
    ),
    "plugins:\n- search\n- offline\n": (4, "plugins.offline: expected a site with a server"),
    "plugins: {search: {}, offline: {}}\n": (2, "plugins.offline: expected a site with a server"),
}
ACCEPTED = (
    "use_directory_urls: true\n",
    "use_directory_urls: !ENV [SITE_FLAT, true]\n",
    "theme: material\nplugins: [search]\n",
    "theme: {name: material, features: [navigation.top]}\n",
    "plugins:\n- search\n- offline: {enabled: false}\n",
)


def read(folder: Path, text: str) -> None:
    (folder / "mkdocs.yml").write_text(f"site_name: Nets\n{text}")
    sites(folder / "mkdocs.yml", {})


@pytest.mark.parametrize("text", REFUSED)
def test_what_breaks_pages_is_refused(tmp_path: Path, text: str) -> None:
    line, words = REFUSED[text]
    with pytest.raises(IndexFaults) as caught:
        read(tmp_path, text)
    assert f"mkdocs.yml:{line}: {words}" in str(caught.value)


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_goes_is_accepted(tmp_path: Path, text: str) -> None:
    read(tmp_path, text)
