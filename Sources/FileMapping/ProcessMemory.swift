// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CLinux

/// Memory of the process as a whole.
package enum ProcessMemory {
    /// Hands what was freed back to the kernel, which the C library keeps otherwise: after work that took far more than
    /// the program needs at rest. Takes milliseconds.
    package static func giveBack() { clinux_trim_memory() }
}
