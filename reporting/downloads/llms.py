"""Write `llms.txt`: the site in Markdown for language models, links to data before links to
pages."""

from collections.abc import Iterator

from zoo.reporting.pages.base import File, Site
from zoo.reporting.pages.json_ld import whole_address
from zoo.reporting.text.escape import one_line

MAX_LINE = 200  # characters of a description


def files(site: Site) -> Iterator[File]:
    """Yield `llms.txt`."""
    yield File("llms.txt", llms(site))


def llms(site: Site) -> str:
    """Return a title, a summary, and sections of links, in the format of llmstxt.org."""
    settings, catalogue = site.settings, site.catalogue
    summary = settings.description or (
        "Every number a model zoo publishes, checked against the live model."
    )
    lines = [
        f"# {_escape(settings.name)}",
        "",
        f"> {_escape(summary)}",
        "",
        "## Data",
        "",
        _link(site, "All models", "downloads/models.json", "values by column, with verdicts"),
        _link(site, "All models as CSV", "downloads/models.csv"),
        _link(
            site, "All findings", "downloads/findings.json", "claim, measurement, verdict, cause"
        ),
        _link(site, "Changes", "downloads/changes.json"),
        _link(site, "Schema of a model's file", "downloads/model.schema.json"),
    ]
    for family in catalogue.families:
        full_name = family.collection.text("full name") if family.collection else None
        lines += ["", f"## {_escape(family.name)}", ""]
        lines += [_escape(full_name), ""] if full_name else []
        lines += [
            _link(site, model.name, f"downloads/models/{model.slug}.json")
            for model in family.models
        ]
    return "\n".join(lines) + "\n"


def _link(site: Site, name: str, path: str, description: str = "") -> str:
    # the file lies at the site's root, so a path is right where the address is not known
    link = f"- [{_escape(name)}]({whole_address(site, path) or path})"
    return f"{link}: {description}" if description else link


def _escape(text: str) -> str:
    """Return one line without Markdown and without control characters."""
    line = one_line(text)[:MAX_LINE]
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in line if c.isprintable())
