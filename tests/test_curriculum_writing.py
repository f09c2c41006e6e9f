"""The rows of networks that write (C9–C11, D6, D7): what their presets say of themselves is true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from playground.data.recognise import in_place_of, recognise  # noqa: E402
from playground.decoding import Decoder, write  # noqa: E402
from playground.probes.writing import Writing, place_of  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import preset  # noqa: E402

SHARED = Path(__file__).parents[2] / "shared" / "data"

ANSWERING = (
    *("letters-of-a-digit", "letters-of-a-digit-zh", "reversal", "reversal-attention"),
    *("date-rewriting", "date-transformer"),
)
GOING_ON = ("character-model", "character-model-zh", "next-character-transformer")


def trained(name: str, shared: str = "") -> Trainer:
    experiment = preset(name)
    if shared:
        if not (SHARED / shared).exists():
            pytest.skip("the shared files are not here")
        experiment = replace(experiment, source=in_place_of(experiment.source, recognise(SHARED / shared)))
    trainer = Trainer(experiment, device="cpu")
    for _ in trainer.steps():
        pass
    return trainer


def exact(trainer: Trainer, split: str) -> float:
    """Write the answers to all examples of a split, 200 at a time; return the share that is right to the end."""
    place = place_of(trainer.report, replace(trainer.experiment, facts=trainer.data.facts))
    assert place is not None
    known, examples = trainer.data.vocabularies[place.field], trainer.data.splits[split]
    start, end, right = known.index("<start>"), known.index("<end>"), 0
    for first in range(0, len(examples), 200):
        some = examples.take(slice(first, first + 200))
        whole = {name: trainer.feeds.entering(name, some.inputs[name]) for name in some.inputs if name != place.field}
        decoder = Decoder(trainer.network, place.output, place.field, whole)
        wanted = torch.as_tensor(some.targets[place.target])
        steps = list(write(decoder, torch.full((len(some), 1), start), end=end, most=wanted.shape[1]))
        tokens = torch.stack([step.tokens for step in steps], dim=1)
        tokens = torch.nn.functional.pad(tokens, (0, wanted.shape[1] - tokens.shape[1]), value=end)
        right += int(((tokens == wanted) | (wanted < 0)).all(dim=1).sum())
    return right / len(examples)


@pytest.mark.parametrize("name", [*ANSWERING, *GOING_ON])
def test_the_networks_of_the_presets_go_on_from_what_they_remember(name):
    trainer = Trainer(preset(name), device="cpu")
    place = place_of(trainer.report, trainer.experiment)
    assert place is not None and place.running == (name in GOING_ON)
    one = trainer.data.splits["validation"].take(slice(0, 1)).inputs
    whole: dict[str, Any] = {key: trainer.feeds.entering(key, one[key]) for key in one if key != place.field}
    assert Decoder(trainer.network, place.output, place.field, whole).goes_on
    assert Writing().measure(trainer) is not None


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_attention_long_rows_do_not_fit_into_the_state():
    without, attending = trained("reversal"), trained("reversal-attention")
    assert exact(without, "validation") < 0.8 < 0.95 <= exact(attending, "validation")
    examples = without.data.splits["validation"]
    lengths = torch.as_tensor(examples.lengths["source"])
    forced = without.network({name: torch.as_tensor(values) for name, values in examples.inputs.items()})["output_1"]
    wanted = torch.as_tensor(examples.targets["next"])
    right = ((forced.argmax(dim=2) == wanted) | (wanted < 0)).all(dim=1).double()
    assert right[lengths <= 8].mean() > 0.85 > 0.4 > right[lengths >= 14].mean()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_greedy_decoding_is_exact_on_most_dates_that_were_never_seen():
    trainer = trained("date-transformer")
    assert exact(trainer, "test") == pytest.approx(trainer.evaluate("test").metrics["exact"], abs=1e-9)
    assert exact(trainer, "test") > 0.9


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_small_transformer_learns_100_pairs_by_heart():
    trainer = trained("translation-100", "multi30k")
    assert exact(trainer, "train") == 1.0
    assert exact(trainer, "validation") < 0.1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_character_of_shakespeare_costs_at_most_1_65_nats():
    trainer = trained("character-model", "tinyshakespeare")
    assert trainer.evaluate("validation").metrics["loss"] <= 1.65
