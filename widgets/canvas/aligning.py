"""How far across each card and bend of a row stands: chains and long wires straight, what branches around the middle.

Links that shall be straight join cards and bends into beams. A beam moves as a whole: first all stand as close
together as they may, then beams are pulled to what they are linked with, those that touch together (the pendulum
method of G. Sander), until nothing moves much; at last each takes the very height of its neighbours where it can.
No Qt.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from widgets.canvas.geometry import GRID
from widgets.canvas.ordering import Link, Row

ROUNDS = 24


class Gap(NamedTuple):
    """Two beams beside each other somewhere: the second stands at least so far behind the first."""

    first: int
    second: int
    apart: float


class Pull(NamedTuple):
    """A link between two beams: the second wants to stand so far behind the first."""

    first: int
    second: int
    apart: float
    weight: float


def align(row: Row, apart: Callable[[int, int], float]) -> list[float]:
    """Return how far across the middle of each card and bend stands; `apart` says how close two may come."""
    beams = Beams(row, _straight(row), apart)
    for _ in range(ROUNDS if len(row.names) < 2000 else ROUNDS // 2):
        if beams.swing() < GRID / 4:
            break
    beams.settle()
    return [beams.at[beams.of[i]] + beams.shift[i] for i in range(len(row.names))]


def _straight(row: Row) -> list[Link | None]:
    """Choose the links that shall be straight; return for each card and bend the one that leads on from it."""
    place = [0] * len(row.names)
    for layer in row.layers:
        for i, one in enumerate(layer):
            place[one] = i
    onward: list[Link | None] = [None] * len(row.names)
    taken = [False] * len(row.names)
    wanted = _wishes(row)
    for layer in row.layers:
        links = [link for one in layer for link in row.after[one] if wanted.get(link)]
        links.sort(key=lambda link: -wanted[link])
        kept: list[tuple[int, int]] = []  # in order, at both ends: none crosses another
        for link in links:
            if onward[link.source] is not None or taken[link.target]:
                continue
            ends = (place[link.source], place[link.target])
            at = bisect_left(kept, ends)
            if (at and kept[at - 1][1] > ends[1]) or (at < len(kept) and kept[at][1] < ends[1]):
                continue
            kept.insert(at, ends)
            onward[link.source] = link
            taken[link.target] = True
    return onward


def _wishes(row: Row) -> dict[Link, int]:
    """Say which links want to be straight, and how much: long wires, then the longest way through the row."""
    behind, ahead = _lengths(row)
    found: dict[Link, int] = {}
    to: dict[int, Link | None] = {}
    come: dict[int, Link | None] = {}
    for i in range(len(row.names)):
        if row.firm[i]:
            to[i] = _favourite([li for li in row.after[i] if row.firm[li.target]], lambda li: ahead[li.target])
            come[i] = _favourite([li for li in row.before[i] if row.firm[li.source]], lambda li: behind[li.source])
    for i, name in enumerate(row.names):
        for link in row.after[i]:
            if not name and not row.names[link.target]:
                found[link] = 1_000_000
            elif row.firm[i] and row.firm[link.target]:
                if to[i] == link and come[link.target] == link:
                    found[link] = 1000 + behind[i] + ahead[link.target]
                elif to[i] and come[link.target] and link in (to[i], come[link.target]):
                    found[link] = 100
            else:
                found[link] = 1
    return found


def _favourite(links: list[Link], length: Callable[[Link], int]) -> Link | None:
    """Choose among the links of a card: the one on the longest way, else the middle one; of an even number none."""
    if len(links) < 2:
        return links[0] if links else None
    longest = max(map(length, links))
    best = [link for link in links if length(link) == longest]
    if len({(link.source, link.target) for link in best}) == 1:
        return best[len(best) // 2]
    return links[len(links) // 2] if len(links) % 2 else None


def _lengths(row: Row) -> tuple[list[int], list[int]]:
    """Return the most cards on a way that leads to, and away from, each card or bend."""
    behind, ahead = [0] * len(row.names), [0] * len(row.names)
    for layer in row.layers:
        for one in layer:
            before = max((behind[link.source] for link in row.before[one]), default=0)
            behind[one] = before + bool(row.names[one])
    for layer in reversed(row.layers):
        for one in layer:
            after = max((ahead[link.target] for link in row.after[one]), default=0)
            ahead[one] = after + bool(row.names[one])
    return behind, ahead


class Beams:
    """Cards and bends that stay in line, and what holds them apart and pulls them together.

    Attributes:
        of, shift: the beam of each card or bend, and how far across it stands from where its beam is.
        at: where each beam is.
    """

    def __init__(self, row: Row, onward: Sequence[Link | None], apart: Callable[[int, int], float]) -> None:
        count = len(row.names)
        self.of, self.shift = [-1] * count, [0.0] * count
        self.at: list[float] = []
        for layer in row.layers:
            for first in layer:
                if self.of[first] < 0:
                    self._make(first, onward)
        self.gaps = self._gaps(row, apart)
        self.pulls = self._pulls(row)
        self.above: list[list[Gap]] = [[] for _ in self.at]
        self.below: list[list[Gap]] = [[] for _ in self.at]
        for gap in self.gaps:
            self.above[gap.second].append(gap)
            self.below[gap.first].append(gap)
        self._pack()

    def _make(self, first: int, onward: Sequence[Link | None]) -> None:
        beam, shift, one = len(self.at), 0.0, first
        self.at.append(0.0)
        while True:
            self.of[one], self.shift[one] = beam, shift
            link = onward[one]
            if link is None:
                return
            one, shift = link.target, shift + link.out - link.into

    def _gaps(self, row: Row, apart: Callable[[int, int], float]) -> list[Gap]:
        widest: dict[tuple[int, int], float] = {}
        for layer in row.layers:
            for a, b in pairwise(layer):
                key = (self.of[a], self.of[b])
                gap = apart(a, b) + self.shift[a] - self.shift[b]
                widest[key] = max(widest.get(key, gap), gap)
        return [Gap(a, b, gap) for (a, b), gap in widest.items()]

    def _pulls(self, row: Row) -> list[Pull]:
        pulls = []
        for links in row.after:
            for source, target, out, into in links:
                a, b = self.of[source], self.of[target]
                if a != b:
                    firm = row.firm[source] + row.firm[target]
                    bends = not (row.names[source] or row.names[target])
                    apart = self.shift[source] + out - self.shift[target] - into
                    pulls.append(Pull(a, b, apart, 8.0 if bends else 4.0 if firm == 2 else 0.5))
        return pulls

    def _pack(self) -> None:
        """Put every beam as far up as it may stand."""
        waiting = [len(gaps) for gaps in self.above]
        ready = [beam for beam, n in enumerate(waiting) if not n]
        for beam in ready:  # grows while it is read
            for gap in self.below[beam]:
                self.at[gap.second] = max(self.at[gap.second], self.at[beam] + gap.apart)
                waiting[gap.second] -= 1
                if not waiting[gap.second]:
                    ready.append(gap.second)
        self.order = ready

    def swing(self) -> float:
        """Let every beam, or those that push each other together, follow what pulls; return the furthest move."""
        at, count = self.at, len(self.at)
        force, weight = [0.0] * count, [1e-6] * count
        for a, b, apart, pull in self.pulls:
            wish = at[b] - at[a] - apart
            force[a] += pull * wish
            force[b] -= pull * wish
            weight[a] += pull
            weight[b] += pull
        root = self._together(force, weight)
        # Only half the way: what it goes to comes towards it.
        moves = [force[root[i]] / weight[root[i]] / 2 for i in range(count)]
        return max((*self._move(root, moves, up=True), *self._move(root, moves, up=False)), default=0.0)

    def _together(self, force: list[float], weight: list[float]) -> list[int]:
        """Join beams that touch and push each other; forces add up at the first of them."""
        root = list(range(len(self.at)))

        def find(beam: int) -> int:
            while root[beam] != beam:
                root[beam] = root[root[beam]]
                beam = root[beam]
            return beam

        touching = [g for g in self.gaps if self.at[g.second] - self.at[g.first] - g.apart < 0.01]
        pushed = True
        while pushed:
            pushed = False
            for gap in touching:
                a, b = find(gap.first), find(gap.second)
                if a != b and force[a] / weight[a] > force[b] / weight[b] + 1e-3:
                    root[b] = a
                    force[a] += force[b]
                    weight[a] += weight[b]
                    pushed = True
        return [find(beam) for beam in range(len(root))]

    def _move(self, root: list[int], moves: list[float], *, up: bool) -> list[float]:
        """Move groups that want up, the first first, or down, the last first, as far as the others leave room."""
        groups: dict[int, list[int]] = {}
        for beam in self.order if up else reversed(self.order):
            if (moves[beam] < 0) == up and moves[beam]:
                groups.setdefault(root[beam], []).append(beam)
        done = []
        for group, beams in groups.items():
            room = abs(moves[beams[0]])
            for beam in beams:
                for gap in self.above[beam] if up else self.below[beam]:
                    if root[gap.first if up else gap.second] != group:
                        room = min(room, self.at[gap.second] - self.at[gap.first] - gap.apart)
            if room > 0:
                done.append(room)
                for beam in beams:
                    self.at[beam] += -room if up else room
        return done

    def settle(self) -> None:
        """Stand on the grid, and at the very height of what most of the links lead to wherever that is near."""
        for beam, at in enumerate(self.at):
            self.at[beam] = round(at / GRID) * GRID
        links: list[list[tuple[int, float, float]]] = [[] for _ in self.at]
        for a, b, apart, weight in self.pulls:
            links[a].append((b, -apart, weight))
            links[b].append((a, apart, weight))
        for _ in range(2):
            for order in (self.order, self.order[::-1]):
                for beam in order:
                    self._take_height(beam, links[beam])

    def _take_height(self, beam: int, links: list[tuple[int, float, float]]) -> None:
        if not links:
            return
        wishes = sorted((self.at[other] + apart, weight) for other, apart, weight in links)
        half, sum_ = sum(weight for _, weight in wishes) / 2, 0.0
        low = high = wishes[0][0]
        for wish, weight in wishes:
            if sum_ < half - 1e-9:
                low = wish
            if sum_ <= half + 1e-9:
                high = wish
            sum_ += weight
        wanted = min(max(self.at[beam], low), high)
        lowest = max((self.at[g.first] + g.apart for g in self.above[beam]), default=wanted)
        highest = min((self.at[g.second] - g.apart for g in self.below[beam]), default=wanted)
        if lowest <= highest:
            self.at[beam] = min(max(wanted, lowest), highest)
