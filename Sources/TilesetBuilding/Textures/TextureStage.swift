import FileMapping
import ModelImport
import StreamCore

struct TextureStage {
    let options: BuildOptions
    let spool: SpoolFile
    func build(_ model: SourceModel, _ warnings: inout [String]) throws(BuildError) -> [BuiltTexture] { model.textures.map { _ in BuiltTexture(width: 1, height: 1, levels: []) } }
}
