"""Training: a generator of steps over one experiment, its evaluation, its checkpoints.

The same experiment, seed and number of threads give the same loss at every step, wherever the Trainer runs: in
the window's engine, watched or not, in a test, on the command line. Everything random is drawn from the seed:
first weights node by node, the order of the examples from a generator of its own, dropout from torch's global
generator, which nothing but training steps touches.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from playground import layers
from playground.alternating import NotFinite, Verdict, contest
from playground.borrowing import begin_with
from playground.carrying import Carried
from playground.data import Data, Examples
from playground.devices import resolve_device
from playground.experiment import Experiment
from playground.feeding import Feeds, Wanted
from playground.judging import Tally, judge, places, tally
from playground.network import Network, first_not_finite, look
from playground.optimising import Pace, Pull, make_optimiser, take_step
from playground.ordering import ordering
from playground.preparation import prepare
from playground.progress import part
from playground.text import Refusal, Sentence, say
from playground.trimming import cuts

EVALUATE_EVERY = 50
"""An evaluation comes at the end of an epoch, but not before so many steps have gone by since the last."""

TRAINED_PER_EVALUATED = 5
"""Nor before so many examples have been trained on for each that it looks at: that keeps it to some 5 % of the time."""

EVALUATION_BATCH = 256
"""Examples that go through at once when nothing is learnt; more would only leave the processor's caches."""

GLANCE = 250
"""Training examples that an evaluation during training looks at; all of them where there are fewer."""


class Evaluation(NamedTuple):
    """How well the network did on a split after so many steps."""

    step: int
    split: str
    metrics: Mapping[str, float]


class Step(NamedTuple):
    """One step of training: its number from 1, its epoch from 1, the loss of its batch, evaluations made after it."""

    number: int
    epoch: int
    loss: float
    evaluations: tuple[Evaluation, ...] = ()


class Diverged(Refusal):
    """The loss is no longer a number; `node` is where it began, `step` the step that was not taken."""

    def __init__(self, sentence: Sentence, node: str, step: int) -> None:
        super().__init__(sentence)
        self.node = node
        self.step = step


