// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan
internal import Synchronization

/// What the validation layer complained about. The driver may call from any thread.
package final class ValidationLog: Sendable {
    private let lines = Mutex<[String]>([])

    /// Warnings and errors so far, oldest first.
    package var messages: [String] { lines.withLock { $0 } }

    func append(_ message: String) { lines.withLock { $0.append(message) } }

    /// - Returns: The structure that makes a messenger write to this log, which must outlive the messenger.
    func messengerInfo() -> VkDebugUtilsMessengerCreateInfoEXT {
        var info = VkDebugUtilsMessengerCreateInfoEXT()
        info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT
        info.messageSeverity =
            VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT.rawValue
            | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT.rawValue
        info.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT.rawValue
        info.pfnUserCallback = { _, _, data, user in
            guard let user, let text = data?.pointee.pMessage else { return 0 }
            Unmanaged<ValidationLog>.fromOpaque(user).takeUnretainedValue().append(String(cString: text))
            return 0
        }
        info.pUserData = Unmanaged.passUnretained(self).toOpaque()
        return info
    }
}
