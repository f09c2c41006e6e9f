"""The worked examples hold the numbers of the texts."""

from __future__ import annotations

import numpy as np
import pytest

from playground.data.worked import SHARES, WorkedExample
from playground.facts import DataFacts
from playground.preparation import Preparation, prepare

EXAMPLES = tuple(WorkedExample.parameters["example"].choices)


@pytest.mark.parametrize("example", EXAMPLES)
def test_facts_agree_with_the_arrays_and_survive_the_file(example):
    data = prepare(WorkedExample(example=example).read(), Preparation(), seed=1)
    assert data.facts.counts["train"] == data.facts.counts["validation"] == len(data.splits["train"])
    for examples in data.splits.values():
        for name, shape in data.facts.inputs.items():
            assert examples.inputs[name].shape == (len(examples), *shape.sizes)
            assert examples.inputs[name].dtype == np.float32
        for name, target in data.facts.targets.items():
            values = examples.targets[name]
            if target.is_class:
                assert values.dtype == np.int64 and set(values) == set(range(len(target.classes)))
            else:
                assert values.shape == (len(examples), *target.shape.sizes)
    assert DataFacts.from_json(data.facts.to_json()) == data.facts


def test_scores_become_the_shares_by_softmax_and_both_forms_of_the_target_agree():
    examples = WorkedExample(example="losses").read().splits["train"]
    for number in ("1", "2"):
        raised = np.exp(examples.inputs[f"model_{number}"].astype(float))
        assert raised / raised.sum(axis=1, keepdims=True) == pytest.approx(np.array(SHARES[f"model_{number}"]))
        assert (
            examples.targets[f"shares_{number}"].argmax(axis=1).tolist() == examples.targets[f"label_{number}"].tolist()
        )


def test_the_gate_answers_the_opposite():
    examples = WorkedExample(example="not").read().splits["train"]
    assert examples.targets["label"].tolist() == (1 - examples.inputs["x"][:, 0]).tolist()
