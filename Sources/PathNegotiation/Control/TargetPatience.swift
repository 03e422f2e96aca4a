// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// For how long a preparation may show nothing. Times in seconds.
struct TargetPatience: Sendable {
    /// A picture is drawn and sent.
    static let pictureSeconds = 10.0
    /// Nothing arrives for the client's cut.
    static let quietSeconds = 20.0

    var seconds: Double
    /// The last sign of progress.
    var since: Double
    /// Only pictures are prepared: chunks are no progress.
    var isOfPictures: Bool

    var dueAt: Double { since + seconds }
}
