"""Plan and write the files of `zoo init`: an index, settings, the site's configuration, a theme
folder and a CI file, each only where it is missing."""

import re
import stat
from configparser import ConfigParser, Error
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from zoo.model_index.errors import ZooError
from zoo.model_index.io.atomic import replace_atomically
from zoo.model_index.load import load
from zoo.model_index.settings.read import PROJECT
from zoo.reporting.site.init_ci import ci_file
from zoo.reporting.site.init_settings import has_settings, list_own_packages, settings_file
from zoo.reporting.text.yaml_block import scalar

THEME = Path(__file__).parents[1] / "theme"
LARGEST = 5_000_000  # bytes of a file that is searched for an index
GENERATED_FOLDERS = (
    "assets/generated badges changes compare coverage downloads explore families feeds findings"
    " leaderboards machines models"
).split()
IGNORED = (
    "/ledger/",
    "/site/",
    "/docs/.generated.json",
    "/docs/index.md",
    "/docs/llms.txt",
    "/docs/robots.txt",
    *(f"/docs/{name}/" for name in GENERATED_FOLDERS),
)
PATTERNS = "*.yml *.yaml */*.yml */*.yaml */*/*.yml */*/*.yaml *.md */*.md".split()
EXAMPLE = """\
# A model index: what is claimed of each model, as it is printed elsewhere. `zoo verify` checks
# every number. This model of timm's is an example: `zoo add MODEL` writes an entry for yours.
Collections:
- Name: DLA
  Full Name: Deep Layer Aggregation
Models:
- Name: dla46_c
  In Collection: DLA
  Builder: timm:dla46_c # torchvision:resnet18 and package.module:callable are understood too
  Metadata:
    Parameters: 1.30 M # rounded to the digits it is printed with
    Image Size: 224
    Tasks: [Image Classification]
"""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of the plan; `left` says why it is not written. `addition` is put at the end of an
    existing file."""

    path: str
    text: str
    left: str = ""
    addition: bool = False


def plan(root: Path) -> tuple[list[PlannedFile], list[str]]:
    """Return every file that a site needs, and the commands to run next.

    Raises:
        ZooError: where the folder is a file.
    """
    if root.exists() and not root.is_dir():
        raise ZooError(f"{root}: is no folder")
    index = _indexes(root)
    remote = _remote(root)
    overrides = {
        f"overrides/{path.relative_to(THEME).as_posix()}": path.read_text(encoding="utf-8")
        for path in sorted(THEME.rglob("*.html"))
    }
    files = {
        "model_index/models.yml": EXAMPLE,
        **settings_file(root, index or ["model_index"]),
        "mkdocs.yml": configuration(root, remote),
        **overrides,
        ".gitignore": "".join(f"{line}\n" for line in IGNORED),
        **ci_file(root, remote),
    }
    return [_plan(root, path, text, index) for path, text in files.items()], next_commands(
        root, index
    )


def write(root: Path, wanted: list[PlannedFile]) -> None:
    """Write the planned files, but for those that are left alone.

    Raises:
        ZooError: where the folder cannot be written.
    """
    for planned in wanted:
        if planned.left:
            continue
        path = root / planned.path
        try:
            if planned.addition:
                _append(path, planned.text)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            # "x" spares a file that somebody wrote meanwhile.
            with path.open("x", encoding="utf-8") as file:
                file.write(planned.text)
        except FileExistsError:
            continue
        except OSError as error:
            raise ZooError(f"{path}: cannot be written: {error.strerror or error}") from error


def _append(path: Path, text: str) -> None:
    """Add lines to the end of a file, as its other lines end."""
    before = path.read_bytes().decode("utf-8")
    end = "\r\n" if "\r\n" in before else "\n"
    gap = "" if not before or before.endswith("\n") else end
    mode = stat.S_IMODE(path.stat().st_mode)
    lines = text.replace("\n", end)
    with replace_atomically(path) as file:
        file.write(f"{before}{gap}{lines}".encode())
    path.chmod(mode)


def _plan(root: Path, path: str, text: str, index: list[str]) -> PlannedFile:
    """Return what becomes of a file: written, left alone, or some lines longer."""
    target = root / path
    if path.startswith("model_index/") and index and not target.exists():
        return PlannedFile(path, text, f"left out: {', '.join(index)} is the index")
    parts = [part for part in (target, *target.parents) if part != root and root in part.parents]
    if any(part.is_symlink() for part in parts):
        return PlannedFile(path, text, "left alone: it is a link, or below one")
    if not target.exists():
        return PlannedFile(path, text)
    if path == PROJECT:
        left = "left alone: it has [tool.zoo]" if has_settings(root) else ""
        return PlannedFile(path, text, left, addition=True)
    if path == ".gitignore":
        lines = target.read_text(encoding="utf-8", errors="replace").split()
        missing = "".join(f"{line}\n" for line in text.split() if line not in lines)
        left = "" if missing else "left alone: it has all of it"
        return PlannedFile(path, missing, left, addition=True)
    return PlannedFile(path, text, "left alone: it is there")


def _indexes(root: Path) -> list[str]:
    """Return the files and top folders of the repository that hold an index."""
    paths: list[Path] = []
    for pattern in PATTERNS:
        for path in sorted(root.glob(pattern)):
            plain = path.is_file() and not path.is_symlink() and not path.name.startswith("mkdocs.")
            if (
                plain
                and not any(part.startswith(".") for part in path.relative_to(root).parts)
                and _reads(path)
            ):
                paths.append(path.relative_to(root))
    folders = {path.parts[0] if len(path.parts) > 1 else path.as_posix() for path in paths}
    return sorted(folders)


def _reads(path: Path) -> bool:
    """Return whether a file is an index that has a model."""
    try:
        if path.stat().st_size > LARGEST:
            return False
        return bool(load([path]).entries)
    except (OSError, UnicodeDecodeError, ZooError):
        return False


def _remote(root: Path) -> str:
    """Return the web address of the remote `origin`; empty where there is none."""
    parser = ConfigParser(strict=False)
    try:
        parser.read(root / ".git" / "config", encoding="utf-8")
    except (Error, UnicodeDecodeError):
        return ""
    address = parser.get('remote "origin"', "url", fallback="", raw=True)
    match = re.fullmatch(
        r"(?:https://|ssh://git@|git@)([\w.-]+)(?::\d+(?=/))?[:/]([\w./-]+?)(?:\.git)?/?", address
    )
    return f"https://{match[1]}/{match[2]}" if match else ""


def configuration(root: Path, remote: str) -> str:
    """Return the text of `mkdocs.yml`."""
    name = root.resolve().name or "zoo"
    pages = _pages_address(remote)
    site = (
        f"site_url: {scalar(pages)}"
        if pages
        else "# site_url: https://example.org/zoo/ # for sitemap.xml, pictures of links, badges"
    )
    lines = [
        f"site_name: {scalar(f'{name} model zoo')}",
        "site_description: Every number checked against the live model.",
        site,
        *([f"repo_url: {scalar(remote)}"] if remote else []),
        "",
        "theme:",
        "  name: material",
        "  language: en",
        "  custom_dir: overrides",
        "  font: false # no request leaves the site",
        "  # logo: assets/logo.svg",
        "  features: [navigation.tabs, navigation.top, content.code.copy, toc.follow]",
        "",
        "nav: # models and families stay out of it: a thousand pages would cost a minute a build",
        "- Home: index.md",
        "- Models: models/index.md",
        "- Families: families/index.md",
        "- Explore: explore/index.md",
        "- Compare: compare/index.md",
        "- Machines: machines/index.md",
        "- Verification:",
        "  - Findings: findings/index.md",
        "  - Coverage: coverage/index.md",
        "  - Changes: changes/index.md",
        "",
        "plugins:",
        "- search:",
        "    separator: '[\\s\\u200b\\-_,:!=\\[\\]()/]+|\\.(?!\\d)'",
        "",
        "extra:",
        "  generator: false",
        "  built: # of the footer; zoo build sets them",
        '    date: !ENV [SITE_DATE, ""]',
        '    version: !ENV [SITE_VERSION, ""]',
        '    commit: !ENV [SITE_COMMIT, ""]',
        "  zoo:" if remote else "  # zoo:",
        *([f"    source: {scalar(f'{remote}/blob/HEAD/')}"] if remote else []),
        "    # columns: [Year]          # fields of the index that become columns",
        "    # templates: zoo_templates  # templates taken before the ones that ship",
        "    # renamed: {old: new}       # old addresses lead to the new ones",
        "    # files: [badges]           # an SVG and a JSON of each model, for a README",
        "",
        "extra_css: [assets/generated/zoo.css]",
        "extra_javascript: [assets/generated/zoo.js]",
        "",
        "markdown_extensions: [admonition, tables, {toc: {permalink: true}}, pymdownx.highlight, "
        "pymdownx.superfences]",
        "",
        "validation:",
        "  nav: {omitted_files: ignore}",
    ]
    return "\n".join(lines) + "\n"


def _pages_address(remote: str) -> str:
    """Return the address at which GitHub or GitLab serves the repository's pages."""
    host, path = urlsplit(remote).hostname or "", urlsplit(remote).path.strip("/")
    owner, _, name = path.partition("/")
    service = {"github.com": "github.io", "gitlab.com": "gitlab.io"}.get(host)
    if not service or not name:
        return ""
    own_site = f"{owner.lower()}.{service}"
    return f"https://{own_site}/" if name.lower() == own_site else f"https://{own_site}/{name}/"


def next_commands(root: Path, index: list[str]) -> list[str]:
    """Return the commands that a user runs next."""
    own = ", ".join(list_own_packages(root, index))
    trust = [f"zoo trust   # lets the index call {own}"] if own else []
    return [*trust, "zoo verify", "zoo build", "zoo serve"]
