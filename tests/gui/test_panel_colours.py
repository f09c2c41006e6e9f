"""Whether colours say what they mean in every panel: even steps for magnitudes, zero amid those of signed values."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from tests.gui.fake_session import FakeSession, pictured
from widgets.panels import PANELS, load_panels
from widgets.panels.parts.attention_map import heat_table
from widgets.panels.parts.mosaics import signed_table
from widgets.panels.parts.plots import ColourBar, colour_table
from widgets.plane_colours import side_table
from widgets.theme import APPEARANCE, DARK, LIGHT, current

load_panels()

GREY = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
"""The colours of pictures that are grey themselves."""


def lab(table):
    """Turn sRGB colours, uint8 (n, 3), into CIE L*a*b* (D65)."""
    linear = table.astype(float) / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = linear @ np.array(matrix).T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


def rises(lightness):
    """Whether it gets lighter all along, or darker all along, but for the rounding to bytes."""
    steps = np.diff(lightness[::8])
    return bool((steps > -0.5).all() or (steps < 0.5).all())


@pytest.mark.parametrize("name", ["viridis", "inferno"])
def test_magnitudes_get_lighter_in_even_steps(name):
    colours = lab(colour_table(name))
    assert rises(colours[:, 0]) and colours[-1, 0] - colours[0, 0] > 60
    steps = np.diff(colours[::16, 0])
    assert steps.max() < 2.5 * steps.min()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("table", [signed_table, side_table])
def test_signed_values_leave_the_ground_at_zero_to_either_side_and_blue_is_not_orange_to_any_eye(theme, table):
    made = table(theme)
    ground = np.array(QColor(theme.panel if table is signed_table else theme.card).getRgb()[:3])
    assert np.abs(made[127:129].astype(int) - ground).max() <= 2
    colours = lab(made)
    for side in (colours[:128][::-1], colours[128:]):
        away = np.linalg.norm(side - side[0], axis=1)
        assert rises(side[:, 0]) and (np.diff(away[::8]) > 0).all()
    # Who cannot tell red from green has yellow against blue left, which is b* of L*a*b*.
    assert colours[0, 2] < colours[127, 2] - 15 and colours[-1, 2] > colours[127, 2] + 15


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_shares_leave_the_ground_in_even_steps(theme):
    colours = lab(heat_table(theme))
    assert rises(colours[:, 0])
    steps = np.linalg.norm(np.diff(colours[::16], axis=0), axis=1)
    assert steps.max() < 4 * steps.min()


def test_every_colour_bar_of_every_panel_has_one_of_these_colours(qtbot, monkeypatch):
    given = []

    def note(bar, table):
        given.append((current(), bar.objectName(), np.ascontiguousarray(table[:, :3])))

    monkeypatch.setattr(ColourBar, "set_colours", note)
    APPEARANCE.choose("dark")
    session = FakeSession(pictured())
    panels = [kind(session) for kind in PANELS.values()]
    for panel in panels:
        qtbot.addWidget(panel)
    APPEARANCE.choose("light")
    APPEARANCE.choose("dark")
    monkeypatch.undo()
    plain = [colour_table("viridis"), colour_table("inferno"), GREY]
    known = {
        theme: [*plain, *(table(theme) for table in (signed_table, side_table, heat_table))] for theme in (DARK, LIGHT)
    }
    assert {theme for theme, _, _ in given} == {DARK, LIGHT} and len({name for _, name, _ in given}) > 5
    for theme, name, table in given:
        colours = {tuple(colour) for colour in table.tolist()}  # of a picture with bands it is some of them
        fits = (colours <= {tuple(one) for one in made.tolist()} for made in known[theme])
        assert name and any(fits), (theme.name, name)
