// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a graphics device is, in our words.
package struct DeviceDescription: Sendable, Equatable {
    /// Better ones first.
    package enum Kind: Int, Sendable, Comparable {
        case discrete, integrated, virtual, cpu, other

        package static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
    }

    package struct Version: Sendable, Comparable, CustomStringConvertible {
        package var rawValue: UInt32

        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package init(major: UInt32, minor: UInt32, patch: UInt32 = 0) { rawValue = major << 22 | minor << 12 | patch }

        package static func < (a: Version, b: Version) -> Bool { a.rawValue < b.rawValue }
        package var description: String { "\(rawValue >> 22).\(rawValue >> 12 & 0x3ff).\(rawValue & 0xfff)" }
    }

    /// Place in the driver's list.
    package var index: Int
    package var name: String
    package var driver: String
    package var kind: Kind
    package var apiVersion: Version
    /// 32 hexadecimal digits.
    package var uuid: String
    /// Bytes of the largest heap on the device.
    package var memoryByteCount: Int
    /// What it lacks; empty for a device that can be used.
    package var shortcomings: [String]
}

/// Which device to take.
package enum DeviceChoice: Sendable, Equatable {
    /// The best that is suitable; a CPU only if there is nothing else.
    case best
    /// Place in the driver's list.
    case index(Int)
    /// 32 hexadecimal digits, dashes allowed.
    case uuid(String)
    /// Part of the name, in any case.
    case name(String)

    /// As an operator writes it: `auto`, a number, a UUID, or part of a name.
    package init(_ text: String) {
        let digits = text.filter { $0 != "-" }
        if text.isEmpty || text.lowercased() == "auto" {
            self = .best
        } else if let number = Int(text) {
            self = .index(number)
        } else if digits.count == 32, digits.allSatisfy(\.isHexDigit) {
            self = .uuid(text)
        } else {
            self = .name(text)
        }
    }

    /// The device to take of those there are.
    ///
    /// - Throws: `.noSuitableDevice` with a reason for each device that was passed over.
    package func select(from devices: [DeviceDescription]) throws(GPUError) -> DeviceDescription {
        let wanted = devices.filter(matches)
        let suitable = wanted.filter(\.shortcomings.isEmpty)
        if let best = suitable.min(by: { ($0.kind, $0.index) < ($1.kind, $1.index) }) { return best }
        if wanted.isEmpty, !devices.isEmpty {
            let names = devices.map { "\($0.index) \($0.name)" }.joined(separator: ", ")
            throw .noSuitableDevice(["none is the one that was asked for; there are: \(names)"])
        }
        throw .noSuitableDevice(
            wanted.map { "\($0.name) lacks \($0.shortcomings.joined(separator: ", "))" })
    }

    private func matches(_ device: DeviceDescription) -> Bool {
        switch self {
        case .best: true
        case .index(let index): device.index == index
        case .uuid(let uuid): device.uuid == uuid.lowercased().filter { $0 != "-" }
        case .name(let part): device.name.lowercased().contains(part.lowercased())
        }
    }
}
