"""Take the pictures of all panels for the README: each on a preset that suits it, trained a little.

They are small pictures with few colours, and a page beside them says in one line what each shows.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playground.text import Sentence, tr

NEEDS = ("core", "torch", "qt")

FOLDER = Path(__file__).parent.parent / "assets" / "panels"
SIZE = "640x360"

LARGEST = 60 * 1024
"""Bytes of a picture; where it would be larger it gets fewer colours."""


class Scene(NamedTuple):
    """Where a panel is at its best: a preset, how long it is trained, the node it shows or that is selected."""

    preset: str
    steps: int
    node: str = ""
    size: str = SIZE
    select: str = ""


SCENES = {
    "loss": Scene("lenet", 200),
    "accuracy": Scene("digits-mlp", 400),
    "runs": Scene("xor", 400),
    "gradients": Scene("deep-narrow", 100),
    "boundary": Scene("spirals", 1500),
    "neurons": Scene("xor", 400),
    "regression": Scene("regression-1d", 600),
    "activation": Scene("sigmoid-and", 200),
    "weight_images": Scene("digits-mlp", 300),
    "histograms": Scene("digits-mlp", 200),
    "examples": Scene("xor-truth-table", 300, size="640x240"),
    "explain": Scene("back-propagation", 20, select="dense_2"),
    "feature_maps": Scene("lenet", 200),
    "kernels": Scene("lenet", 200),
    "convolution": Scene("convolution-arithmetic", 100),
    "class_activation": Scene("vgg-small", 200),
    "own_input": Scene("lenet", 200),
    "confusion": Scene("lenet", 60),
    "mistakes": Scene("lenet", 120),
    "embedding": Scene("digits-embedding", 300),
    "clip": Scene("action-recognition", 1200),
    "boxes": Scene("detection-one", 300),
    "masks": Scene("segmentation", 200),
    "reconstruction": Scene("autoencoder", 400, size="640x200"),
    "latent": Scene("vae", 600),
    "samples": Scene("gan-points", 600),
    "tagging": Scene("lstm-tagger", 200),
    "gates": Scene("lstm-gates", 300),
    "through_time": Scene("delayed-recall-rnn", 200),
    "word_by_word": Scene("sentiment-lstm", 300),
    "ngrams": Scene("textcnn", 300),
    "writing": Scene("character-model", 400),
    "attention": Scene("reversal-attention", 400),
    "attention_steps": Scene("self-attention", 200),
    "position": Scene("positions-sinusoidal", 20),
    "residual_stream": Scene("encoder", 60),
    "forecast": Scene("forecast", 300),
    "phase_portrait": Scene("lorenz", 400),
    "loss_surface": Scene("saddle", 200),
    "recorded": Scene("double-descent", 0),
    "messages": Scene("xor", 200, size="640x160"),
}
"""The panels in the order of the page."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be given."""
    parser.add_argument("panels", nargs="*", metavar="KEY", help=tr("only these panels"))
    parser.add_argument("-o", "--output", metavar="FOLDER", default=str(FOLDER), help=tr("where the pictures go"))
    parser.add_argument("--theme", choices=("dark", "light"), default="light")


def run(options: argparse.Namespace) -> int:
    """Take the pictures, one after another, and write the page."""
    from widgets.panels import load_panels

    kinds = load_panels()
    wanted = options.panels or [key for key in SCENES if key in kinds]
    if strange := [key for key in wanted if key not in SCENES or key not in kinds]:
        print(f"network-playground: there is no scene for {', '.join(strange)}", file=sys.stderr)
        return 2
    folder = Path(options.output)
    folder.mkdir(parents=True, exist_ok=True)
    failed = [key for key in wanted if not _take(key, folder / f"{key.replace('_', '-')}.png", options.theme)]
    (folder / "README.md").write_text(_page(folder, kinds), encoding="utf-8")
    return 1 if failed else 0


def _take(key: str, path: Path, theme: str) -> bool:
    """Take one picture, by the command that anybody can give."""
    scene = SCENES[key]
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.png"
        command = [
            *(sys.executable, "main.py", "shot", scene.preset, "-o", str(raw), "--panel", key, "--theme", theme),
            *("--steps", str(scene.steps), "--size", scene.size, *(("--node", scene.node) if scene.node else ())),
            *(("--select", scene.select) if scene.select else ()),
        ]
        done = subprocess.run(command, check=False, cwd=Path(__file__).parents[2])
        if done.returncode == 0:
            _shrink(raw, path)
    print(f"{key}: {path.stat().st_size if path.exists() else 0:,} bytes" if done.returncode == 0 else f"{key}: failed")
    return done.returncode == 0


def _shrink(raw: Path, path: Path) -> None:
    """Write a picture with a palette, as large as a page bears."""
    from PIL import Image

    with Image.open(raw) as opened:
        picture = opened.convert("RGB")
    for colours in (255, 128, 64, 32):
        few = picture.quantize(colours, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            return


def _page(folder: Path, kinds: dict[str, type]) -> str:
    """Say in one line what each picture shows."""
    lines = ["# What can be seen", "", "`python3 main.py gallery` takes these pictures anew.", ""]
    for key, scene in SCENES.items():
        name = f"{key.replace('_', '-')}.png"
        if key in kinds and (folder / name).exists():
            title, help = (str(Sentence(text)) for text in (kinds[key].title, kinds[key].help))
            first = help.split(". ")[0].rstrip(".") + "."
            where = f"`{scene.preset}`, {scene.steps:,} steps"
            lines += [f"## {title}", "", f"{first} ({where})", "", f"![{title}]({name})", ""]
    return "\n".join(lines)
