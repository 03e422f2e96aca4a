# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a campaign of tools/siege in its short form, with one seed for all time; CAMPAIGN_SEED tries another.
VANTAGE names another binary."""

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
        seed = int(os.environ.get("CAMPAIGN_SEED", "1"))
        with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
            report = body(vantage_binary(), Path(folder), count, seed)
            self.assertEqual(faults(report), [], f"seed {seed}")
        return report
