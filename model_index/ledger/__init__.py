"""The ledger: evidence as JSON documents, its records, history and checks."""
