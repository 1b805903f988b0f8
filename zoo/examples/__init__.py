"""The model that this project publishes itself, so that an accuracy can be checked where nothing
can be downloaded.

An index may name module classes of this package as builders, without trusting anything. Evidence
about such a model is as old as this package's source, so what is not about the models does not
belong here.
"""
