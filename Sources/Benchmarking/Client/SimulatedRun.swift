// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamMeasuring

extension Run {
    /// What was measured in virtual time.
    package init(_ found: ClientPathMeasurement) {
        self.init()
        add("limit", "limit: the surface as one mesh", "KB", Double(found.limitByteCount) / 1000, better: .neither)
        add("least", "fewest chunks for 95 %", "KB", Double(found.leastByteCount) / 1000, better: .lower)
        add("firstPictureBytes", "first picture", "KB", Double(found.firstPictureByteCount) / 1000)
        add("firstPictureTime", "first picture after", "ms", 1000 * found.firstPictureSeconds)
        for (name, count) in [("50", found.byteCount50), ("95", found.byteCount95), ("99", found.byteCount99)] {
            add("bytes\(name)", "until \(name) % of pixels are right", "KB", count.map { Double($0) / 1000 })
        }
        add("time95", "95 % after", "ms", found.seconds95.map { 1000 * $0 })
        add("efficiency", "efficiency: limit over bytes for 95 %", "", found.efficiency, better: .higher)
        add("timeEfficiency", "time efficiency", "", found.timeEfficiency, better: .higher)
        add("settledBytes", "everything for the view", "KB", Double(found.settledByteCount) / 1000)
        add("linkUse", "link used until then", "%", 100 * found.linkUse, better: .higher)
        add("stale", "stale after a jump", "KB", Double(found.staleByteCount) / 1000)
        add(
            "staleShare", "stale, of what is allowed", "",
            Double(found.staleByteCount) / Double(found.allowedStaleByteCount))
    }
}
