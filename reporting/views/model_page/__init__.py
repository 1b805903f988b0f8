"""What the page of a model shows: its head, tiles, table of claims, evidence and neighbours."""
