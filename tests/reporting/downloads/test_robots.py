"""What search engines may read, and where the maps of the site are."""

from zoo.reporting.downloads.robots import robots


def test_maps_are_named_by_whole_addresses_alone() -> None:
    assert robots("", ("zh",)) == "User-agent: *\nAllow: /\n"
    assert robots("https://zoo.example/x", ("zh",)).splitlines()[2:] == [
        "Sitemap: https://zoo.example/x/sitemap.xml",
        "Sitemap: https://zoo.example/x/zh/sitemap.xml",
    ]
