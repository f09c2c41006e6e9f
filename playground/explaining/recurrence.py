"""Recurrent layers by hand: every gate at a step, and the way back through time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from playground.blocks.recurrence import GRU, LSTM, RNN, PeepholeLSTM
from playground.explaining import Array, Explainer, Grid, Line, Place, Told
from playground.explaining._cells import Cell, Elman, Gated, LongShort, Stack
from playground.explaining._telling import joined, low, number, product, result, slope, table, total
from playground.text import say

SIGN = {"g": ("tanh", r"\tanh"), "n": ("tanh", r"\tanh")}
"""How the function of a gate is written, filled with numbers and in LaTeX; that of all others is the logistic one."""


class OfRecurrence(Explainer):
    """RNN, LSTM, peephole LSTM and GRU, in every form, direction and number of layers."""

    blocks = (RNN, LSTM, PeepholeLSTM, GRU)

    def forward(self, place: Place) -> dict[str, Array]:
        return Stack(place).outputs()

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        return Stack(place).back(upstream)

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        stack = Stack(place)
        out = place.outputs[port]
        if port == "out" and entry[0] >= stack.length:
            return _beyond(table("out", out, entry, chooses=True))
        cell, unit = stack.spot(entry[-1], stack.layers - 1 if port == "out" else None)
        s = stack.read_at(cell, entry[0]) if port == "out" else len(cell.steps) - 1
        t = stack.read_at(cell, s)
        lines = _forward_lines(cell, s, t, unit)
        if port == "c":
            lines = lines[: [line.symbol[0] for line in lines].index("c") + 1]
        gates = [name for name in (*cell.gates, "c", "h") if name in cell.steps[s]]
        gates = list(dict.fromkeys(gates))
        grids = (
            table("x(t)", cell.x[s]),
            table("h(t−1)", cell.steps[s]["h0"]),
            *((table("c(t−1)", cell.steps[s]["c0"]),) if "c0" in cell.steps[s] else ()),
            table("W", cell.w, lit=_rows_of(cell, cell.w, unit)),
            table("U", cell.u, lit=_rows_of(cell, cell.u, unit)),
            table(", ".join(gates), np.array([cell.steps[s][name] for name in gates]), rows=gates),
            table(port, out, entry, chooses=True),
        )
        return Told(grids, tuple(lines))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        stack = Stack(place)
        made = stack.back(upstream)[name]
        chosen = table(slope(name), made, entry, chooses=True)
        if name == "x":
            return _beyond(chosen) if entry[0] >= stack.length else _by_x(stack, entry, chosen)
        if name in ("h", "c"):
            return _by_state(stack, name, entry, chosen)
        kind, _, at = name.rpartition("_l")
        cell = next(one for one in stack.cells.values() if one.at == f"l{at}")
        if kind == "weight_ch":
            return _by_peephole(stack, cell, entry, chosen)
        return _by_weight(stack, cell, kind, entry, chosen)


# -- forward -----------------------------------------------------------------------------------------------------


def _forward_lines(cell: Cell, s: int, t: int, unit: int) -> list[Line]:
    """Return the equations of one unit at a step."""
    made = cell.steps[s]
    if isinstance(cell, Elman):
        sign = ("max(0, ", ")") if cell.rectifies else ("tanh(", ")")
        function = r"\mathrm{ReLU}" if cell.rectifies else r"\tanh"
        filled = sign[0] + _affine(cell, s, "h", unit) + sign[1]
        return [result(_symbol("h", unit, t), _general(function, "", unit), filled, made["h"][unit])]
    if isinstance(cell, Gated):
        return _gru_lines(cell, s, t, unit)
    assert isinstance(cell, LongShort)
    lines = [_gate(cell, s, t, gate, unit) for gate in "ifg"]
    i, f, g, c0, c, o = (float(made[name][unit]) for name in ("i", "f", "g", "c0", "c", "o"))
    filled = joined([product(f, c0), product(i, g)])
    lines.append(result(_symbol("c", unit, t), r"f_t\, c_{t-1} + i_t\, g_t", filled, c))
    lines.append(_gate(cell, s, t, "o", unit))
    return [*lines, result(_symbol("h", unit, t), r"o_t \tanh c_t", f"{number(o)}·tanh({number(c)})", made["h"][unit])]


def _gru_lines(cell: Gated, s: int, t: int, unit: int) -> list[Line]:
    made = cell.steps[s]
    lines = [_gate(cell, s, t, gate, unit) for gate in "rz"]
    r, z, u, n, h0 = (float(made[name][unit]) for name in ("r", "z", "u", "n", "h0"))
    row = cell.rows("n").start + unit
    own = total(zip(cell.w[row], cell.x[s], strict=True), float(cell.b[row]))
    if cell.before:
        inner = total(zip(cell.u[row], made["r"] * made["h0"], strict=True), float(cell.d[row]))
        lines.append(result(_symbol("u", unit, t), r"U_n (r_t \odot h_{t-1})", inner, u))
        filled, general = f"tanh({joined([own, number(u)])})", r"\tanh(W_n x_t + b_n + u_t)"
    else:
        inner = total(zip(cell.u[row], made["h0"], strict=True), float(cell.d[row]))
        lines.append(result(_symbol("u", unit, t), r"U_n h_{t-1} + b'_n", inner, u))
        filled, general = f"tanh({joined([own, product(r, u)])})", r"\tanh(W_n x_t + b_n + r_t\, u_t)"
    lines.append(result(_symbol("n", unit, t), general, filled, n))
    if cell.keeps:
        terms, general = (
            (f"{number(z)}·{_bracket(h0)}", f"(1 − {number(z)})·{_bracket(n)}"),
            r"z_t h_{t-1} + (1-z_t) n_t",
        )
    else:
        terms, general = (
            (f"(1 − {number(z)})·{_bracket(h0)}", f"{number(z)}·{_bracket(n)}"),
            r"(1-z_t) h_{t-1} + z_t n_t",
        )
    return [*lines, result(_symbol("h", unit, t), general, " + ".join(terms), made["h"][unit])]


def _gate(cell: Cell, s: int, t: int, gate: str, unit: int) -> Line:
    word, function = SIGN.get(gate, ("σ", r"\sigma"))
    seen = isinstance(cell, LongShort) and cell.peeps(gate) is not None
    filled = f"{word}({_affine(cell, s, gate, unit)})"
    return result(_symbol(gate, unit, t), _general(function, gate, unit, seen), filled, cell.steps[s][gate][unit])


def _affine(cell: Cell, s: int, gate: str, unit: int) -> str:
    """Write what a gate of a unit adds up: W x, U h, what it sees of the cells, and its bias."""
    row, made = cell.rows(gate).start + unit, cell.steps[s]
    terms = [*zip(cell.w[row], cell.x[s], strict=True), *zip(cell.u[row], made["h0"], strict=True)]
    if isinstance(cell, LongShort) and (v := cell.peeps(gate)) is not None:
        cells = made["c" if gate == "o" else "c0"]
        terms += zip(v[unit], cells, strict=True) if v.ndim == 2 else [(v[unit], cells[unit])]
    bias = float(cell.b[row] + cell.d[row])
    return total(terms, bias if cell.b.any() or cell.d.any() else None)


def _general(function: str, gate: str, unit: int, seen: bool = False) -> str:
    """Write the same in letters."""
    mark, k = (f"^{gate}" if gate else ""), unit + 1
    peeps = rf" + V{mark} c" if seen else ""
    inner = rf"\sum_j W{mark}_{{{k},j}}\, x_{{t,j}} + \sum_m U{mark}_{{{k},m}}\, h_{{t-1,m}}{peeps} + b{mark}_{{{k}}}"
    return rf"{function}({inner})"


# -- back --------------------------------------------------------------------------------------------------------


def _blamed(stack: Stack, cell: Cell, s: int, gate: str, unit: int) -> list[Line]:
    """Return how δ of a gate of a unit at a step comes about: from above and from later, through the functions."""
    made, blame, t = cell.steps[s], cell.blame[s], stack.read_at(cell, s)
    dh = float(blame["dh"][unit])
    parts = joined([number(float(blame["above"][unit])), number(float(blame["later"][unit]))])
    general = (
        r"\left.\frac{\partial L}{\partial h_t}\right|_{above} + \left.\frac{\partial L}{\partial h_t}\right|_{later}"
    )
    lines = [result(slope(_symbol("h", unit, t)), general, parts, dh)]
    if isinstance(cell, Elman):
        h = float(made["h"][unit])
        filled = product(dh, float(blame["slope"][unit])) if cell.rectifies else f"{number(dh)}·(1 − {_square(h)})"
        general = r"\frac{\partial L}{\partial h_t}\, f'" + (
            "" if cell.rectifies else r" = \frac{\partial L}{\partial h_t}(1 - h_t^2)"
        )
        return [*lines, result(_delta("", unit, t), general, filled, blame["delta"][unit])]
    if isinstance(cell, Gated):
        return [*lines, _gru_delta(cell, s, t, gate, unit)]
    assert isinstance(cell, LongShort)
    i, f, g, o, c, c0 = (float(made[name][unit]) for name in ("i", "f", "g", "o", "c", "c0"))
    if gate == "o":
        filled = f"{number(dh)}·tanh({number(c)})·{number(o)}·(1 − {number(o)})"
        general = r"\frac{\partial L}{\partial h_t} \tanh(c_t)\, o_t (1-o_t)"
        return [*lines, result(_delta("o", unit, t), general, filled, _row(cell, blame, "o", unit))]
    dc, later, through = (float(blame[name][unit]) for name in ("dc", "later_c", "through"))
    squashed = float(np.tanh(c))
    terms = [f"{number(dh)}·{number(o)}·(1 − {_square(squashed)})", number(later)]
    terms += [number(through)] if through else []
    later_in_letters = r"\left.\frac{\partial L}{\partial c_t}\right|_{later}"
    general = r"\frac{\partial L}{\partial h_t}\, o_t (1 - \tanh^2 c_t) + " + later_in_letters
    lines.append(result(slope(_symbol("c", unit, t)), general, joined(terms), dc))
    ways = {
        "i": (f"{number(dc)}·{_bracket(g)}·{number(i)}·(1 − {number(i)})", r"g_t\, i_t (1-i_t)"),
        "f": (f"{number(dc)}·{_bracket(c0)}·{number(f)}·(1 − {number(f)})", r"c_{t-1}\, f_t (1-f_t)"),
        "g": (f"{number(dc)}·{number(i)}·(1 − {_square(g)})", r"i_t (1-g_t^2)"),
    }
    filled, general = ways[gate]
    general = r"\frac{\partial L}{\partial c_t}\, " + general
    return [*lines, result(_delta(gate, unit, t), general, filled, _row(cell, blame, gate, unit))]


def _gru_delta(cell: Gated, s: int, t: int, gate: str, unit: int) -> Line:
    made, blame = cell.steps[s], cell.blame[s]
    z, r, n, h0, dh = (*(float(made[name][unit]) for name in ("z", "r", "n", "h0")), float(blame["dh"][unit]))
    value = _row(cell, blame, gate, unit)
    if gate == "n":
        taken = f"(1 − {number(z)})" if cell.keeps else number(z)
        share = "(1-z_t)" if cell.keeps else "z_t"
        general = rf"\frac{{\partial L}}{{\partial h_t}}\, {share} (1-n_t^2)"
        return result(_delta("n", unit, t), general, f"{number(dh)}·{taken}·(1 − {_square(n)})", value)
    if gate == "z":
        one, other, between = (h0, n, "h_{t-1} - n_t") if cell.keeps else (n, h0, "n_t - h_{t-1}")
        filled = f"{number(dh)}·{_bracket(one - other)}·{number(z)}·(1 − {number(z)})"
        return result(
            _delta("z", unit, t), rf"\frac{{\partial L}}{{\partial h_t}} ({between})\, z_t (1-z_t)", filled, value
        )
    dr = value / (r * (1.0 - r)) if 0.0 < r < 1.0 else 0.0
    filled = f"{_bracket(dr)}·{number(r)}·(1 − {number(r)})" if value else "0"
    return result(
        _delta("r", unit, t),
        r"\frac{\partial L}{\partial r_t}\, r_t (1-r_t)",
        filled.strip("()") if not value else filled,
        value,
    )


def _by_x(stack: Stack, entry: tuple[int, ...], chosen: Grid) -> Told:
    """Tell ∂L/∂x: what goes back along W from every gate of every unit, in both directions."""
    t, j = entry
    terms: list[tuple[float, float]] = []
    grids: list[Grid] = []
    strongest: tuple[float, Cell, int, int] | None = None
    for (layer, _), cell in stack.cells.items():
        if layer:
            continue
        s = stack.read_at(cell, t)
        delta = cell.blame[s]["delta"]
        terms += zip(cell.w[:, j].tolist(), delta.tolist(), strict=True)
        grids += [_deltas(stack, cell), table("W", cell.w, lit=_column(cell.w, j))]
        row = int(np.argmax(abs(cell.w[:, j] * delta)))
        size = abs(float(cell.w[row, j] * delta[row]))
        if strongest is None or size > strongest[0]:
            strongest = size, cell, s, row
    assert strongest is not None
    _, cell, s, row = strongest
    lines = _blamed(stack, cell, s, cell.gates[row // cell.units], row % cell.units)
    lines.append(
        result(
            slope(f"x{low(t, j)}"),
            rf"\sum_k W_{{k,{j + 1}}}\, \delta_{{t,k}}",
            total(terms),
            sum(a * b for a, b in terms),
        )
    )
    return Told((*grids, chosen), tuple(lines))


def _by_weight(stack: Stack, cell: Cell, kind: str, entry: tuple[int, ...], chosen: Grid) -> Told:
    """Tell ∂L/∂W, ∂L/∂U or ∂L/∂ a bias: what every step adds."""
    row = entry[0]
    gate, unit = cell.gates[row // cell.units], row % cell.units
    letter = {"weight_ih": "W", "weight_hh": "U", "bias_ih": "b", "bias_hh": "b′"}[kind]
    deltas = np.array([blame["delta_u" if kind.endswith("hh") else "delta"][row] for blame in cell.blame])
    grids = [_deltas(stack, cell, row)]
    general = rf"\sum_t \delta_{{t,{row + 1}}}"
    if kind.startswith("bias"):
        terms = deltas[:, None]
    else:
        recalled = [cell.recalled(s, gate) for s in range(len(cell.steps))]
        read = cell.x if kind == "weight_ih" else np.array(recalled)
        terms = np.stack([deltas, read[:, entry[1]]], axis=1)
        grids.append(table("x" if kind == "weight_ih" else "h(t−1)", read, lit=_column(read, entry[1])))
        general += rf"\, x_{{t,{entry[1] + 1}}}" if kind == "weight_ih" else rf"\, h_{{t-1,{entry[1] + 1}}}"
    strongest = int(np.argmax(abs(terms.prod(axis=1))))
    lines = _blamed(stack, cell, strongest, gate, unit)
    lines.append(result(slope(f"{letter}{low(*entry)}"), general, total(terms), terms.prod(axis=1).sum()))
    return Told(
        (*grids, chosen), tuple(lines), say("The same weights work at every step; what each step adds is summed up.")
    )


def _by_peephole(stack: Stack, cell: Cell, entry: tuple[int, ...], chosen: Grid) -> Told:
    """Tell ∂L/∂V: δ of the gate times the cell state that it saw, at every step."""
    assert isinstance(cell, LongShort)
    at, unit = divmod(entry[0], cell.units)
    gate = "ifo"[at]
    seen = entry[1] if len(entry) > 1 else unit
    cells = np.array([step["c" if gate == "o" else "c0"] for step in cell.steps])
    row = cell.rows(gate).start + unit
    terms = np.stack([np.array([blame["delta"][row] for blame in cell.blame]), cells[:, seen]], axis=1)
    strongest = int(np.argmax(abs(terms.prod(axis=1))))
    lines = _blamed(stack, cell, strongest, gate, unit)
    general = r"\sum_t \delta_t\, " + ("c_t" if gate == "o" else "c_{t-1}")
    lines.append(result(slope(f"V{low(*entry)}"), general, total(terms), terms.prod(axis=1).sum()))
    grids = (_deltas(stack, cell, row), table("c", cells, lit=_column(cells, seen)), chosen)
    return Told(grids, tuple(lines), say("The same weights work at every step; what each step adds is summed up."))


def _by_state(stack: Stack, name: str, entry: tuple[int, ...], chosen: Grid) -> Told:
    """Tell the derivative by the state before the first step."""
    cell, unit = stack.spot(entry[0])
    made, blame = cell.steps[0], cell.blame[0]
    symbol = slope(f"{name}{low(*entry)}")
    if name == "c":
        dc, f = float(blame["dc"][unit]), float(made["f"][unit])
        seen = float(blame["dc0"][unit]) - dc * f
        line = result(symbol, r"\frac{\partial L}{\partial c_1} f_1", _plus(product(dc, f), seen), blame["dc0"][unit])
        return Told((table("f", made["f"]), chosen), (line,))
    pairs = zip(cell.u[:, unit], blame["delta"], strict=True)
    if not isinstance(cell, Gated):
        line = result(symbol, r"\sum_k U_{k}\, \delta_{1,k}", total(pairs), blame["dh0"][unit])
        return Told((_deltas(stack, cell), table("U", cell.u, lit=_column(cell.u, unit)), chosen), (line,))
    both = 2 * cell.units
    gates = [(float(u), float(d)) for u, d in zip(cell.u[:both, unit], blame["delta"][:both], strict=True)]
    kept = product(float(blame["dh"][unit]), float(blame["kept"][unit]))
    filled = joined([kept, total(gates), number(float(blame["back"][unit]))])
    general = r"\frac{\partial L}{\partial h_1} \frac{\partial h_1}{\partial h_0} + \sum_k U_k\, \delta_{1,k}"
    line = result(symbol, general, filled, blame["dh0"][unit])
    return Told((_deltas(stack, cell), table("U", cell.u, lit=_column(cell.u, unit)), chosen), (line,))


# -- words and tables --------------------------------------------------------------------------------------------


def _deltas(stack: Stack, cell: Cell, row: int | None = None) -> Grid:
    """Lay δ of every gate and unit out by step, in the order of the text."""
    values = np.zeros((stack.length, len(cell.w)))
    for s, blame in enumerate(cell.blame):
        values[stack.read_at(cell, s)] = blame["delta"]
    names = [f"{gate}{low(k)}" for gate in cell.gates for k in range(cell.units)]
    lit = None if row is None else _column(values, row)
    return table("δ", values, lit=lit, columns=names)


def _beyond(chosen: Grid) -> Told:
    return Told(
        (chosen,),
        (result(chosen.name, "", "0", 0.0),),
        say("This is beyond the end: nothing is read, and nothing said."),
    )


def _row(cell: Cell, blame: Mapping[str, Array], gate: str, unit: int) -> float:
    return float(blame["delta"][cell.rows(gate).start + unit])


def _symbol(name: str, unit: int, t: int) -> str:
    return f"{name}{low(unit)}({t + 1})"


def _delta(gate: str, unit: int, t: int) -> str:
    return f"δ{gate}{low(unit)}({t + 1})"


def _rows_of(cell: Cell, values: Array, unit: int) -> Array:
    lit = np.zeros(values.shape, dtype=bool)
    lit[unit :: cell.units] = True
    return lit


def _column(values: Array, j: int) -> Array:
    lit = np.zeros(values.shape, dtype=bool)
    lit[:, j] = True
    return lit


def _bracket(x: float) -> str:
    text = number(x)
    return f"({text})" if text.startswith("−") else text


def _square(x: float) -> str:
    return f"{_bracket(x)}²"


def _plus(text: str, more: float) -> str:
    return joined([text, number(more)]) if more else text
