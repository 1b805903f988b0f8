"""Count multiply-adds and parameters of live models, under every counting convention."""
