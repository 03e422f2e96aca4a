// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// The nearest triangle along a ray, among those tested so far.
struct TriangleSearch {
    private let ray: PickRay
    private let triangleRay: TriangleRay
    private(set) var hit: PickHit?
    private var placed: [Double3] = []

    init(ray: PickRay) {
        self.ray = ray
        triangleRay = TriangleRay(direction: ray.direction)
    }

    /// What is farther is of no interest.
    var distance: Double { hit?.distance ?? ray.farthestDistance }

    /// - Parameters:
    ///   - step: of the mesh's grid, in metres before the instance's transform.
    ///   - isDoubleSided: of a material of the model.
    ///   - isHole: whether a place of a masked material is not there.
    /// - Throws: what `isHole` does.
    mutating func test(
        _ mesh: PickMesh, _ instance: Instance, step: Double, isDoubleSided: (UInt32) -> Bool,
        isHole: (UInt32, PickSurface.Place) throws(PickingError) -> Bool
    ) throws(PickingError) {
        let placement = Placement(instance.transform, step: step, origin: ray.origin)
        placed.removeAll(keepingCapacity: true)
        placed.reserveCapacity(mesh.positions.count / 3)
        for first in stride(from: 0, to: mesh.positions.count, by: 3) {
            placed.append(triangleRay.place(placement.point(mesh, first)))
        }
        for range in mesh.ranges {
            let countsBothSides = isDoubleSided(range.material)
            for triangle in range.triangles {
                let (a, b, c) = (
                    Int(mesh.indices[3 * triangle]), Int(mesh.indices[3 * triangle + 1]),
                    Int(mesh.indices[3 * triangle + 2])
                )
                guard let distance = TriangleRay.distance(placed[a], placed[b], placed[c]),
                    distance >= ray.nearestDistance, distance < self.distance
                else { continue }
                var normal = cross(
                    placement.point(mesh, 3 * b) - placement.point(mesh, 3 * a),
                    placement.point(mesh, 3 * c) - placement.point(mesh, 3 * a))
                if placement.isMirrored { normal = -normal }
                let facing = dot(normal, ray.direction)
                guard facing < 0 || countsBothSides else { continue }
                if range.isMasked, let surface = mesh.surface {
                    let weights = TriangleRay.weights(placed[a], placed[b], placed[c])
                    if try isHole(range.material, surface.place(a, b, c, weights)) { continue }
                }
                let unit = normalized(facing < 0 ? normal : -normal, fallback: -ray.direction)
                hit = PickHit(
                    point: ray.origin + ray.direction * distance, normal: unit, distance: distance,
                    treeNode: Int(instance.treeNode),
                    material: range.material == Draw.noMaterial ? nil : Int(range.material))
            }
        }
    }
}

/// Where an instance puts grid positions, relative to a point.
private struct Placement {
    private let x: Double3
    private let y: Double3
    private let z: Double3
    private let offset: Double3
    let isMirrored: Bool

    init(_ transform: AffineTransform, step: Double, origin: Double3) {
        x = transform.x * step
        y = transform.y * step
        z = transform.z * step
        offset = transform.translation - origin
        isMirrored = transform.determinant < 0
    }

    /// - Parameter first: of the position's components.
    @inline(__always)
    func point(_ mesh: PickMesh, _ first: Int) -> Double3 {
        x * Double(mesh.positions[first]) + y * Double(mesh.positions[first + 1])
            + z * Double(mesh.positions[first + 2]) + offset
    }
}
