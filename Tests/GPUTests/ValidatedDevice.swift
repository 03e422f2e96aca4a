// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import GPU

/// Whether there is any Vulkan to test with.
enum Vulkan {
    static let isMissing: Bool = {
        Lavapipe.pin
        return (try? VulkanInstance().devices.isEmpty) ?? true
    }()

    static let comment: Comment = "there is no Vulkan driver: install mesa-vulkan-drivers"
}

/// Runs a test's body on a validated device, and checks that the layer has nothing to say and nothing stays behind.
func withDevice(
    budgetByteCount: Int? = nil, needsStaging: Bool = false, failures: FailureInjection = FailureInjection(),
    isValidated: Bool = true, _ body: (Device) throws -> Void
) throws {
    let objects = ObjectCounter()
    var log: ValidationLog?
    do {
        let instance = try VulkanInstance(isValidated: isValidated, objects: objects)
        log = instance.validationLog
        let device = try Device(
            instance, budgetByteCount: budgetByteCount, needsStaging: needsStaging, failures: failures)
        defer { device.shutDown(timeoutMilliseconds: 20_000) }
        try body(device)
    }
    #expect(log?.messages ?? [] == [])
    #expect(objects.liveCount == 0)
}

extension Commands {
    /// Submits and waits.
    func run() throws(GPUError) {
        let value = try submit()
        try device.wait(for: value, timeoutMilliseconds: 20_000)
    }
}
