"""Descriptions of the keys of an index, which an editor shows beside them."""

METADATA = {
    "Architecture": "The building blocks.",
    "Tasks": "What the model does.",
    "Training Data": "The data sets it was trained on.",
    "Training Techniques": "How it was trained.",
    "Training Resources": "What it was trained on, such as 8x V100 GPUs.",
    "LR": "The learning rate.",
    "Momentum": "Of the optimiser.",
    "Weight Decay": "Of the optimiser.",
    "Dropout": "The share of activations dropped.",
}
RESULT = {"Task": "Such as Image Classification.", "Dataset": "The data set's name."}
REPORTED = {"Publisher": "Who states it.", "Source": "The address of the page it stands on."}
MODEL = {
    "Name": "The model's name; it is built by this name where there is no ID and no Builder.",
    "Publisher": "Who states the figures of this entry, if not the Library.",
    "Source": "The address of the page they stand on.",
}
LINKS = {
    "Weights": "Weights: an address, hf:OWNER/NAME, package:NAME/PATH, or a path beside the index; "
    "a list for several.",
    "Config": "The path of its configuration.",
    "Code": "Where its code is.",
    "README": "The path of its page.",
    "Paper": "Its paper, by Title and URL.",
    "Converted From": "The weights and code that it was converted from.",
}
COLLECTION = {
    "Name": "The name models refer to.",
    "Full Name": "For people.",
    "Description": "Plain text.",
    "Publisher": "Who states the figures of its models, if not the Library.",
    "Source": "The address of the page they stand on.",
}
PAPERS = {
    "Paper": "By Title and URL.",
    "Citation": "BibTeX.",
    "Code": "Where its code is.",
    "README": "The path of its page.",
}
LIBRARY = {
    "Name": "The publisher's name.",
    "Docs": "The address of the page the figures stand on.",
    "Headline": "One line about it.",
    "Website": "Its address.",
    "Repository": "The address of its code.",
}
