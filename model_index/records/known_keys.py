"""The keys of an entry that are read, or that published pages have in common."""

from zoo.model_index.quantities.table import QUANTITIES

# By where they stand, the keys that are read, or that published pages have in common. A quantity's
# spellings are known in Metadata and Metrics besides.
KNOWN = {
    "a model": (
        "Name, Publisher, Source, In Collection, Metadata, Results, Builder, Reported, Weights, "
        "Config, Code, README, Paper, Converted From, Full Name, Alias, Formerly, License, Image, "
        "Description, Citation, Input, Library, Version, URL, Tags, Title, "
        "Framework, Frameworks, Collections"
    ).split(", "),
    "Metadata": [
        *(row.label for row in QUANTITIES if not row.metric),
        *(
            "Architecture, Tasks, Training Data, Training Techniques, Training Resources, "
            "LR, Momentum, Weight Decay, Dropout, Hyperparameters, Pretrained Model, Optimizer, "
            "Min LR"
        ).split(", "),
    ],
    "a result": (
        "Task, Dataset, Metrics, Config, Weights, Source, Name, Split, Subset, Revision, Shots, "
        "Backbone, Hardware, Test Scale, Flip, TTA, Resolution, Precision"
    ).split(", "),
    "Metrics": [row.label for row in QUANTITIES if row.metric],
}
