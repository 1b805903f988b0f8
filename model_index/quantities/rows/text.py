"""Scores of speech recognition, translation, summaries, answers and language models."""

from zoo.model_index.quantities.parse import parse_number
from zoo.model_index.quantities.rows.metrics import LOWER, number_metric, percent_metric

SPEECH = "automatic speech recognition"
TRANSLATION = "translation"
SUMMARIES = "summarization"
ANSWERS = "question answering"
LANGUAGE = "text generation"
CLASSIFICATION = "classification"

ROWS = (
    percent_metric("wer", "WER", SPEECH, ("wer", "word error rate"), better=LOWER, most=None),
    percent_metric("cer", "CER", SPEECH, ("cer", "character error rate"), better=LOWER, most=None),
    percent_metric(
        "word_accuracy",
        "Word Accuracy",
        "text recognition",
        ("word accuracy", "word acc", "wordacc"),
    ),
    percent_metric("bleu", "BLEU", TRANSLATION, ("bleu", "bleu score")),
    percent_metric("bleu4", "BLEU-4", "image captioning", ("bleu 4", "b 4")),
    number_metric("cider", "CIDEr", "image captioning", ("cider",), parse=parse_number),
    percent_metric("rouge1", "ROUGE-1", SUMMARIES, ("rouge 1", "r 1")),
    percent_metric("rouge2", "ROUGE-2", SUMMARIES, ("rouge 2", "r 2")),
    percent_metric("rougel", "ROUGE-L", SUMMARIES, ("rouge l", "rougel", "r l")),
    percent_metric("rougelsum", "ROUGE-Lsum", SUMMARIES, ("rouge lsum", "rougelsum")),
    percent_metric("f1", "F1", CLASSIFICATION, ("f1", "f1 score")),
    percent_metric(
        "macro_f1", "Macro F1", CLASSIFICATION, ("macro f1", "f1 macro", "macro f1 score")
    ),
    percent_metric(
        "micro_f1", "Micro F1", CLASSIFICATION, ("micro f1", "f1 micro", "micro f1 score")
    ),
    percent_metric("accuracy", "Accuracy", CLASSIFICATION, ()),
    percent_metric("precision", "Precision", CLASSIFICATION, ("precision",)),
    percent_metric("recall", "Recall", CLASSIFICATION, ("recall",)),
    percent_metric("exact_match", "Exact Match", ANSWERS, ("exact match", "em", "exactmatch")),
    number_metric(
        "perplexity",
        "Perplexity",
        LANGUAGE,
        ("perplexity", "ppl"),
        parse=parse_number,
        better=LOWER,
    ),
)
