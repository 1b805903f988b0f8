"""Tables of pages as a part of an index."""

from zoo.model_index.dialects.base.claims import Origin
from zoo.model_index.dialects.base.drafts import Draft
from zoo.model_index.dialects.base.page import Page
from zoo.model_index.dialects.base.part import IndexPart
from zoo.model_index.dialects.page_tables.page import read_page
from zoo.model_index.dialects.page_tables.table_settings import TableSettings


def read_tables(page: Page, publisher: str, settings: TableSettings) -> IndexPart:
    """Return what the tables of a page state; their faults become those of the page."""
    whole = page.whole
    reading = read_page(whole.file, whole.text, whole.offset, publisher, settings)
    whole.faults += reading.faults
    origin = Origin(publisher, None, {})
    families = [
        Draft(reader=whole, items={}, path="", name=name, place=place, origin=origin)
        for name, place in reading.families.items()
    ]
    return IndexPart(
        keys=len(reading.tables),
        collections=families,
        entries=reading.entries,
        tables=reading.tables,
    )
