"""What all dialects share: pages, drafts of models and their records, and reading claims."""
