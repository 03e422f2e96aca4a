// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

#if !hasFeature(Embedded)
    extension Wire {
        /// Why this side cannot talk to a viewer that says `protocol=M.m` in its address; nil where it can.
        ///
        /// Only the major version has to agree: an older minor version knows fewer messages, and neither side sends what
        /// the other's does not have.
        ///
        /// - Parameter version: what the viewer says; nil where it says nothing.
        /// - Returns: a sentence for the close reason (at most 123 bytes) that says which side to update.
        package static func refusal(ofViewer version: String?) -> String? {
            let own = "\(major).\(minor)"
            guard let version else { return "The address lacks protocol=\(own): update the viewer." }
            guard let peer = majorAndMinor(version) else {
                return "The address has no protocol=MAJOR.MINOR; this server speaks \(own)."
            }
            if peer.major == major { return nil }
            let side = peer.major > major ? "server" : "viewer"
            return "The server speaks protocol \(own), the viewer \(peer.major).\(peer.minor): update the \(side)."
        }

        private static func majorAndMinor(_ text: String) -> (major: Int, minor: Int)? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, text.utf8.count <= 11,
                let major = UInt16(parts[0]), let minor = UInt16(parts[1])
            else { return nil }
            return (Int(major), Int(minor))
        }
    }
#endif
