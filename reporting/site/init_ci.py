"""The CI files of `zoo init`: GitHub's workflow, or GitLab's jobs."""

from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from zoo.reporting.site.init_settings import read_project

NAME = "model-zoo-ledger"
INSTALLS = "pip install ."
GITHUB = """\
name: zoo
on: [push, pull_request]
permissions:
  contents: read
jobs:
  zoo:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@v5
    - uses: actions/setup-python@v6
      with: {python-version: "3.12"}
    - run: pip install "REQUIREMENT"
    - run: PACKAGE # what the builders need
    - uses: actions/cache/restore@v4 # evidence is measured once
      with:
        path: ${{ runner.temp }}/zoo-ledger # a pull request cannot put files there
        key: zoo-ledger-${{ github.run_id }}
        restore-keys: zoo-ledger-
    # --trust-settings: the settings of a pull request may let its code run, as its tests do
    - run: zoo verify --trust-settings --ledger $RUNNER_TEMP/zoo-ledger --format github
    - run: zoo build --trust-settings --ledger $RUNNER_TEMP/zoo-ledger
    - uses: actions/cache/save@v4
      if: always() && github.ref_name == github.event.repository.default_branch
      with:
        path: ${{ runner.temp }}/zoo-ledger
        key: zoo-ledger-${{ github.run_id }}
    - uses: actions/upload-artifact@v4
      with: {name: site, path: site}
"""
GITLAB = """\
zoo:
  image: python:3.12
  cache: {key: zoo-ledger, paths: [.zoo-ledger/]} # evidence is measured once
  script:
  - pip install "REQUIREMENT"
  - PACKAGE # what the builders need
  - test -z "$(git ls-files .zoo-ledger)" # evidence of the merge request is none
  # --trust-settings: the settings of a merge request may let its code run, as its tests do
  - zoo verify --trust-settings --ledger .zoo-ledger --audit 5% --also junit=zoo.xml
  - zoo build --trust-settings --ledger .zoo-ledger --site public
  artifacts:
    paths: [public]
    reports: {junit: zoo.xml}
"""


def ci_file(root: Path, remote: str) -> dict[str, str]:
    """Return the CI file for the host of the repository, by its path."""
    gitlab = urlsplit(remote).hostname == "gitlab.com"
    path, text = (".gitlab-ci.yml", GITLAB) if gitlab else (".github/workflows/zoo.yml", GITHUB)
    installs = (root / "setup.py").is_file() or "project" in read_project(root)
    lines = [
        line.replace("PACKAGE", INSTALLS).replace("REQUIREMENT", requirement())
        for line in text.splitlines(keepends=True)
        if installs or "PACKAGE" not in line
    ]
    return {path: "".join(lines)}


def requirement() -> str:
    """Return what pip installs: this package from its repository, as long as no index has it."""
    urls = metadata.metadata(NAME).get_all("Project-URL") or []
    repository = dict(url.split(", ", 1) for url in urls).get("Repository")
    return f"{NAME}[live,site]" + (f" @ git+{repository}" if repository else "")
