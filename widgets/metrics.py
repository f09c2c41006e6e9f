"""What metrics are called, what they mean, and which of them is told first."""

from __future__ import annotations

from collections.abc import Iterable

from playground.experiment import Experiment
from playground.text import Sentence, note, tr

METRICS = (
    *("energy_distance", "iou", "entity_f1", "exact", "perplexity"),
    *("accuracy", "f1", "r2", "mse", "mae", "loss"),
)
"""Which metric the result chip prefers."""

NAMED = {
    "r2": note("R²"),
    "energy_distance": note("energy distance"),
    "entity_f1": note("entity F1"),
    "exact": note("exact"),
    "perplexity": note("perplexity"),
}
"""Metrics that are not written as files call them."""

TOLD = {
    "entity_f1": note("Entity F1: a name counts where it begins, ends and is called as it should (CoNLL)"),
    "exact": note("Exact: the share of answers that are right from the first token to the end"),
    "perplexity": note("Perplexity: among how many tokens it still hesitates, e to the mean loss of a token"),
}
"""What metrics mean whose name alone does not say it."""

TITLES = {
    "loss": note("Loss"),
    "accuracy": note("Accuracy"),
    "f1": "F1",
    "entity_f1": note("Entity F1"),
    "exact": note("Exact answers"),
    "perplexity": note("Perplexity"),
    "iou": note("Overlap (IoU)"),
    "box_iou": note("Overlap of boxes (IoU)"),
    "r2": note("R²"),
    "mse": note("Mean squared error"),
    "mae": note("Mean absolute error"),
    "energy_distance": note("Energy distance"),
    "generator_loss": note("Generator's loss"),
    "real_accuracy": note("Real ones told"),
    "generated_accuracy": note("Generated ones told"),
}
"""What each is called by itself, in a list or above a picture."""

SHARES = frozenset({"accuracy", "f1", "entity_f1", "exact", "iou", "box_iou", "real_accuracy", "generated_accuracy"})
"""Metrics between 0 and 1."""


def title_of(metric: str) -> str:
    """Say what a metric is called; where several Outputs have it, of which one."""
    name, _, output = metric.partition(".")
    title = str(Sentence(TITLES[name])) if name in TITLES else name
    return tr("{metric} of {node}", metric=title, node=output) if output else title


def in_order(there: Iterable[str]) -> list[str]:
    """Return the metrics that have no picture of their own, those first that say most."""
    metrics = [one for one in dict.fromkeys(there) if one.partition(".")[0] not in ("loss", "generator_loss")]
    return sorted(metrics, key=lambda one: METRICS.index(one) if one in METRICS else len(METRICS))


def main_metric(experiment: Experiment, there: Iterable[str]) -> str:
    """Return which of the metrics that were evaluated says most: what the document promises, else accuracy."""
    there = list(there)
    promised = experiment.result.metric if experiment.result is not None else ""
    promised = "" if promised == "loss" else promised  # that has a place of its own
    order = (promised, "accuracy", *(metric for metric in METRICS if metric != "loss"))
    for metric in order:
        for one in there:
            if metric and (one == metric or one.startswith(f"{metric}.")):
                return one
    return next((one for one in there if one.partition(".")[0] not in ("loss", "generator_loss")), "")
