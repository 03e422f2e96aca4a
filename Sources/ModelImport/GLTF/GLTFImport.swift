// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// One import in progress: the document, the buffers opened so far, and what was noticed on the way. Used by one thread.
///
/// Its steps are in extensions, one file per topic: buffers, accessors, the node tree, meshes, materials, images.
final class GLTFImport {
    let file: MappedFile
    let options: ImportOptions
    let container: GLTFContainer
    let document: GLTFDocument

    var buffers: [Int: GLTFByteSlice] = [:]
    /// Files beside the model, by path.
    var resources: [String: GLTFByteSlice] = [:]
    var skins: [Int: [AffineTransform]] = [:]
    /// Decoded EXT_meshopt_compression views.
    var decodedViews: [Int: GLTFByteSlice] = [:]
    var warnings = GLTFWarnings()

    /// Bytes the result may still take: far more than any honest compression yields, so that a small file cannot make
    /// us fill the memory by using one accessor a million times.
    private var allowance: Int
    private var workTotal = 1.0
    private var workDone = 0.0

    init(
        file: MappedFile, options: ImportOptions, container: GLTFContainer, document: GLTFDocument
    ) {
        self.file = file
        self.options = options
        self.container = container
        self.document = document.nodes.isEmpty ? document.placingEveryMesh : document
        allowance = 256 << 20
        raiseAllowance(forInputOf: file.byteCount)
        if document.nodes.isEmpty, !document.meshes.isEmpty {
            warnings.add("the file has no nodes: each mesh is shown once, where it is")
        }
    }

    func error(_ code: ImportError.Code, _ message: String, _ place: String) -> ImportError {
        ImportError(code, message, file: file.path, place: place)
    }

    func malformed(_ message: String, _ place: String) -> ImportError {
        error(.malformed, message, place)
    }

    /// `list[index]`, where `place` names the member that holds `index` and `kind` the list.
    func element<Element>(
        _ list: [Element], _ index: Int, _ kind: String, _ place: @autoclosure () -> String
    ) throws(ImportError) -> Element {
        guard list.indices.contains(index) else {
            throw malformed("there is no \(kind)[\(index)], only \(list.count) of them", place())
        }
        return list[index]
    }

    func raiseAllowance(forInputOf byteCount: Int) {
        allowance += min(byteCount, 1 << 45) * 256
    }

    /// Takes `count` × `stride` bytes of the allowance before they are allocated.
    func charge(_ count: Int, stride: Int, _ place: @autoclosure () -> String) throws(ImportError) {
        let (size, overflow) = count.multipliedReportingOverflow(by: stride)
        guard !overflow, size <= allowance else {
            throw error(
                .tooLarge, "\(count) elements are far more than a file of this size can hold", place())
        }
        allowance -= size
    }

    /// An empty array under the options' memory limit.
    func makeArray<Element: BitwiseCopyable>(
        of type: Element.Type, count: Int, expectedTotalBytes: Int
    ) throws(ImportError) -> LargeArray<Element> {
        do {
            let array = try options.spill.makeArray(of: type, expectedTotalBytes: expectedTotalBytes)
            try array.resize(count)
            return array
        } catch {
            throw ImportError(error, file: file.path)
        }
    }

    // MARK: Progress

    /// Before the geometry is read: how many vertices and indices it has in all.
    func expectWork(_ total: Int) { workTotal = max(1, Double(total)) }

    func work(done amount: Int) throws(ImportError) {
        workDone += Double(amount)
        try poll()
        options.progress(min(1, 0.05 + 0.95 * workDone / workTotal))
    }

    func poll() throws(ImportError) {
        if options.isCancelled() { throw error(.cancelled, "the import was cancelled", "") }
    }
}

/// Warnings, those of one kind gathered into one sentence.
struct GLTFWarnings {
    private var order: [String] = []
    private var seen: [String: (count: Int, place: String)] = [:]

    /// - Parameter place: where it happened first; empty for the whole file.
    mutating func add(_ message: String, _ place: @autoclosure () -> String = "", count: Int = 1) {
        if seen[message] == nil {
            order.append(message)
            seen[message] = (count, place())
        } else {
            seen[message]?.count += count
        }
    }

    var sentences: [String] {
        order.map { message in
            guard let (count, place) = seen[message], !place.isEmpty else { return message }
            return count == 1 ? "\(place): \(message)" : "\(place): \(message) (\(count) times in all)"
        }
    }
}
