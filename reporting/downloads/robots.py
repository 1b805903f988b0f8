"""Write `robots.txt`: every page may be read, and here are the maps of the site.

Search engines read it at the root of a host only. A site below a path may still name it there.
"""

from collections.abc import Iterator

from zoo.reporting.pages.base import File, Site


def files(site: Site) -> Iterator[File]:
    """Yield `robots.txt`; it names no map where the site's address is not known, as a map has whole
    addresses only."""
    yield File("robots.txt", robots(site.settings.url, site.settings.languages))


def robots(url: str, languages: tuple[str, ...]) -> str:
    """Return the file of a site at an address, with sites of other languages in folders of it."""
    lines = ["User-agent: *", "Allow: /"]
    if url:
        base = url.rstrip("/")
        lines += [f"Sitemap: {base}/{folder}sitemap.xml" for folder in folders(languages)]
    return "\n".join(lines) + "\n"


def folders(languages: tuple[str, ...]) -> list[str]:
    """Return the folders of all languages, as a part of an address."""
    return ["", *(f"{language}/" for language in languages)]
