"""Read the tables of a page or a file as grids of cells that know their places."""
