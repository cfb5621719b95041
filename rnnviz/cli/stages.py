"""``rnnviz stages``: train the laboratory's variants and keep them early, midway and at the end."""

import argparse
import json
import sys
from pathlib import Path

import torch
from tqdm import tqdm

from rnnviz.analysis.variants import VARIANTS
from rnnviz.cli import options
from rnnviz.data.folder import data_folder
from rnnviz.models.stages_store import STAGE_ROUTES
from rnnviz.training.stages import StageReport, StageSettings, make_stages

NAME = "stages"
HELP = "train the variants of the page Gradients, keeping each early, midway and at the end"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--only", choices=tuple(VARIANTS), action="append", help="may be given several times"
    )
    parser.add_argument(
        "--route", choices=tuple(STAGE_ROUTES), action="append", help="may be given several times"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("pretrained/stages"), help="default: pretrained/stages"
    )
    parser.add_argument("--dataset", choices=options.dataset_names(), default="mnist")
    parser.add_argument(
        "--steps",
        type=options.positive,
        nargs="+",
        default=list(StageSettings.steps),
        help="training steps after which a stage is kept (default: those that are shipped)",
    )
    parser.add_argument("--threads", type=options.positive, default=1, help="default: 1")
    options.add_data_folder(parser)
    options.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train one variant after another; on Ctrl-C all stages that were kept are whole."""
    torch.set_num_threads(arguments.threads)
    settings = StageSettings(dataset=arguments.dataset, steps=tuple(arguments.steps))
    kept: list[StageReport] = []
    for route in arguments.route or STAGE_ROUTES:
        for variant in arguments.only or VARIANTS:
            kept += train_one(variant, route, settings, arguments)
    if arguments.json:
        found = {str(report.path): report.validation for report in kept}
        print(json.dumps({"dataset": settings.dataset, "validation": found}))
    return 0


def train_one(
    variant: str, route: str, settings: StageSettings, arguments: argparse.Namespace
) -> list[StageReport]:
    """Train one variant along one route with a progress bar; return the reports of its stages."""
    reports = make_stages(variant, route, settings, data_folder(arguments.data), arguments.out)
    name = f"{variant}-{route}"
    kept = []
    with tqdm(total=settings.steps[-1], desc=name, unit="step", file=sys.stderr) as bar:
        for report in reports:
            bar.update(report.step - bar.n)
            if report.path is not None:
                kept.append(report)
                if not arguments.json:
                    tqdm.write(f"{report.path}: {report.validation:.2%}", file=sys.stdout)
    return kept
