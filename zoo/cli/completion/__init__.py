"""Completion of command lines in bash, zsh and fish: commands, options and values.

Nothing here imports torch, runs code of the folder, or prints an error.
"""
