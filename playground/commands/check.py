"""Check documents: shapes, parameters, MACs, memory and problems, without training anything."""

from __future__ import annotations

import argparse
import json
from typing import Any

from playground.costs import memory_of, rows_of, totals_of
from playground.document_json import Unreadable
from playground.experiment import Experiment
from playground.presets import open_named
from playground.report import Report
from playground.text import Refusal, say, tr

NEEDS = ("core",)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("files", nargs="+", metavar="FILE", help=tr("a document's path or a preset's name"))
    parser.add_argument("--json", action="store_true", help=tr("print one JSON value (of several files: a list)"))


def run(options: argparse.Namespace) -> int:
    """Check every file; exit status 1 if any has a problem."""
    answers = [_checked(name) for name in options.files]
    if options.json:
        print(json.dumps(answers if len(answers) > 1 else answers[0], ensure_ascii=False, indent=2))
    else:
        for name, answer in zip(options.files, answers, strict=True):
            _print(name, answer)
    return 0 if all(answer["ok"] for answer in answers) else 1


def _checked(name: str) -> dict[str, Any]:
    try:
        experiment, _ = open_named(name)
    except Unreadable as error:
        problems = [{"node": "", "message": _placed(place, sentence)} for place, sentence in error.problems]
        return _answer(problems)
    except Refusal as refusal:
        return _answer([{"node": "", "message": str(refusal)}])
    report = experiment.examined()
    return _answer([{"node": p.node, "message": str(p.message)} for p in report.problems], experiment, report)


def _placed(place: str, sentence: object) -> str:
    return str(say("{place}: {problem}", place=place, problem=sentence)) if place else str(sentence)


def _answer(
    problems: list[dict[str, str]], experiment: Experiment | None = None, report: Report | None = None
) -> dict[str, Any]:
    rows = rows_of(report) if report else ()
    totals = totals_of(rows)
    return {
        "ok": not problems,
        "parameters": totals.parameters,
        "macs": totals.macs,
        "memory_bytes": memory_of(totals, experiment).step if experiment else 0,
        "problems": problems,
        "nodes": [
            {
                "id": row.id,
                "block": row.block.name,
                "shape": row.shape.to_json(),
                "parameters": row.parameters,
                "macs": row.macs,
                "receptive_field": list(row.field) if row.field else None,
            }
            for row in rows
            if row.shape is not None
        ],
    }


def _print(name: str, answer: dict[str, Any]) -> None:
    costs = tr(
        "{parameters} parameters, {macs} MACs, {bytes} bytes to train",
        parameters=answer["parameters"],
        macs=answer["macs"],
        bytes=answer["memory_bytes"],
    )
    print(f"{name}: {costs}")
    for node in answer["nodes"]:
        shape = " × ".join(str(size) for size in node["shape"].values())
        print(f"  {node['id']:<20} {node['block']:<12} {shape:<18} {node['parameters']:>12,} {node['macs']:>16,}")
    for problem in answer["problems"]:
        print(f"  ! {problem['node'] + ': ' if problem['node'] else ''}{problem['message']}")
