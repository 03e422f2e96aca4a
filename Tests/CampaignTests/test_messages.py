# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Mutated messages of viewers: the short form of `tools/bench campaign messages`."""

import unittest

from campaigns import Campaign


class Messages(Campaign):
    def test_mutated_messages_are_handled_or_refused_and_a_healthy_viewer_goes_on(self):
        report = self.run_campaign("messages", count=15_000)
        self.assertGreaterEqual(report["messages"], 15_000)
        # Both ways of fate are tried: handled to the last message, and refused for one.
        self.assertGreater(report["endings"].get("open", 0), 20)
        self.assertGreater(report["endings"].get("4400", 0), 20)


if __name__ == "__main__":
    unittest.main()
