// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CTurboJPEG
import GPU
import StreamCore
import Testing

@testable import Rendering

@Suite(.serialized, .disabled(if: Vulkan.isMissing, Vulkan.comment)) struct PlanesTests {
    @Test(arguments: [(96, 64), (97, 65), (7, 3), (1, 1)]) func planesAreTurboJPEGs(width: Int, height: Int) throws {
        let model = try TestModel.stone.get()
        try withStudio(.gpuPaths(true)) { studio in
            var request = FrameRequest.small(model, width: width, height: height)
            let scene = studio.open(model)
            let pixels = try studio.picture(request, of: scene)
            request.needsPlanes = true
            let picture = try studio.picture(request, of: scene)
            #expect(picture.pixels.isEmpty && picture.contentRectangle == pixels.contentRectangle)
            let planes = try #require(picture.planes)
            let expected = try turboJPEGPlanes(pixels)
            let chromaWidth = (width + 1) / 2
            #expect(
                largestDifference(planes.luma, planes.lumaStride, expected[0], width, height, (width + 1) / 2 * 2) <= 1)
            for (plane, reference) in [(planes.blue, expected[1]), (planes.red, expected[2])] {
                let difference = largestDifference(
                    plane, planes.chromaStride, reference, chromaWidth, (height + 1) / 2, chromaWidth)
                #expect(difference <= 1)
            }
        }
    }

    private func largestDifference(
        _ plane: [UInt8], _ stride: Int, _ other: [UInt8], _ width: Int, _ height: Int, _ otherStride: Int
    ) -> Int {
        var largest = 0
        for y in 0..<height {
            for x in 0..<width {
                largest = max(largest, abs(Int(plane[y * stride + x]) - Int(other[y * otherStride + x])))
            }
        }
        return largest
    }

    /// Luma and both chroma planes without gaps.
    private func turboJPEGPlanes(_ picture: Picture) throws -> [[UInt8]] {
        let handle = try #require(tjInitCompress())
        defer { tjDestroy(handle) }
        let sizes = (0..<3).map { plane in
            let width = Int(tjPlaneWidth(Int32(plane), Int32(picture.width), TJSAMP_420.rawValue.asInt32))
            let height = Int(tjPlaneHeight(Int32(plane), Int32(picture.height), TJSAMP_420.rawValue.asInt32))
            return (width, height)
        }
        let planes = sizes.map { UnsafeMutablePointer<UInt8>.allocate(capacity: $0.0 * $0.1) }
        defer { planes.forEach { $0.deallocate() } }
        var pointers = planes.map { Optional($0) }
        let result = tjEncodeYUVPlanes(
            handle, picture.pixels, Int32(picture.width), 0, Int32(picture.height), TJPF_RGBX.rawValue.asInt32,
            &pointers, nil, TJSAMP_420.rawValue.asInt32, 0)
        #expect(result == 0)
        return zip(planes, sizes).map { Array(UnsafeBufferPointer(start: $0, count: $1.0 * $1.1)) }
    }
}

extension BinaryInteger {
    fileprivate var asInt32: Int32 { Int32(self) }
}
