"""Read remote files over HTTP: probe them, read parts of them, download them."""
