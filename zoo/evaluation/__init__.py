"""Is a published accuracy true? Data, labels, predictions and what follows from them.

Nothing here is imported before a command needs it, so modules of this package may import torch,
timm and numpy at their top.
"""
