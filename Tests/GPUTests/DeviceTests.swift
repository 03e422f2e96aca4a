// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import GPU

@Suite struct DeviceChoiceTests {
    private func device(_ index: Int, _ kind: DeviceDescription.Kind, _ shortcomings: [String] = [])
        -> DeviceDescription
    {
        DeviceDescription(
            index: index, name: "Device \(index)", driver: "driver", kind: kind,
            apiVersion: DeviceDescription.Version(major: 1, minor: 3),
            uuid: String(repeating: "0", count: 31) + String(index), memoryByteCount: 1 << 30,
            shortcomings: shortcomings)
    }

    @Test func theBestKindThatIsSuitableWins() throws {
        let devices = [
            device(0, .cpu), device(1, .integrated), device(2, .discrete, ["timeline semaphores"]), device(3, .virtual),
        ]
        #expect(try DeviceChoice.best.select(from: devices).index == 1)
        #expect(try DeviceChoice.best.select(from: [devices[0]]).index == 0)
    }

    @Test func devicesAreChosenByPlaceNameAndIdentity() throws {
        let devices = [device(0, .discrete), device(1, .cpu)]
        #expect(try DeviceChoice("1").select(from: devices).index == 1)
        #expect(try DeviceChoice("vice 1").select(from: devices).index == 1)
        #expect(try DeviceChoice("00000000-0000-0000-0000-000000000001").select(from: devices).index == 1)
        #expect(DeviceChoice("auto") == .best && DeviceChoice("") == .best)
    }

    @Test func aRefusalNamesWhatIsThereAndWhatItLacks() {
        let lacking = device(0, .discrete, ["dynamic rendering"])
        #expect(throws: GPUError.noSuitableDevice(["Device 0 lacks dynamic rendering"])) {
            try DeviceChoice.best.select(from: [lacking])
        }
        #expect {
            try DeviceChoice.name("other").select(from: [lacking])
        } throws: { error in "\(error)".contains("there are: 0 Device 0") }
        #expect(throws: GPUError.noSuitableDevice([])) { try DeviceChoice.best.select(from: []) }
    }

    @Test func versionsAreReadAsVulkanPacksThem() {
        let version = DeviceDescription.Version(rawValue: 1 << 22 | 3 << 12 | 230)
        #expect("\(version)" == "1.3.230" && version > DeviceDescription.Version(major: 1, minor: 3))
    }

    @Test func aMissingLibrarySaysWhatToInstall() {
        #expect {
            try VulkanLibrary.open("libnothing-of-that-name.so.1")
        } throws: { error in
            guard case GPUError.noLibrary = error else { return false }
            return "\(error)".contains("install libvulkan1")
        }
    }

    @Test(.disabled(if: Vulkan.isMissing, Vulkan.comment))
    func aMachineWithoutDriversSaysWhatToInstall() async {
        await #expect(processExitsWith: .success) {
            setenv("VK_DRIVER_FILES", "/nothing.json", 1)
            setenv("VK_ICD_FILENAMES", "/nothing.json", 1)
            do throws(GPUError) {
                _ = try VulkanInstance()
                exit(1)
            } catch {
                exit(error == .noDriver && "\(error)".contains("install") ? 0 : 1)
            }
        }
    }
}

