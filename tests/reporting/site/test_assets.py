"""The assets of a site: one style of every page, joined from its parts and small."""

import gzip

from zoo.reporting.site.assets import ASSETS, PARTS, assets, zoo_css


def test_the_style_of_every_page_is_one_file_and_its_parts_are_none() -> None:
    written = dict(assets())
    assert written["assets/generated/zoo.css"] == zoo_css()
    assert not [path for path in written if "/css/" in path or path.endswith("tokens.css")]
    for part in PARTS:
        assert (ASSETS / "css" / f"{part}.css").read_bytes() in zoo_css()


def test_style_and_script_of_every_page_are_small() -> None:
    written = dict(assets())
    for path, kilobytes in {"zoo.css": 9, "zoo.js": 4}.items():
        assert len(gzip.compress(written[f"assets/generated/{path}"])) <= kilobytes * 1024
