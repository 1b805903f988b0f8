"""Views of the index and the evidence: what pages, plots, cards and gates show."""
