"""TODO model_index/ledger."""
