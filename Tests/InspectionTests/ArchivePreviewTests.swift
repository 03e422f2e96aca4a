// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import Inspection
import ModelStorage
import StreamCore
import Testing

@Suite struct ArchivePreviewTests {
    @Test func `a sphere has a round silhouette without holes at every error threshold`() throws {
        let workshop = Workshop()
        let archive = try workshop.build(try ball(36))
        let size = 160
        let camera = PreviewCamera(fitting: archive.bounds, view: .iso, zoom: 1, aspectRatio: 1)
        // A sphere of radius 1 at distance d covers a disk of this many pixels: 1 / sqrt(d² - 1) on the plane at 1.
        let distance = length(camera.eye - camera.target)
        let radius = Double(size) / 2 / 0.30934 / (distance * distance - 1).squareRoot()
        var triangleCounts: [Int] = []
        for threshold in [0.1, 1, 2, 8] {
            var preview = ArchivePreview(
                archive, camera: camera,
                options: ArchivePreview.Options(width: size, height: size, errorThreshold: threshold, background: nil))
            let image = try preview.render()
            triangleCounts.append(preview.statistics.triangleCount)
            var covered = 0.0
            var holes = 0
            for y in 0..<size {
                for x in 0..<size {
                    let alpha = Int(image.pixels[4 * (y * size + x) + 3])
                    covered += Double(alpha) / 255
                    let (dx, dy) = (Double(x) + 0.5 - Double(size) / 2, Double(y) + 0.5 - Double(size) / 2)
                    if (dx * dx + dy * dy).squareRoot() < radius - threshold - 2, alpha < 255 { holes += 1 }
                }
            }
            #expect(holes == 0, "at \(threshold) px")
            let area = Double.pi * radius * radius
            if threshold <= 2 { #expect(abs(covered - area) < 0.02 * area, "at \(threshold) px") }
        }
        #expect(triangleCounts[0] == 6 * 36 * 36 * 2, "a tiny threshold draws everything")
        #expect(triangleCounts.last! < triangleCounts[0] / 2)
        #expect(triangleCounts == triangleCounts.sorted(by: >))
    }
}
