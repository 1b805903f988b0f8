"""Files for programs beside the pages: JSON, CSV, BibTeX and badges."""
