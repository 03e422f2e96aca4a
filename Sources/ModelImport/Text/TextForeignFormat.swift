// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Formats that are often tried and that we do not read: what they are, and what to do.
struct ForeignFormat {
    let what: String
    let remedy: String

    private static let exportFromCAD = "export it as GLB or STL from a CAD program such as FreeCAD"
    private static let unpack = "unpack it and give the model file inside"
    private static let convert = "convert it to GLB, for example with Blender"

    static func recognize(_ bytes: RawSpan) -> ForeignFormat? {
        archive(bytes) ?? cad(bytes) ?? scene(bytes) ?? other(bytes)
    }

    private static func starts(_ bytes: RawSpan, _ first: UInt8, _ text: StaticString) -> Bool {
        bytes.byteCount > 0 && bytes.byte(0) == first && bytes.matches(text, at: 1)
    }

    private static func archive(_ bytes: RawSpan) -> ForeignFormat? {
        if bytes.matches("PK\u{3}\u{4}", at: 0) {
            let is3MF = contains(bytes, "3D/3dmodel.model", within: 4096)
            return is3MF
                ? ForeignFormat(what: "a 3MF file", remedy: convert)
                : ForeignFormat(what: "a zip archive", remedy: unpack)
        }
        if starts(bytes, 0xFD, "7zXZ\0") { return ForeignFormat(what: "an xz archive", remedy: unpack) }
        if bytes.byteCount > 2, bytes.byte(0) == 0x1F, bytes.byte(1) == 0x8B {
            return ForeignFormat(what: "a gzip archive", remedy: unpack)
        }
        if bytes.matches("7z", at: 0), bytes.byteCount > 2, bytes.byte(2) == 0xBC {
            return ForeignFormat(what: "a 7z archive", remedy: unpack)
        }
        if starts(bytes, 0x28, "\u{B5}/\u{FD}") || bytes.matches("BZh", at: 0) {
            return ForeignFormat(what: "a compressed archive", remedy: unpack)
        }
        return nil
    }

    private static func cad(_ bytes: RawSpan) -> ForeignFormat? {
        if bytes.matches("ISO-10303-21", at: bytes.skippingSpace(0)) {
            return contains(bytes, "IFC", within: 4096)
                ? ForeignFormat(
                    what: "an IFC building model", remedy: "convert it to GLB, for example with IfcConvert")
                : ForeignFormat(
                    what: "a STEP file: exact surfaces without triangles", remedy: exportFromCAD)
        }
        // IGES: 80-column lines with the section letter S and a number at the end.
        if bytes.byteCount > 80, bytes.byte(72) == 0x53,
            bytes.matches("1", at: bytes.skippingBlanks(73)) || bytes.matches("0", at: 73)
        {
            return ForeignFormat(
                what: "an IGES file: exact surfaces without triangles", remedy: exportFromCAD)
        }
        return nil
    }

    private static func scene(_ bytes: RawSpan) -> ForeignFormat? {
        let start = bytes.skippingSpace(0)
        if bytes.matches("Kaydara FBX", at: 0) || bytes.matches("; FBX", at: start) {
            return ForeignFormat(what: "an FBX file", remedy: convert)
        }
        if bytes.matches("BLENDER", at: 0) {
            return ForeignFormat(what: "a Blender project", remedy: "export it as GLB from Blender")
        }
        if bytes.matches("PXR-USDC", at: 0) || bytes.matches("#usda", at: 0) {
            return ForeignFormat(what: "a USD file", remedy: convert)
        }
        if bytes.matches("<?xml", at: start) || bytes.matches("<COLLADA", at: start) {
            return contains(bytes, "<COLLADA", within: 4096)
                ? ForeignFormat(what: "a COLLADA file", remedy: convert)
                : ForeignFormat(what: "an XML file", remedy: convert)
        }
        if bytes.matches("#VRML", at: 0) { return ForeignFormat(what: "a VRML file", remedy: convert) }
        return nil
    }

    private static func other(_ bytes: RawSpan) -> ForeignFormat? {
        if bytes.matches("OFF", at: 0) || bytes.matches("COFF", at: 0) {
            return ForeignFormat(
                what: "an OFF file", remedy: "convert it to PLY or GLB, for example with MeshLab")
        }
        if bytes.matches("DRACO", at: 0) {
            return ForeignFormat(
                what: "a bare Draco file", remedy: "convert it to PLY with draco_decoder, or to GLB")
        }
        if bytes.matches("LASF", at: 0) || bytes.matches("ASTM-E57", at: 0) {
            return ForeignFormat(
                what: "a point cloud", remedy: "make a surface of it first and export that as PLY")
        }
        if bytes.matches("version https://git-lfs", at: 0) {
            return ForeignFormat(
                what: "a Git LFS pointer, not the file itself", remedy: "fetch it with git lfs pull")
        }
        if TextureFile.encoding(of: bytes) != nil {
            return ForeignFormat(what: "an image", remedy: "give a model file")
        }
        if bytes.matches("%PDF", at: 0) {
            return ForeignFormat(what: "a PDF document", remedy: "give a model file")
        }
        return nil
    }

    private static func contains(_ bytes: RawSpan, _ text: StaticString, within limit: Int) -> Bool {
        for position in 0..<min(limit, bytes.byteCount) where bytes.matches(text, at: position) {
            return true
        }
        return false
    }
}
