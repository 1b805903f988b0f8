"""What changed: changes in words, and the page that lists them by date."""
