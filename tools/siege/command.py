# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""`tools/bench siege`: reads the options, prepares the models, runs attack by attack, and reports."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import attacks, table
from .runs import MODEL, Bounds, Run
from .server import end_in_order

SUMMARY = "attacks on a running server, and how a healthy viewer fares beside them"
DESCRIPTION = """\
Attacks fresh servers on loopback, one attack at a time, and watches two healthy viewers, first quiet, then beside the
attack. The one on the client path asks 20 times a second and measures how long answers take; the one on the server path
counts pictures while it turns. Both look at the sample assembly; the one is busy after the other.

Broken is: an answer's p95 above 2 times the quiet one (and above 10 ms), pictures below 0.7 times the quiet rate, a
server that ended or keeps 400 MiB, a viewer cut off, and what an attack itself found: words that are missing, a status
that should not be, an upload that is lost. Then the exit code is 1.

Attackers are processes with nice 10: where server and attackers want all processors, the server gets some nine tenths.
The figures so say what the server does to itself for an attacker, not how two programs share a small machine; attackers
on other machines do not take its processors at all. Give --program twice, with labels, to compare two builds: they
alternate, attack by attack, so that the machine's mood meets both.
"""


def add_options(parser):
    parser.add_argument("--program", action="append", default=[], metavar="[LABEL=]FILE",
                        help="a vantage to attack; may be repeated (default: a release build)")
    parser.add_argument("--attack", action="append", default=[], metavar="NAME", help="only this one; may be repeated")
    parser.add_argument("--list", action="store_true", help="list the attacks and end")
    parser.add_argument("--quick", action="store_true", help="two seconds a measurement instead of five")
    parser.add_argument("--seconds", type=float, metavar="S", help="seconds of each of the four measurements")
    parser.add_argument("--patience", type=float, default=60, metavar="S",
                        help="seconds that an upload may take to be taken or refused (default: 60)")
    parser.add_argument("--hostile", type=Path, metavar="DIR", help="hostile files (default: ../shared/cases/hostile)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the report (default: .work/bench/siege.json)")
    parser.add_argument("--keep", action="store_true", help="keep the servers' folders and logs")


def programs(texts, build):
    """Label → binary, in the order given."""
    found = {}
    for number, text in enumerate(texts, 1):
        label, _, path = text.rpartition("=")
        label = label or ("vantage" if len(texts) == 1 else f"vantage{number}")
        found[label] = Path(path).resolve()
        if not found[label].is_file():
            sys.exit(f"bench: there is no program {path}")
    return found or {"vantage": build()}


def prepare(program, folder):
    """Archives that the servers have, made by the program itself and kept between runs."""
    folder.mkdir(parents=True, exist_ok=True)
    archives = {MODEL: folder / "siege-assembly.vantage", "victim": folder / "siege-textured.vantage"}
    for (name, archive), kind in zip(archives.items(), ("assembly", "textured")):
        if not archive.exists():
            source = folder / f"siege-{kind}.glb"
            subprocess.run([program, "sample", kind, "-o", source, "--quiet"], check=True)
            subprocess.run([program, "import", source, "-o", archive, "--quiet"], check=True,
                           stdout=subprocess.DEVNULL)
    return archives


def chosen(names):
    known = {attack.name: attack for attack in attacks.ALL}
    for name in names:
        if name not in known:
            sys.exit(f"bench: there is no attack {name}; there are {', '.join(known)}")
    return [known[name] for name in names] or list(known.values())


def run(options, work, root, build):
    """Runs what the options say; the exit code."""
    if options.list:
        for attack in attacks.ALL:
            print(f"{attack.name:14} {attack.summary}")
        return 0
    end_in_order()
    wanted, found = chosen(options.attack), programs(options.program, build)
    options.seconds = options.seconds or (2.0 if options.quick else 5.0)
    options.hostile = options.hostile or root.parent / "shared" / "cases" / "hostile"
    options.bounds = Bounds()
    results = []
    with tempfile.TemporaryDirectory(prefix="siege-") as scratch:
        if options.keep:
            scratch = tempfile.mkdtemp(prefix="siege-")
            print(f"servers' folders: {scratch}")
        options.scratch = scratch
        archives = prepare(next(iter(found.values())), work)
        if (load := os.getloadavg()[0]) > (os.cpu_count() or 1) / 2:
            print(f"the machine is busy with other things (load {load:.1f}): ratios mean little")
        print(table.header(), flush=True)
        for attack in wanted:
            for label, program in found.items():
                with Run(label, program, attack, archives, options) as one:
                    result = one.measure()
                results.append(result)
                print("\n".join([table.row(result), *table.details(result)]), flush=True)
    output = options.json or work / "siege.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps({
        "seconds": options.seconds, "load": load, "processors": os.cpu_count(), "bounds": vars(options.bounds), "time": time.time(),
        "programs": {label: str(path) for label, path in found.items()},
        "results": [result.json() for result in results]}, indent=1))
    print(f"report: {output}")
    return 1 if any(result.faults for result in results) else 0
