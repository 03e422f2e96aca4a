// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A GLB file of one cube, byte by byte.
///
/// - Parameter matrix: of both nodes, so that the inner cube stands where their product says; empty: none.
package func cubeGLB(matrix: String = "") -> Data {
    let transform = matrix.isEmpty ? "" : "\"matrix\":\(matrix),"
    var binary = Data()
    for corner in 0..<8 {
        for axis in 0..<3 {
            withUnsafeBytes(of: (Float(corner >> axis & 1)).bitPattern.littleEndian) { binary.append(contentsOf: $0) }
        }
    }
    let faces: [UInt16] = [
        0, 2, 3, 0, 3, 1, 4, 5, 7, 4, 7, 6, 0, 1, 5, 0, 5, 4, 2, 6, 7, 2, 7, 3, 0, 4, 6, 0, 6, 2, 1, 3, 7, 1, 7, 5,
    ]
    for index in faces { withUnsafeBytes(of: index.littleEndian) { binary.append(contentsOf: $0) } }
    let json = """
        {"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],
        "nodes":[{\(transform)"name":"a cube","mesh":0},{\(transform)"mesh":0}],
        "meshes":[{"primitives":[{"attributes":{"POSITION":0},"indices":1,"material":0}]}],
        "materials":[{"name":"paint"}],"buffers":[{"byteLength":168}],
        "bufferViews":[{"buffer":0,"byteLength":96},{"buffer":0,"byteOffset":96,"byteLength":72}],
        "accessors":[{"bufferView":0,"componentType":5126,"count":8,"type":"VEC3","min":[0,0,0],"max":[1,1,1]},
        {"bufferView":1,"componentType":5123,"count":36,"type":"SCALAR"}]}
        """
    var text = Data(json.utf8)
    while text.count % 4 != 0 { text.append(0x20) }
    var file = Data()
    func word(_ value: Int) { withUnsafeBytes(of: UInt32(value).littleEndian) { file.append(contentsOf: $0) } }
    for value in [0x4654_6C67, 2, 28 + text.count + binary.count, text.count, 0x4E4F_534A] { word(value) }
    file.append(text)
    for value in [binary.count, 0x004E_4942] { word(value) }
    file.append(binary)
    return file
}
