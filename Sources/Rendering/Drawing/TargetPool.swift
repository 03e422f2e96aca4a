// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU

/// What pictures are drawn into, by size, shared by all viewers.
final class TargetPool {
    private let device: Device
    private var idle: [FrameSlot] = []
    private var shared: [SizeBucket: (targets: SharedTargets, lastUse: Int)] = [:]
    private var useCount = 0
    /// Pictures begun until what was not used is let go.
    private static let patience = 300

    init(_ device: Device) { self.device = device }

    func take(_ bucket: SizeBucket) throws(GPUError) -> FrameSlot {
        useCount += 1
        trim(olderThan: useCount - TargetPool.patience)
        if let index = idle.lastIndex(where: { $0.bucket == bucket }) { return idle.remove(at: index) }
        return try FrameSlot(device, bucket)
    }

    func give(_ slot: FrameSlot) {
        slot.lastUse = useCount
        idle.append(slot)
    }

    /// The multisampled images of a bucket.
    func multisampled(_ bucket: SizeBucket) throws(GPUError) -> SharedTargets {
        if let known = shared[bucket] {
            shared[bucket] = (known.targets, useCount)
            return known.targets
        }
        let targets = try SharedTargets(device, bucket)
        shared[bucket] = (targets, useCount)
        return targets
    }

    /// Lets go of what is idle, but for pictures of one size.
    func removeIdle(except bucket: SizeBucket? = nil) { trim(olderThan: .max, except: bucket) }

    private func trim(olderThan use: Int, except bucket: SizeBucket? = nil) {
        idle.removeAll { $0.lastUse < use && $0.bucket != bucket }
        shared = shared.filter { $0.value.lastUse >= use || $0.key == bucket }
    }
}
