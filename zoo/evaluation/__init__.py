"""Evaluate models on images: data sets, labels, predictions, and the accuracies they give.

No module outside of this chapter imports it before a command needs it, so its modules may import
torch, timm and numpy at their top.
"""