@Suite(.serialized, .disabled(if: Vulkan.isMissing, Vulkan.comment)) struct DeviceTests {
    @Test func theDeviceIsDescribed() throws {
        try withDevice { device in
            let description = device.description
            #expect(!description.name.isEmpty && description.shortcomings.isEmpty)
            #expect(description.apiVersion >= DeviceDescription.Version(major: 1, minor: 3))
            #expect(description.uuid.count == 32 && description.memoryByteCount > 0)
            #expect(device.instance.isValidated, "install vulkan-validationlayers")
        }
    }

    @Test func theValidationLayerReportsAMistake() throws {
        let instance = try VulkanInstance(isValidated: true)
        let device = try Device(instance)
        let image = try Image(device, format: .rgba8, width: 8, height: 8, usage: [.copySource, .copyDestination])
        let buffer = try Buffer(device, byteCount: 256, usage: .copyDestination, memory: .readback)
        let commands = try Commands(device)
        // Without a transition the image's layout is not the one that copies want.
        commands.copy(image, CopyRegion(width: 8, height: 8), to: buffer, at: 0)
        try commands.run()
        #expect(!instance.validationLog.messages.isEmpty)
    }

    @Test(arguments: [false, true]) func bytesTravelToTheDeviceAndBack(needsStaging: Bool) throws {
        try withDevice(needsStaging: needsStaging) { device in
            let values = (0..<5000).map { UInt32($0) &* 2_654_435_761 }
            let upload = try Buffer(device, byteCount: 20_000, usage: .copySource, memory: .upload)
            let stored = try Buffer(
                device, byteCount: 20_000, usage: [.storage, .copySource, .copyDestination], memory: .device)
            let readback = try Buffer(device, byteCount: 20_000, usage: .copyDestination, memory: .readback)
            #expect(upload.isMapped && readback.isMapped)
            upload.write(values)
            let commands = try Commands(device)
            commands.copy(upload, at: 0, to: stored, at: 0, byteCount: 20_000)
            commands.barrier(from: .copyWrite, to: .copyRead)
            commands.copy(stored, at: 0, to: readback, at: 0, byteCount: 20_000)
            commands.barrier(from: .copyWrite, to: .hostRead)
            try commands.run()
            #expect(Array(readback.bytes().bindMemory(to: UInt32.self)) == values)
        }
    }

    @Test func everyLevelOfAnImageKeepsItsPixels() throws {
        try withDevice { device in
            let usage: ImageUsage = [.copySource, .copyDestination, .sampled]
            let first = try Image(device, format: .rgba8Srgb, width: 20, height: 10, levelCount: 3, usage: usage)
            let second = try Image(device, format: .rgba8Srgb, width: 20, height: 10, levelCount: 3, usage: usage)
            let upload = try Buffer(device, byteCount: 4096, usage: .copySource, memory: .upload)
            let readback = try Buffer(device, byteCount: 4096, usage: .copyDestination, memory: .readback)
            let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 37 >> 2) }
            upload.write(bytes)
            #expect(first.size(ofLevel: 2) == (5, 2))
            let commands = try Commands(device)
            commands.transition(first, to: .copyDestination)
            for level in 0..<3 { commands.copy(upload, at: 1024 * level, to: first, region(level, first)) }
            commands.transition(first, to: .copySource)
            commands.transition(second, to: .copyDestination)
            for level in 0..<3 { commands.copy(first, level: level, to: second, level: level) }
            commands.transition(second, to: .copySource)
            for level in 0..<3 { commands.copy(second, region(level, second), to: readback, at: 1024 * level) }
            commands.barrier(from: .copyWrite, to: .hostRead)
            try commands.run()
            for level in 0..<3 {
                let size = first.size(ofLevel: level)
                let range = 1024 * level..<1024 * level + 4 * size.width * size.height
                #expect(Array(readback.bytes()[range]) == Array(bytes[range]))
            }
        }
    }

    private func region(_ level: Int, _ image: Image) -> CopyRegion {
        let size = image.size(ofLevel: level)
        return CopyRegion(level: level, width: size.width, height: size.height)
    }

    @Test func whatIsDroppedWhileTheDeviceReadsItIsDestroyedLater() throws {
        try withDevice { device in
            let readback = try Buffer(device, byteCount: 1 << 20, usage: .copyDestination, memory: .readback)
            var values: [UInt64] = []
            for round in 0..<20 {
                let upload = try Buffer(device, byteCount: 1 << 20, usage: .copySource, memory: .upload)
                upload.write([UInt32](repeating: UInt32(round), count: 1 << 18))
                let commands = try Commands(device)
                commands.barrier(from: [.copyWrite, .hostRead], to: .copyWrite)
                commands.copy(upload, at: 0, to: readback, at: 0, byteCount: 1 << 20)
                values.append(try commands.submit())
            }
            #expect(values == Array(1...20))
            try device.wait(for: 20, timeoutMilliseconds: 20_000)
            device.collect()
            #expect(device.retired.isEmpty && device.usedByteCount == 1 << 20)
            #expect(readback.bytes().bindMemory(to: UInt32.self).allSatisfy { $0 == 19 })
        }
    }

    @Test func commandsThatAreNotSubmittedNeverHappened() throws {
        try withDevice { device in
            let usage: ImageUsage = [.copySource, .copyDestination, .sampled]
            let image = try Image(device, format: .rgba8, width: 8, height: 8, usage: usage)
            do {
                let commands = try Commands(device)
                commands.transition(image, to: .copyDestination)
                #expect(image.state == .copyDestination)
            }
            #expect(image.state == .undefined && device.openCommandCount == 0)
            let commands = try Commands(device)
            commands.transition(image, to: .copySource)
            try commands.run()
        }
    }

    @Test func theBudgetHolds() throws {
        try withDevice(budgetByteCount: 8 << 20) { device in
            var buffers: [Buffer] = []
            #expect {
                while buffers.count < 100 {
                    buffers.append(try Buffer(device, byteCount: 1 << 20, usage: .storage, memory: .device))
                }
            } throws: { error in (error as? GPUError)?.isOutOfMemory == true }
            #expect(buffers.count == 8 && device.allocatedByteCount <= 8 << 20)
            buffers.removeLast()
            device.collect()
            buffers.append(try Buffer(device, byteCount: 1 << 20, usage: .storage, memory: .device))
        }
    }

    @Test func waitingTooLongGivesTheDeviceUp() throws {
        try withDevice { device in
            #expect {
                try device.wait(for: 1, timeoutMilliseconds: 20)
            } throws: { error in (error as? GPUError)?.isDeviceLost == true }
            #expect(device.isLost)
            #expect(throws: GPUError.deviceLost(call: "vkBeginCommandBuffer")) { try Commands(device) }
            #expect(throws: GPUError.self) {
                try Buffer(device, byteCount: 4, usage: .storage, memory: .device)
            }
        }
    }

    @Test func aPipelineCacheSurvivesAnyBytes() throws {
        try withDevice { device in
            let bytes = try PipelineCache(device).bytes
            #expect(bytes.count >= 32)
            for count in [0, 1, 31, 32, bytes.count] {
                _ = try PipelineCache(device, bytes: Array(bytes.prefix(count)))
            }
            _ = try PipelineCache(device, bytes: [UInt8](repeating: 0xa5, count: 100))
            // Of another version, vendor, device or driver: as good as none.
            for place in [4, 8, 12, 16, 31] {
                var other = bytes
                other[place] ^= 1
                #expect(try PipelineCache(device, bytes: other).bytes == bytes)
            }
        }
    }

    @Test(arguments: 1...6) func injectedFailuresAreTypedAndLeaveNothing(period: Int) throws {
        let kinds = [
            FailureInjection(everyNthAllocation: period), FailureInjection(everyNthCreation: period),
            FailureInjection(everyNthSubmission: period),
        ]
        for failures in kinds {
            var errors: [GPUError] = []
            do {
                try withDevice(failures: failures, isValidated: false) { device in
                    for _ in 0..<8 {
                        do throws(GPUError) { try copyOnce(device) } catch { errors.append(error) }
                    }
                }
            } catch let error as GPUError {
                errors.append(error)
            }
            #expect(!errors.isEmpty && errors.allSatisfy { $0.isOutOfMemory || $0.isDeviceLost })
        }
    }

    private func copyOnce(_ device: Device) throws(GPUError) {
        let upload = try Buffer(device, byteCount: 256, usage: .copySource, memory: .upload)
        let image = try Image(device, format: .rgba8, width: 8, height: 8, usage: [.copyDestination, .sampled])
        _ = try Sampler(
            device, Sampler.Options(wrapU: .repeat, wrapV: .repeat, isNearest: false, anisotropy: 4))
        let commands = try Commands(device)
        commands.transition(image, to: .copyDestination)
        commands.copy(upload, at: 0, to: image, CopyRegion(width: 8, height: 8))
        try commands.run()
    }
}
