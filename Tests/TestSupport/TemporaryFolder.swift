// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A folder of its own for one test's files; removed with it.
package final class TemporaryFolder {
    package let path: String

    package init() {
        var template = Array("/tmp/vantage-tests-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            guard let made = mkdtemp(buffer.baseAddress!) else { preconditionFailure("no folder can be made in /tmp") }
            return String(cString: made)
        }
    }

    deinit {
        for name in entries { unlink(file(name)) }
        for name in entries { rmdir(file(name)) }
        rmdir(path)
    }

    package func file(_ name: String) -> String { path + "/" + name }

    /// The names in it, sorted.
    package var entries: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func write(_ name: String, _ bytes: [UInt8]) -> String {
        let stream = fopen(file(name), "wb")!
        defer { fclose(stream) }
        precondition(fwrite(bytes, 1, bytes.count, stream) == bytes.count, "the disk is full")
        return file(name)
    }

    package func read(_ name: String) -> [UInt8]? {
        guard let stream = fopen(file(name), "rb") else { return nil }
        defer { fclose(stream) }
        fseek(stream, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: ftell(stream))
        rewind(stream)
        return fread(&bytes, 1, bytes.count, stream) == bytes.count ? bytes : nil
    }
}
