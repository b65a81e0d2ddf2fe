"""Measures the platform and prints one JSON object a line: `./run bench [PART …]`, by default all of PARTS.

Figures of one machine at one moment mean little by themselves: `ratio` is against a bare Flask page or a bare
Flask-SocketIO event, served by the same configuration and asked by the same client in the same run. docs/measured.md
tells how to repeat them all.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.load import people_bench, quiz_bench, register_bench, report_bench
from tests.load.lighthouse_bench import measure_lighthouse
from tests.load.measuring import allow_many_files, new_site
from tests.load.pages import measure_speed, measure_statements, measure_weight
from tests.load.stage import make_stage
from tests.load.storm import measure_idle, measure_storm
from tests.load.truth import measure_truth
from tests.load.views import measure_views

OTHERS = register_bench.PARTS | people_bench.PARTS | quiz_bench.PARTS | report_bench.PARTS
PARTS = ("pages", "statements", "weight", "views", "lighthouse", "storm", "idle", "truth", *OTHERS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which of {', '.join(PARTS)}; all by default")
    parser.add_argument("--people", type=int, default=1000, help="how many come in the storm and sit idle")
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME=URL",
        help="another platform's page, running on this machine, for views to compare with; may be given again",
    )
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    wanted = given.parts or PARTS
    allow_many_files()
    if {"pages", "weight", "statements"} & set(wanted):
        with new_site() as site:
            stage = make_stage(site)
            server = site.start()
            if "pages" in wanted:
                measure_speed(stage, server)
            if "weight" in wanted:
                measure_weight(stage, server)
            server.stop()
            if "statements" in wanted:
                measure_statements(stage)
    if "views" in wanted:
        measure_views(dict(peer.split("=", 1) for peer in given.peer))
    if "lighthouse" in wanted:
        measure_lighthouse()
    if "storm" in wanted:
        with new_site() as site:
            measure_storm(site, given.people)
    if "idle" in wanted:
        with new_site() as site:
            measure_idle(site, given.people)
    if "truth" in wanted:
        measure_truth()
    for part, measure in OTHERS.items():
        if part in wanted:
            with new_site() as site:
                measure(site, given.people)


if __name__ == "__main__":
    main()
