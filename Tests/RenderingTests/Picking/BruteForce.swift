// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import ModelStorage
import StreamCore

@testable import Rendering

/// All triangles of a model in full resolution, tested one by one with another method than the one under test.
struct BruteForce {
    private struct Triangle {
        /// Relative to `origin`.
        var corners: (Double3, Double3, Double3)
        var normal: Double3
        var treeNode: Int
        var material: Int?
        var isDoubleSided: Bool
    }

    private var triangles: [Triangle] = []
    private let origin: Double3

    init(_ archive: Archive) throws {
        origin = archive.bounds.center
        let index = archive.index
        for sector in index.sectors.indices {
            for instance in try archive.instances(inSector: sector) {
                let geometry = index.geometries[Int(instance.geometry)]
                var transform = instance.transform
                transform.translation -= origin
                for node in geometry.nodes {
                    let (header, mesh) = try archive.decodeNode(node)
                    var first = 0
                    for range in header.ranges {
                        defer { first += Int(range.triangleCount) }
                        guard range.child == nil else { continue }
                        for triangle in first..<first + Int(range.triangleCount) {
                            let corners = (0..<3).map { corner -> Double3 in
                                let vertex = 3 * Int(mesh.indices[3 * triangle + corner])
                                let q = Int3(
                                    mesh.positions[vertex], mesh.positions[vertex + 1], mesh.positions[vertex + 2])
                                return transform.apply(to: geometry.grid.position(q))
                            }
                            let material =
                                geometry.materials.indices.contains(Int(range.material))
                                ? Int(geometry.materials[Int(range.material)]) : nil
                            let sign: Double = transform.determinant < 0 ? -1 : 1
                            triangles.append(
                                Triangle(
                                    corners: (corners[0], corners[1], corners[2]),
                                    normal: cross(corners[1] - corners[0], corners[2] - corners[0]) * sign,
                                    treeNode: Int(instance.treeNode), material: material,
                                    isDoubleSided: material.map { archive.description.materials[$0].isDoubleSided }
                                        ?? false))
                        }
                    }
                }
            }
        }
    }

    /// Möller and Trumbore's test of every triangle.
    func pick(_ ray: PickRay) -> PickHit? {
        let start = ray.origin - origin
        var best: PickHit?
        for triangle in triangles {
            let facing = dot(triangle.normal, ray.direction)
            guard facing < 0 || (triangle.isDoubleSided && facing > 0) else { continue }
            let (ab, ac) = (triangle.corners.1 - triangle.corners.0, triangle.corners.2 - triangle.corners.0)
            let p = cross(ray.direction, ac)
            let determinant = dot(ab, p)
            guard determinant != 0 else { continue }
            let offset = start - triangle.corners.0
            let u = dot(offset, p) / determinant
            let q = cross(offset, ab)
            let v = dot(ray.direction, q) / determinant
            let distance = dot(ac, q) / determinant
            guard u >= 0, v >= 0, u + v <= 1, distance >= ray.nearestDistance, distance <= ray.farthestDistance,
                distance < best?.distance ?? .infinity
            else { continue }
            best = PickHit(
                point: ray.origin + ray.direction * distance,
                normal: normalized(facing < 0 ? triangle.normal : -triangle.normal), distance: distance,
                treeNode: triangle.treeNode, material: triangle.material)
        }
        return best
    }
}
