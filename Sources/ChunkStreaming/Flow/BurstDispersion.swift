// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The rate at which messages arrive that were sent together: that of the slowest link on the way, known one round trip
/// after the first burst.
///
/// - Source: packet trains as in Dovrolis et al., "Packet-dispersion techniques and a capacity-estimation methodology",
///   IEEE/ACM Transactions on Networking 12(6), 2004.
struct BurstDispersion {
    /// Bytes per second; nil until a burst has shown it.
    private(set) var rate: Double?

    private var sentAt = -Double.infinity
    private var firstArrival = 0.0
    private var firstDelivered = 0

    /// Messages sent within this many seconds are one burst.
    private static let burstSeconds = 0.002
    /// Fewer bytes say too little.
    private static let leastByteCount = 24_576
    /// Shorter spreads are within what clocks and schedulers blur.
    private static let leastSeconds = 0.000_5

    /// - Parameters:
    ///   - sentAt: of the newest message that has arrived.
    ///   - deliveredByteCount: all that has arrived until `arrival`, seconds.
    mutating func arrived(sentAt: Double, deliveredByteCount: Int, at arrival: Double) {
        guard sentAt - self.sentAt < BurstDispersion.burstSeconds else {
            self.sentAt = sentAt
            firstArrival = arrival
            firstDelivered = deliveredByteCount
            return
        }
        let (bytes, seconds) = (deliveredByteCount - firstDelivered, arrival - firstArrival)
        guard bytes >= BurstDispersion.leastByteCount, seconds >= BurstDispersion.leastSeconds else { return }
        rate = Double(bytes) / seconds
    }
}
