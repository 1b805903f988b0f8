"""Published quantities: their values, notations and the table that describes them."""
