"""The picture of a choice: names of models do not meet."""

import re

from zoo.reporting.plots.choice_plot import ABOVE, ChoiceTexts, Ring, draw_choice, frame_of

TEXTS = ChoiceTexts(label="", x="", y="", limit="")
SPOTS = [(1.0, 75.0), (2.0, 78.7), (4.0, 82.2), (90.0, 85.0)]


def heights(other: float) -> dict[str, tuple[float, float]]:
    """The height of the ring and of the name of each model."""
    rings = [Ring("other", 2.0, other, False), Ring("subject", 4.0, 82.2, True)]
    picture = draw_choice(SPOTS, frame_of(SPOTS), 0, rings, TEXTS)
    found = re.findall(r'cy="([\d.]+)" r="6"/><text[^>]* y="([\d.]+)"[^>]*>(\w+)<', picture)
    return {name: (float(ring), float(text)) for ring, text, name in found}


def test_names_of_two_rings_do_not_meet() -> None:
    frame = frame_of(SPOTS)
    meeting = 82.2 - 2 * ABOVE / (frame.y(81.2) - frame.y(82.2))
    for score in (meeting - 0.3, meeting, meeting + 0.3, 75.0, 84.0):
        names = heights(score)
        assert abs(names["other"][1] - names["subject"][1]) >= ABOVE, score
        assert names["subject"][1] > names["subject"][0]


def test_a_name_stands_above_its_ring_where_there_is_room() -> None:
    ring, name = heights(75.0)["other"]
    assert name < ring
