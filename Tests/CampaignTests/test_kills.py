# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Uploads to a server that is killed: the short form of `tools/bench campaign kills`."""

import unittest

from campaigns import Campaign


class Kills(Campaign):
    def test_what_was_answered_is_a_model_exactly_once_whatever_ends_the_server(self):
        report = self.run_campaign("kills", count=40)
        self.assertEqual(report["acknowledged"], 40)
        self.assertGreaterEqual(sum(report["ends"].values()), 3)


if __name__ == "__main__":
    unittest.main()
