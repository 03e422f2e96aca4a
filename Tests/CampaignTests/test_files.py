# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Mutated model files: the short form of `tools/bench campaign files`."""

import unittest

from campaigns import Campaign


class Files(Campaign):
    def test_mutated_files_are_read_or_refused_with_words_and_end_no_process(self):
        report = self.run_campaign("files", count=400)
        self.assertEqual(report["files"], 400)
        self.assertGreater(report["uploaded"], 10)


if __name__ == "__main__":
    unittest.main()
