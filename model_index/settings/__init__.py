"""The settings of a repository: where they stand, what they say, and what a person has allowed."""
