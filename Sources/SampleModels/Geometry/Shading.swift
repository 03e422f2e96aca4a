// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

extension Solid {
    /// The triangles in metres with a normal per corner: faces that meet at less than `crease` degrees are shaded as
    /// one smooth surface, others keep an edge. Angle-weighted, so long thin triangles do not pull normals aside.
    func mesh(crease: Double = 28) -> TriangleMesh {
        let faces = triangles.map { faceNormal($0) }
        let (starts, incident) = incidence()
        let threshold = cos(crease * .pi / 180)
        var result = TriangleMesh()
        result.indices = [UInt32](repeating: 0, count: triangles.count * 3)
        for vertex in points.indices {
            let corners = incident[starts[vertex]..<starts[vertex + 1]]
            let first = result.positions.count
            for corner in corners {
                let own = faces[corner / 3]
                var sum = Double3.zero
                for other in corners where dot(faces[other / 3], own) >= threshold {
                    sum += faces[other / 3] * cornerAngle(other)
                }
                let normal = Float3(normalized(sum, fallback: own == .zero ? Double3(0, 0, 1) : own))
                var index = first
                while index < result.normals.count, dot(result.normals[index], normal) < 0.9999 { index += 1 }
                if index == result.normals.count {
                    result.positions.append(Float3(points[vertex] * 0.001))
                    result.normals.append(normal)
                }
                result.indices[corner] = UInt32(index)
            }
        }
        return result
    }

    private func faceNormal(_ t: Int3) -> Double3 {
        let a = points[Int(t.x)]
        return normalized(cross(points[Int(t.y)] - a, points[Int(t.z)] - a), fallback: .zero)
    }

    /// Corners (3 × triangle + 0, 1 or 2) around each vertex: `incident[starts[v]..<starts[v + 1]]`.
    private func incidence() -> (starts: [Int], incident: [Int]) {
        var starts = [Int](repeating: 0, count: points.count + 1)
        for t in triangles { for k in 0..<3 { starts[Int(t[k]) + 1] += 1 } }
        for v in points.indices { starts[v + 1] += starts[v] }
        var fill = starts
        var incident = [Int](repeating: 0, count: triangles.count * 3)
        for (index, t) in triangles.enumerated() {
            for k in 0..<3 {
                incident[fill[Int(t[k])]] = index * 3 + k
                fill[Int(t[k])] += 1
            }
        }
        return (starts, incident)
    }

    private func cornerAngle(_ corner: Int) -> Double {
        let t = triangles[corner / 3]
        let k = corner % 3
        let p = points[Int(t[k])]
        let u = normalized(points[Int(t[(k + 1) % 3])] - p)
        let v = normalized(points[Int(t[(k + 2) % 3])] - p)
        return acos(max(-1, min(1, dot(u, v))))
    }
}
