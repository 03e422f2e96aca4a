// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Measures the real viewer in a browser.
package struct BrowserBench {
    private let plan: BenchPlan

    package init(_ plan: BenchPlan) { self.plan = plan }

    package func run(_ progress: BenchProgress) -> Run {
        var run = Run()
        run.failure = "not yet"
        return run
    }
}
