"""The way round everything, for a wire that no simple way leads past the cards. No Qt."""

from __future__ import annotations

from heapq import heappop, heappush

from widgets.canvas.geometry import Point, Rect

MOST_CARDS = 120
"""Among more cards than these no way is looked for: it would take too long to draw."""
TURN = 60.0
"""A corner costs as much as so much more way."""

Spot = tuple[int, int, bool]
"""A crossing of two lines, by their numbers, and whether it is entered along the flow."""


def detour(start: Point, end: Point, cards: list[Rect], stub: float, clear: float) -> list[Point] | None:
    """Return the corners of the shortest way with few turns that passes all cards, or None where there is none."""
    cards = _nearest(start, end, cards)
    a, b = (start[0] + stub, start[1]), (end[0] - stub, end[1])
    margin = clear + 4
    xs = sorted({a[0], b[0], *(c[0] - margin for c in cards), *(c[2] + margin for c in cards)})
    ys = sorted({a[1], b[1], *(c[1] - margin for c in cards), *(c[3] + margin for c in cards)})
    walls = [(c[0] - clear, c[1] - clear, c[2] + clear, c[3] + clear) for c in cards]
    # By the number of a line: the stretches of it that cards cover.
    level = [[(w[0], w[2]) for w in walls if w[1] < y < w[3]] for y in ys]
    upright = [[(w[1], w[3]) for w in walls if w[0] < x < w[2]] for x in xs]
    first: Spot = (xs.index(a[0]), ys.index(a[1]), True)
    last: Spot = (xs.index(b[0]), ys.index(b[1]), True)
    came: dict[Spot, Spot | None] = {first: None}
    spent = {first: 0.0}
    queue = [(0.0, first)]
    while queue:
        _, spot = heappop(queue)
        if spot == last:
            return [start, *_trace(came, last, xs, ys), end]
        column, row, along = spot
        for i, j, way in ((-1, 0, True), (1, 0, True), (0, -1, False), (0, 1, False)):
            there: Spot = (column + i, row + j, way)
            if not (0 <= there[0] < len(xs) and 0 <= there[1] < len(ys)):
                continue
            x0, x1 = sorted((xs[column], xs[there[0]]))
            y0, y1 = sorted((ys[row], ys[there[1]]))
            covered = level[row] if way else upright[column]
            low, high = (x0, x1) if way else (y0, y1)
            if any(w[0] < high and w[1] > low for w in covered):
                continue
            cost = spent[spot] + (x1 - x0) + (y1 - y0) + (TURN if way != along else 0.0)
            if cost < spent.get(there, float("inf")):
                spent[there], came[there] = cost, spot
                ahead = abs(xs[there[0]] - b[0]) + abs(ys[there[1]] - b[1])
                heappush(queue, (cost + ahead, there))
    return None


def _nearest(start: Point, end: Point, cards: list[Rect]) -> list[Rect]:
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    by_distance = sorted(cards, key=lambda c: abs((c[0] + c[2]) / 2 - x) + abs((c[1] + c[3]) / 2 - y))
    return by_distance[:MOST_CARDS]


def _trace(came: dict[Spot, Spot | None], last: Spot, xs: list[float], ys: list[float]) -> list[Point]:
    """Walk back to the beginning; keep only the corners."""
    points: list[Point] = []
    spot: Spot | None = last
    while spot is not None:
        point = (xs[spot[0]], ys[spot[1]])
        turning = len(points) > 1 and (
            (points[-1][0] == points[-2][0] == point[0]) or (points[-1][1] == points[-2][1] == point[1])
        )
        if turning:
            points[-1] = point
        elif not points or points[-1] != point:
            points.append(point)
        spot = came[spot]
    return points[::-1]
