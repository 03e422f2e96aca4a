// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// The connection to the Vulkan loader and its drivers. Devices keep it alive. For one thread at a time.
package final class VulkanInstance {
    /// What the validation layer said; empty where it is off.
    package let validationLog = ValidationLog()
    /// Counts what this instance's devices have made.
    package let objects: ObjectCounter
    /// Whether validation was asked for and is installed.
    package let isValidated: Bool
    let library: VulkanLibrary
    let functions: InstanceFunctions
    let handle: VkInstance
    private var messenger: VkDebugUtilsMessengerEXT?

    private static let validationLayer = "VK_LAYER_KHRONOS_validation"

    /// - Parameter isValidated: loads the validation layer with checks of synchronization, if it is installed.
    /// - Throws: `GPUError` `.noLibrary` or `.noDriver`.
    package init(isValidated: Bool = false, objects: ObjectCounter = ObjectCounter()) throws(GPUError) {
        self.objects = objects
        library = try VulkanLibrary.open()
        self.isValidated = isValidated ? try VulkanInstance.hasValidation(library) : false
        handle = try VulkanInstance.create(library, log: self.isValidated ? validationLog : nil)
        do throws(GPUError) {
            functions = try InstanceFunctions(library, handle)
        } catch {
            let destroy = try? library.function("vkDestroyInstance", of: handle, as: PFN_vkDestroyInstance.self)
            destroy?(handle, nil)
            throw error
        }
        objects.add()
        if self.isValidated { listen() }
    }

    deinit {
        if let messenger,
            let destroy = try? library.function(
                "vkDestroyDebugUtilsMessengerEXT", of: handle, as: PFN_vkDestroyDebugUtilsMessengerEXT.self)
        {
            destroy(handle, messenger, nil)
        }
        functions.destroyInstance(handle, nil)
        objects.remove()
    }

    private static func hasValidation(_ library: VulkanLibrary) throws(GPUError) -> Bool {
        let enumerate = try library.function(
            "vkEnumerateInstanceLayerProperties", of: nil, as: PFN_vkEnumerateInstanceLayerProperties.self)
        return list(of: VkLayerProperties()) { enumerate($0, $1) }.contains { text($0.layerName) == validationLayer }
    }

    private static func create(_ library: VulkanLibrary, log: ValidationLog?) throws(GPUError) -> VkInstance {
        let createInstance = try library.function("vkCreateInstance", of: nil, as: PFN_vkCreateInstance.self)
        var arena = Arena()
        var application = VkApplicationInfo()
        application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO
        application.apiVersion = DeviceDescription.Version(major: 1, minor: 3).rawValue
        var info = VkInstanceCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO
        info.pApplicationInfo = arena.place(application)
        if let log {
            var features = VkValidationFeaturesEXT()
            features.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT
            features.enabledValidationFeatureCount = 1
            features.pEnabledValidationFeatures = arena.place(
                VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT)
            var messenger = log.messengerInfo()
            messenger.pNext = UnsafeRawPointer(arena.place(features))
            info.pNext = UnsafeRawPointer(arena.place(messenger))
        }
        var instance: VkInstance?
        let result = withCStrings(log == nil ? [] : [validationLayer]) { layers in
            withCStrings(log == nil ? [] : [VK_EXT_DEBUG_UTILS_EXTENSION_NAME, "VK_EXT_validation_features"]) {
                extensions in
                info.enabledLayerCount = log == nil ? 0 : 1
                info.ppEnabledLayerNames = layers
                info.enabledExtensionCount = log == nil ? 0 : 2
                info.ppEnabledExtensionNames = extensions
                return createInstance(&info, nil, &instance)
            }
        }
        if result == VK_ERROR_INCOMPATIBLE_DRIVER || result == VK_ERROR_INITIALIZATION_FAILED { throw .noDriver }
        try check("vkCreateInstance", result)
        return instance!
    }

    private func listen() {
        guard
            let create = try? library.function(
                "vkCreateDebugUtilsMessengerEXT", of: handle, as: PFN_vkCreateDebugUtilsMessengerEXT.self)
        else { return }
        var info = validationLog.messengerInfo()
        if create(handle, &info, nil, &messenger) != VK_SUCCESS { messenger = nil }
    }
}