class Trainer:
    """One run of an experiment, between two steps at any time.

    Attributes:
        experiment, report, data: what is trained, its analysis with the facts of the data, the examples (numpy).
        network, optimiser: as torch has them.
        feeds: what brings the examples to the network.
        number, epoch: steps taken, and the epoch of the last one.
        steps_per_epoch: batches in the training set.
        pace: the learning rate of every step.
        notes: what questions about the run keep between two answers; nothing else reads it.
        carried: what is remembered from batch to batch, where these go along a text.
        stopped: whether it ended early, since what validates did not become better.
        device: where it runs.
    """

    def __init__(self, experiment: Experiment, data: Data | None = None, device: str = "auto") -> None:
        settings = experiment.training
        self.experiment = experiment
        self.data = data if data is not None else read_data(experiment)
        self.report = experiment.examined(self.data.facts)
        if self.report.blocking:
            problem = self.report.blocking[0]
            raise Blocked(problem.message, problem.node)
        self.device = resolve_device(device)
        torch.set_num_threads(settings.threads)
        self.network = Network(self.report, settings.seed, settings.initialisation)
        if experiment.start is not None:
            begin_with(self.network, experiment.start, self.report.graph)
        self.network.to(self.device)
        found = self.report.outputs
        self.contest = contest(self.network, self.report, settings, self.device)
        self._parameters = list(self.network.parameters()) if self.contest is None else self.contest.own
        self.optimiser = make_optimiser(settings.optimiser, self._parameters, self.device)
        self.judges = [judge(id, block) for id, block in found.items() if not block.adversarial]
        wanted = [Wanted(one.block.target, one.prepare) for one in self.judges]
        cut = cuts(self.report, self.network, self.data.facts)
        self.feeds = Feeds(self.data, experiment.preparation, wanted, self.device, settings.seed, cut)
        self._count = len(self.data.splits["train"])
        self._batch = min(settings.batch_size, self._count)
        self._refuse_lone_examples()
        follows = self.data.splits["train"].follows
        self.carried = Carried(self.network) if settings.order == "along" and follows is not None else None
        how = "random" if settings.order == "along" and self.carried is None else settings.order
        self._ordering = ordering(how, self._count, self._batch, self._lone_batch_breaks(), self.feeds.lengths)
        self.steps_per_epoch = self._ordering.steps
        for module in self.network.modules() if settings.optimiser.through_steps else ():
            if isinstance(module, layers.Step):
                module.through = True
        self.penalising: list[Any] = [module for module in self.network.modules() if hasattr(module, "penalty")]
        self.pace = Pace(settings, settings.epochs * self.steps_per_epoch)
        self.pull = Pull(settings, self._parameters)
        self.mixed = settings.precision == "mixed" and self.device.type == "cuda"
        self._best: dict[str, Tensor] = {}
        self.stopped = False
        self.notes: dict[str, Any] = {}
        self.number = 0
        self._evaluated = 0
        validating = len(self.data.splits.get("validation", ()))
        self._glance = {"train": min(GLANCE, self._count)} | ({"validation": validating} if validating else {})
        rest = TRAINED_PER_EVALUATED * sum(self._glance.values()) / self._batch
        self._evaluate_every = max(EVALUATE_EVERY, math.ceil(rest))
        self._position = self.steps_per_epoch  # in the epoch; at its end, so that the first step begins a new one
        self._take_up(torch.empty(0, dtype=torch.int64))
        self._shuffle = torch.Generator().manual_seed(settings.seed)
        torch.manual_seed(settings.seed)

    # -- taking steps ------------------------------------------------------------------------------------------

    @property
    def epoch(self) -> int:
        """The epoch of the last step, from 1; 0 before the first."""
        return math.ceil(self.number / self.steps_per_epoch)

    def steps(self, until: int | None = None) -> Iterator[Step]:
        """Take step after step, up to step `until` (by default: as many epochs as the experiment says)."""
        if until is None:
            until = self.experiment.training.epochs * self.steps_per_epoch
        feed = self.feeds.train
        learn = self._learn if self.contest is None else self._compete
        self.network.train()
        self.stopped = False
        while self.number < until and not self.stopped:
            index = self._next_batch()
            batch, wanted = feed.batch(index)
            if self.carried is not None:
                self.carried.goes_on(self._follows("train", index, first=self._position == 1))
            if feed.ahead and self._position < self.steps_per_epoch:
                feed.expect(self._batch_at(self._position))
            value = learn(batch, wanted)
            self.number += 1
            yield Step(self.number, self.epoch, value, self._evaluations_due(until))

    def _learn(self, batch: Mapping[str, Tensor], wanted: list[Tensor]) -> float:
        """Take a step on a batch and return its loss."""
        if self.mixed:
            with torch.autocast("cuda", torch.bfloat16):
                answers = self.network(batch)
            answers = {id: answer.float() for id, answer in answers.items()}
        else:
            answers = self.network(batch)
        loss = self.loss_of(answers, wanted)
        for module in self.penalising:
            loss = loss + module.penalty()
        value = float(loss.item())
        if not math.isfinite(value):
            raise self._diverged(batch, answers, wanted)
        if loss.requires_grad:  # else nothing in front of the Outputs has weights
            if self.pace.changes:
                self.apply_learning_rate()
            for parameter in self._parameters:
                parameter.grad = None
            loss.backward()  # type: ignore[no-untyped-call]
            if self.pull.active:
                self.pull()
            take_step(self.optimiser)
        return value

    def _compete(self, batch: Mapping[str, Tensor], wanted: list[Tensor]) -> float:
        """Let generator and discriminator take a step on a batch; return the discriminator's loss."""
        assert self.contest is not None
        try:
            return self.contest.learn(self, batch, wanted)
        except NotFinite:
            raise self._diverged(batch, self.network(batch), wanted) from None

    def _next_batch(self) -> Tensor:
        """Return the numbers of the next batch's examples, shuffling anew at the start of every epoch."""
        if self._position >= self.steps_per_epoch:
            self._take_up(self._ordering.next(self._shuffle))
            self._position = 0
        self._position += 1
        return self._batch_at(self._position - 1)

    def _take_up(self, order: Tensor) -> None:
        """Go through the examples in this order from now on."""
        self._order = order
        self._order_there = order.to(self.feeds.train.place)

    def _batch_at(self, position: int) -> Tensor:
        """Return the numbers of the examples of a batch of this epoch."""
        start = position * self._batch
        return self._order_there[start : start + self._batch]

    def loss_of(self, answers: Mapping[str, Tensor], targets: list[Tensor]) -> Tensor:
        """Weigh up the losses of all Outputs with a target."""
        judges = self.judges
        if len(judges) == 1 and judges[0].block.weight == 1.0:
            return judges[0].loss(answers[judges[0].id], targets[0])
        parts = [j.block.weight * j.loss(answers[j.id], t) for j, t in zip(judges, targets, strict=True)]
        return torch.stack(parts).sum()

    def _diverged(self, batch: Mapping[str, Tensor], answers: Mapping[str, Tensor], targets: list[Tensor]) -> Diverged:
        node = first_not_finite(self.network, batch)
        if not node:  # every value is a number still: squared, or weighed, one is too large
            found = zip(self.judges, targets, strict=True)
            node = next((j.id for j, t in found if not torch.isfinite(j.loss(answers[j.id], t))), "")
        step = self.number + 1
        if node:
            sentence = say(
                "the loss of step {step} is not a number: it began at {node}; lower the learning rate and reset",
                step=step,
                node=node,
            )
        else:
            sentence = say("the loss of step {step} is not a number; lower the learning rate and reset", step=step)
        return Diverged(sentence, node, step)

    def _refuse_lone_examples(self) -> None:
        """Refuse batches of one where a BatchNorm sees a single number of each feature: it has no statistics."""
        for id, node in self.report.nodes.items():
            module = self.network.module_at(id)
            lone = isinstance(module, nn.modules.batchnorm._BatchNorm) and node.shape.count == node.weights["weight"][0]
            if lone and self._batch == 1:
                raise Blocked(say("a batch of one example has no statistics to normalise by; make batches larger"), id)

    def _lone_batch_breaks(self) -> bool:
        """Whether the last batch of an epoch would hold one example, for which batch statistics do not exist."""
        normalised = any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in self.network.modules())
        return normalised and self._count % self._batch == 1 and self._batch > 1

    # -- judging -----------------------------------------------------------------------------------------------

    def _evaluations_due(self, until: int) -> tuple[Evaluation, ...]:
        """Evaluate at the end of an epoch once enough has been trained, and after the very last step."""
        at_end = self._position >= self.steps_per_epoch
        if self.number < until and not (at_end and self.number - self._evaluated >= self._evaluate_every):
            return ()
        made = self.glance()
        self._learn_from(made)
        self.network.train()
        return made

    def _learn_from(self, made: tuple[Evaluation, ...]) -> None:
        """Slow down on a plateau, and stop early where that is wished and nothing has become better for long."""
        patience = self.experiment.training.patience
        judged = next((one for one in made if one.split == "validation"), None)
        if judged is None or not (patience or self.experiment.training.schedule.patience):
            return
        # That of a discriminator rises where its generator becomes better: there the samples are judged.
        told = judged.metrics["loss" if self.contest is None else "energy_distance"]
        if self.pace.heard(told) and patience:
            self._best = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        if self.pace.plateaus:
            self.apply_learning_rate()
        if patience and self.pace.since >= patience:
            self.stopped, self.pace.since = True, 0
            if self._best:
                self.network.load_state_dict(self._best)

    def glance(self) -> tuple[Evaluation, ...]:
        """Evaluate as during training: all that validates, and the first of the training examples."""
        self._evaluated = self.number
        return tuple(self.evaluate(split, most) for split, most in self._glance.items())

    def evaluate(self, split: str, most: int | None = None) -> Evaluation:
        """Measure loss and metrics on a split in eval mode: on all of it, or on the first `most` examples."""
        if split not in self.feeds.splits:
            raise Refusal(say("the data has no {split} examples", split=split))
        count = min(len(self.data.splits[split]), most or sys.maxsize)
        losses = dict.fromkeys((one.id for one in self.judges), 0.0)
        judged = dict.fromkeys(losses, 0)
        tallies: dict[str, Tally] = {}
        verdict = Verdict(self.contest) if self.contest is not None else None
        penalty = 0.0
        for start, inputs, targets in self._pieces(split, count):
            if verdict is None:
                answers = look(self.network, inputs, judged)
            else:
                answers = verdict.look(self.network, inputs, judged, start)
            for module in self.penalising:
                penalty += len(next(iter(inputs.values()))) / count * module.penalty().item()
            for one, target in zip(self.judges, targets, strict=True):
                n = places(one.block, target)
                if not n:
                    continue
                judged[one.id] += n
                losses[one.id] += n * one.block.weight * one.loss(answers[one.id], target).item()
                tallies.setdefault(one.id, tally(one.block, target, self.data.facts)).add(answers[one.id], target)
        total = penalty + sum(losses[id] / n for id, n in judged.items() if n)
        found = {"loss": total if all(judged.values()) else math.nan}
        if verdict is not None:
            found = verdict.metrics(besides=found["loss"])
        for id, counted in tallies.items():
            for name, value in counted.metrics().items():
                found[name if len(judged) == 1 else f"{name}.{id}"] = value
        return Evaluation(self.number, split, found)

    def _pieces(self, split: str, count: int) -> Iterator[tuple[int, dict[str, Tensor], list[Tensor]]]:
        """Yield the first examples of a split in batches, each with the number of its first one."""
        feed = self.feeds.splits[split]
        if self.carried is None:
            for start in range(0, count, EVALUATION_BATCH):
                yield start, *feed.piece(start, min(start + EVALUATION_BATCH, count))
            return
        steps = math.ceil(count / min(self._batch, count))
        with self.carried.apart():
            for at in range(steps):
                index = torch.arange(at, count, steps)
                self.carried.goes_on(self._follows(split, index, first=at == 0))
                yield at, *feed.batch(index.to(feed.place))

    def _follows(self, split: str, index: Tensor, first: bool) -> Tensor:
        """Say which examples go on where those of the batch before ended."""
        follows = self.data.splits[split].follows
        if first or follows is None:
            return torch.zeros(len(index), dtype=torch.bool)
        return torch.as_tensor(follows)[index.cpu()]

    def look(
        self, inputs: Mapping[str, Any], keep: Iterable[str], graded: bool = False, rehearsed: bool = False
    ) -> dict[str, Tensor]:
        """Run inputs as the data have them (batch first) through in eval mode; see `playground.probes.Subject`."""
        entering = {name: self.feeds.entering(name, values) for name, values in inputs.items()}
        kept = look(self.network, entering, keep, graded, rehearsed)
        return kept if self.contest is None else self.contest.of_real(kept)

    @property
    def went_back(self) -> bool:
        """Whether the weights are no longer those of the last step: early stopping has put the best ones back."""
        return self.stopped and bool(self._best)

    @property
    def batch(self) -> Examples:
        """The examples of the last step; before the first, as many from the beginning."""
        chosen = self._batch_at(self._position - 1) if self.number else self._order
        return self.data.splits["train"].take(chosen.cpu().numpy() if len(chosen) else slice(0, self._batch))

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next step on; the schedule goes on from where it is."""
        self.pace.rate = value
        self.apply_learning_rate()

    def apply_learning_rate(self) -> None:
        """Give the optimiser the learning rate of the next step."""
        rate = self.pace.at(self.number)
        for group in self.optimiser.param_groups:
            group["lr"] = rate

    def close(self) -> None:
        """End what prepares batches in the background; it would end by itself when nobody holds the Trainer."""
        self.feeds.close()


class Blocked(Refusal):
    """The graph has a problem that keeps it from being trained; `node` is where."""

    def __init__(self, sentence: Sentence, node: str) -> None:
        super().__init__(say("{node}: {problem}", node=node, problem=sentence) if node else sentence)
        self.bare = sentence
        self.node = node


def read_data(experiment: Experiment) -> Data:
    """Read the experiment's data and prepare them as it says."""
    with part(0.0, 0.8):
        data = experiment.source.read()
    with part(0.8, 1.0):
        return prepare(data, experiment.preparation, experiment.training.seed)
