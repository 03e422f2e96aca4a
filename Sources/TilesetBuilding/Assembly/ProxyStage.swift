import FileMapping
import StreamCore

struct ProxyStage {
    let options: BuildOptions
    let spool: SpoolFile
    let materials: [Material]
    func build(_ tree: SectorTree, _ assembly: inout Assembly) throws(BuildError) -> [(geometry: Int, error: Double)?] {
        tree.sectors.map { _ in nil }
    }
}
