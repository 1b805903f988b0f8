"""What is claimed and what was measured: records, reading, linting and the ledger's files.

This package never imports torch and never touches the network.
"""
