"""TODO reporting/i18n."""
