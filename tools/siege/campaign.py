# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""`tools/bench campaign`: long random campaigns with printed seeds; Tests/CampaignTests runs short ones."""

import json
from pathlib import Path

from . import file_campaign, kills, message_campaign
from .command import programs
from .server import end_in_order

SUMMARY = "random campaigns: killed servers, mutated files and messages"
DESCRIPTION = """\
kills       uploads to a server that is killed and ended at random moments: what was answered must be a model, once
files       mutated model files to import, verify and a running server: no crash, no hang, words for each refusal
messages    mutated WebSocket messages to a server with a healthy viewer: no crash, no lasting growth
"""

# Name → (function of program, scratch folder, count and seed, function of its report to faults, the nightly count).
CAMPAIGNS = {
    "kills": (kills.run, kills.faults, 500),
    "files": (file_campaign.run, file_campaign.faults, 20_000),
    "messages": (message_campaign.run, message_campaign.faults, 1_000_000),
}


def add_options(parser):
    parser.add_argument("kind", choices=CAMPAIGNS, help="which campaign")
    parser.add_argument("--count", type=int, metavar="N",
                        help="uploads, files or messages (default: the nightly form's)")
    parser.add_argument("--seed", type=int, metavar="N", help="repeat this campaign (default: a new one, printed)")
    parser.add_argument("--program", action="append", default=[], metavar="FILE",
                        help="the vantage to use (default: a release build)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the report")


def run(options, work, build):
    """Runs one campaign; the exit code."""
    end_in_order()
    body, faults, nightly = CAMPAIGNS[options.kind]
    program = next(iter(programs(options.program[:1], build).values()))
    report = body(program, work / "campaigns", options.count or nightly, options.seed)
    found = faults(report)
    for key, value in report.items():
        print(f"{key}: {value if not isinstance(value, (list, dict)) or len(value) < 20 else f'{len(value)} …'}")
    for fault in found:
        print(f"! {fault}")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))
    print("broken" if found else "good")
    return 1 if found else 0
