// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A report as one page.
package enum HTMLReport {
    package static func page(_ report: Report) -> String { "<!doctype html><pre>\(ReportTable.text(report))</pre>" }
}
