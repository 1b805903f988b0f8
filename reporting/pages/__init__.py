"""The Markdown pages of the site, a module each."""
