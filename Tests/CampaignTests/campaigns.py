# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a campaign of tools/siege in its short form. CAMPAIGN_SEED repeats one; VANTAGE names another binary."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True

from siege.campaign import CAMPAIGNS  # noqa: E402


def vantage_binary():
    path = Path(os.environ.get("VANTAGE", ROOT / ".build/release/vantage"))
    if not path.exists():
        raise SystemExit(f"{path} is missing; build it with: swift build -c release --product vantage")
    return path


class Campaign(unittest.TestCase):
    def run_campaign(self, name, count):
        """The report of a campaign without faults."""
        body, faults, _ = CAMPAIGNS[name]
        seed = os.environ.get("CAMPAIGN_SEED")
        with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
            report = body(vantage_binary(), Path(folder), count, int(seed) if seed else None)
            self.assertEqual(faults(report), [], f"repeat it with CAMPAIGN_SEED={report['seed']}")
        return report
