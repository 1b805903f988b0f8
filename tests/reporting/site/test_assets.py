"""The assets of a site: one style of every page, joined from its parts and small."""

import gzip

from zoo.reporting.site.assets import (
    ASSETS,
    PARTS,
    assets,
    compact_css,
    compact_js,
    zoo_css,
)


def test_the_style_of_every_page_is_one_file_and_its_parts_are_none() -> None:
    written = dict(assets())
    assert written["assets/generated/zoo.css"] == compact_css(zoo_css())
    assert not [path for path in written if "/css/" in path or path.endswith("tokens.css")]
    for part in PARTS:
        assert (ASSETS / "css" / f"{part}.css").read_bytes() in zoo_css()


def test_style_and_script_of_every_page_are_small() -> None:
    written = dict(assets())
    for path, kilobytes in {"zoo.css": 9, "zoo.js": 4}.items():
        assert len(gzip.compress(written[f"assets/generated/{path}"])) <= kilobytes * 1024


def test_blanks_and_comments_of_a_style_stay_behind() -> None:
    style = b"""/* why */
    a > b, c  :is(d) { margin: 0 calc(1px + 2px) ; content: "x:  {/* y */}; ";
      background: url(data:image/svg+xml;a,  b) }
    @media (min-width: 9px) { e { color: red; } }
    """
    assert compact_css(style) == (
        b'a > b,c :is(d){margin:0 calc(1px + 2px);content:"x:  {/* y */}; ";'
        b"background:url(data:image/svg+xml;a,  b)}@media (min-width:9px){e{color:red}}\n"
    )


def test_lines_of_comment_of_a_script_stay_behind() -> None:
    script = b"""// why\n(() => {\n  // how\n  go("https://a.example/"); // not this\n})();\n"""
    assert compact_js(script) == b'(() => {\ngo("https://a.example/"); // not this\n})();\n'


def test_no_text_of_a_script_spans_lines() -> None:
    """Its indentation could not be left out."""
    for file in ASSETS.glob("*.js"):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            assert line.count("`") % 2 == 0, f"{file.name}:{number}"
