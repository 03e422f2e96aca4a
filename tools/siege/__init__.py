# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""What attacks a running server and watches how it fares: `tools/bench siege` and `tools/bench campaign`."""
