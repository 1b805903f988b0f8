"""What all dialects share: pages, drafts of models, and reading claims."""
