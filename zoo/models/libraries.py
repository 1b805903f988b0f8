"""The libraries whose registries of models are known.

Their module classes may run without trust, and their version alone identifies their code.
"""

LIBRARIES = ("timm", "torchvision")
