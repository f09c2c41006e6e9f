"""The pictures of the panels: that none is forgotten, and that they are small."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from playground.presets import open_named
from widgets.commands import gallery
from widgets.panels import load_panels


def test_every_panel_has_a_scene_on_a_preset_that_there_is():
    kinds = load_panels()
    assert not set(kinds) - set(gallery.SCENES)
    presets = {scene.preset: open_named(scene.preset)[0] for scene in gallery.SCENES.values()}
    for key, scene in gallery.SCENES.items():
        assert not scene.node or presets[scene.preset].graph, key


def test_a_picture_gets_fewer_colours_until_it_is_small(tmp_path):
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 255, (360, 640, 3), dtype=np.uint8)
    noise[:, 200:] = 255
    Image.fromarray(noise).save(tmp_path / "raw.png")
    gallery._shrink(tmp_path / "raw.png", tmp_path / "small.png")
    with Image.open(tmp_path / "small.png") as small:
        assert small.mode == "P" and small.size == (640, 360)
    assert (tmp_path / "small.png").stat().st_size <= gallery.LARGEST


def test_the_page_tells_in_a_line_what_each_picture_shows(tmp_path, monkeypatch):
    taken = []

    def take(key: str, path: Path, theme: str) -> bool:
        taken.append((key, theme))
        path.write_bytes(b"")
        return key != "kernels"

    monkeypatch.setattr(gallery, "_take", take)
    options = argparse.Namespace(panels=["feature_maps", "kernels"], output=str(tmp_path / "new"), theme="light")
    assert gallery.run(options) == 1 and taken == [("feature_maps", "light"), ("kernels", "light")]
    page = (tmp_path / "new" / "README.md").read_text(encoding="utf-8")
    assert "## Feature maps" in page and "![Feature maps](feature-maps.png)" in page and "`lenet`, 200 steps" in page
    assert gallery.run(argparse.Namespace(panels=["nothing"], output=str(tmp_path), theme="light")) == 2
