"""List the presets that can be opened, trained and shown by name."""

from __future__ import annotations

import argparse
import json
from typing import Any

from playground.presets import Preset, presets
from playground.text import Refusal, tr

NEEDS = ("core",)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help=tr("print one JSON list"))


def run(options: argparse.Namespace) -> int:
    """Print every preset; one that cannot be read is listed with the reason."""
    listed, status = [], 0
    for preset in presets():
        try:
            listed.append(_entry(preset))
        except Refusal as refusal:
            listed.append({"name": preset.name, "problem": str(refusal)})
            status = 1
    if options.json:
        print(json.dumps(listed, ensure_ascii=False, indent=2))
    else:
        width = max((len(entry["name"]) for entry in listed), default=0)
        for entry in listed:
            print(f"{entry['name']:<{width}}  {entry.get('problem') or entry['title']['en'] or entry['title']['zh']}")
    return status


def _entry(preset: Preset) -> dict[str, Any]:
    experiment, result = preset.experiment, preset.experiment.result
    return {
        "name": preset.name,
        "title": {"en": experiment.title.en, "zh": experiment.title.zh},
        "about": {"en": experiment.about.en, "zh": experiment.about.zh},
        "rows": list(experiment.rows),
        "built_in": preset.built_in,
        "result": result.to_json() if result else None,
        "recorded": experiment.extra.get("recorded"),
    }
