"""The sizes that plots are drawn at: each for one width of the screen, in units of about a pixel.

The text of a plot is 12 units high. A screen of a phone shows 358 units in 358 pixels, so that no
text is smaller than 11 pixels there.
"""

from typing import NamedTuple


class Canvas(NamedTuple):
    """Width, height and margins of a drawing; `lowest` is where the area of the points ends."""

    width: int
    height: int
    left: int = 40
    right: int = 12
    top: int = 10
    bottom: int = 44

    @property
    def lowest(self) -> int:
        return self.height - self.bottom

    @property
    def rightmost(self) -> int:
        return self.width - self.right


WIDE = Canvas(760, 400)
NARROW = Canvas(358, 290, left=34, right=8)
PANEL = Canvas(368, 226, left=34, right=10)  # some stand side by side
SMALL = Canvas(358, 210, left=30, right=8)  # beside the code of a model's page
