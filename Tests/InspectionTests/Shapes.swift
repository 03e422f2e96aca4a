// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import StreamCore

/// A sphere: a cube's surface of `size`² squares a side, blown up, its radius times 1 + `bump(direction)`.
func ball(_ size: Int, bump: (Double3) -> Double = { _ in 0 }) throws -> SourceModel {
    let positions = LargeArray<Float>()
    let indices = LargeArray<UInt32>()
    var numbers: [Int3: UInt32] = [:]
    func vertex(_ p: Int3) throws -> UInt32 {
        if let known = numbers[p] { return known }
        let number = UInt32(numbers.count)
        numbers[p] = number
        let direction = normalized(Double3(p) * 2 / Double(size) - 1)
        let point = Float3(direction * (1 + bump(direction)))
        for axis in 0..<3 { try positions.append(point[axis]) }
        return number
    }
    for axis in 0..<3 {
        for side in [0, Int32(size)] {
            for u in 0..<Int32(size) {
                for v in 0..<Int32(size) {
                    func corner(_ du: Int32, _ dv: Int32) throws -> UInt32 {
                        var p = Int3()
                        p[axis] = side
                        p[(axis + 1) % 3] = u + du
                        p[(axis + 2) % 3] = v + dv
                        return try vertex(p)
                    }
                    let (a, b, c, d) = (try corner(0, 0), try corner(1, 0), try corner(1, 1), try corner(0, 1))
                    for index in side == 0 ? [a, c, b, a, d, c] : [a, b, c, a, c, d] { try indices.append(index) }
                }
            }
        }
    }
    var part = SourcePart(name: "ball", positions: positions)
    part.indices = indices
    part.materialRanges = [SourcePart.MaterialRange(firstTriangle: 0, triangleCount: indices.count / 3, material: nil)]
    var model = SourceModel()
    model.parts = [part]
    model.nodes = [SourceNode(name: "ball", parent: nil)]
    model.instances = [SourceInstance(part: 0, node: 0, transform: .identity)]
    return model
}
