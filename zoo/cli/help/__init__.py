"""The help of commands: examples, then options by panel."""
