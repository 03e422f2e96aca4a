// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Rendering

@Suite("Vertex classes") struct VertexClassTests {
    @Test("say where everything is, without gaps, in steps of four bytes") func layout() {
        #expect(Set(VertexClass.all).count == 12)
        for vertexClass in VertexClass.all {
            let position = vertexClass.isWide ? 12 : 8
            #expect(vertexClass.normalOffset == position && vertexClass.coordinatesOffset == position + 4)
            #expect(vertexClass.colorOffset == position + 4 + 8 * vertexClass.setCount)
            #expect(vertexClass.stride == vertexClass.colorOffset + (vertexClass.hasColors ? 4 : 0))
            #expect(
                VertexClass(
                    isWide: vertexClass.isWide, setCount: vertexClass.setCount, hasColors: vertexClass.hasColors)
                    == vertexClass)
        }
        #expect(VertexClass(isWide: true, setCount: 2, hasColors: true).rawValue == 0b1101)
    }
}
