from html.parser import HTMLParser

from reporting.highlight import highlighted

CODE = 'import timm\n\nmodel = timm.create_model("a<b>", pretrained=True)  # `ticks` and ~tildes~\n'


def text(html: str) -> str:
    """What a reader sees, and copies."""
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(html)
    return "".join(found)


def test_what_is_copied_is_the_code() -> None:
    made = highlighted(CODE, "python", '"a<b>"')
    assert text(made) == CODE.rstrip("\n") + "\n" and "<b>" not in made
    assert not set("`~") & set(made)  # which the Markdown parser would take for a fence


def test_the_code_is_in_an_element_that_scrolls_and_has_the_themes_button() -> None:
    assert highlighted(CODE, "python").startswith('<div class="highlight"><pre><span></span><code>')


def test_only_what_has_a_colour_is_marked() -> None:
    made = highlighted("x = 1 + y\n", "python")
    assert made.count("<span class=") == 1 and '<span class="mi">1</span>' in made
