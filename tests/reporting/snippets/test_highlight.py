from html.parser import HTMLParser

from zoo.reporting.snippets.highlight import highlight_code

CODE = 'import timm\n\nmodel = timm.create_model("a<b>", pretrained=True)  # `ticks` and ~tildes~\n'


class Text(HTMLParser):
    """What a reader sees, and copies."""

    said = ""

    def handle_data(self, data: str) -> None:
        self.said += data


def text(html: str) -> str:
    parser = Text()
    parser.feed(str(html))
    return parser.said


def test_what_is_copied_is_the_code() -> None:
    html = highlight_code(CODE, "python", '"a<b>"')
    assert text(html) == CODE.rstrip("\n") + "\n" and "a<b>" not in html
    assert not set("`~") & set(html)  # which the Markdown parser would take for a fence


def test_only_what_has_a_colour_is_marked() -> None:
    html = highlight_code('x = "1" + y\n', "python")
    assert html == 'x = <i>"1"</i> + y\n'
    assert highlight_code("import x  # y", "python") == "<b>import</b> x  <em># y</em>\n"


def test_a_name_that_is_put_in_has_the_colour_of_text() -> None:
    html = highlight_code(CODE, "python", '"a<b>"')
    assert '<i>"a&lt;b&gt;"</i>' in html


def test_no_character_of_code_is_hidden() -> None:
    assert highlight_code("a = 'b\u202ec\x1b'\n\tpass", "python").count("\ufffd") == 2
