// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Predicts what both paths cost a viewer. Pure: the same inputs give the same costs.
///
/// What is not known is taken from a middling device and link. What was measured replaces what was predicted.
enum PathCostModel {
    /// Of the link, until it is measured: 10 Mbit/s.
    static let assumedBytesPerSecond = 1.25e6
    static let assumedRoundTrip = 0.05
    /// From the frame's arrival to the display, apart from decoding.
    static let presentationSeconds = 0.008
    /// Bytes of a frame per pixel: an assembly at quality 80.
    static let bytesPerPixel = 0.07
    /// The quality ladder makes frames this much smaller before it lets the rate fall.
    static let smallestFrameShare = 1.0 / 6
    /// Each pixel is drawn more than once.
    static let overdraw = 1.5
    static let displayRate = 60.0
    static let defaultMemoryBytes = 512e6
    static let phoneMemoryBytes = 350e6

    // MARK: Client

    static func client(_ inputs: PathInputs) -> ClientCost? {
        guard let model = inputs.model else { return nil }
        let device = inputs.device ?? DeviceFacts()
        let roundTrip = inputs.link.roundTripSeconds ?? assumedRoundTrip
        let rate = min(inputs.link.bytesPerSecond ?? assumedBytesPerSecond, device.dracoBytesPerSecond ?? .infinity)
        let limit = memoryLimit(device)
        let isFilled = (inputs.shown?.usesChunks ?? false) && (inputs.measures?.errorPixels).map { $0 <= 2 } ?? false
        var cost = ClientCost(
            firstPictureSeconds: roundTrip + model.firstByteCount / rate,
            usableSeconds: isFilled ? 0 : roundTrip + model.cutByteCount / rate,
            framesPerSecond: predictedRate(inputs, triangles: model.cutTriangleCount),
            coarseFramesPerSecond: predictedRate(inputs, triangles: model.coarsestTriangleCount),
            gpuByteCount: model.cutGPUByteCount, coarseGPUByteCount: model.coarsestGPUByteCount, gpuByteLimit: limit,
            fits: model.cutGPUByteCount <= limit && !inputs.isMemoryShort
                && model.cutTriangleCount <= device.triangleLimit ?? .infinity,
            isMeasured: false)
        guard let measured = inputs.measures?.framesPerSecond else { return cost }
        if inputs.shown == .client {
            cost.framesPerSecond = min(measured, displayRate)
            cost.coarseFramesPerSecond = max(cost.coarseFramesPerSecond, cost.framesPerSecond)
            cost.isMeasured = true
        } else if inputs.shown == .hybrid {
            cost.coarseFramesPerSecond = min(measured, displayRate)
            cost.framesPerSecond = min(cost.framesPerSecond, cost.coarseFramesPerSecond)
            cost.isMeasured = true
        }
        return cost
    }

    private static func predictedRate(_ inputs: PathInputs, triangles: Double) -> Double {
        min(displayRate, benchmarkRate(inputs.device, triangles: triangles) * inputs.speedFactor)
    }

    /// Frames per second by the benchmark alone; may be more than a display shows.
    static func benchmarkRate(_ device: DeviceFacts?, triangles: Double) -> Double {
        let device = device ?? DeviceFacts()
        let assumed = assumedSpeed(device)
        let seconds =
            triangles / (device.trianglesPerSecond ?? assumed.triangles)
            + device.pixelCount * overdraw / (device.pixelsPerSecond ?? assumed.pixels)
        return 1 / max(seconds, 1e-4)
    }

    private static func assumedSpeed(_ device: DeviceFacts) -> (triangles: Double, pixels: Double) {
        // Nothing was heard of its graphics, although there was time: hardly a fast one.
        if device.drawsWithProcessor || device.renderer.isEmpty { return (3e6, 30e6) }
        return device.isMobile ? (100e6, 1e9) : (300e6, 5e9)
    }

    /// What the viewer grants itself, or a quarter of the memory.
    private static func memoryLimit(_ device: DeviceFacts) -> Double {
        if let limit = device.gpuByteLimit { return limit }
        let limit = device.memoryGiB.map { $0 * 0.25 * 1_073_741_824 } ?? defaultMemoryBytes
        return device.isMobile ? min(limit, phoneMemoryBytes) : limit
    }

    // MARK: Server

    static func server(_ inputs: PathInputs) -> ServerCost? {
        guard let server = inputs.server else { return nil }
        let device = inputs.device ?? DeviceFacts()
        let rate = inputs.link.bytesPerSecond ?? assumedBytesPerSecond
        // Others draw between this viewer's frames.
        let draw = (server.drawSeconds ?? (server.isCPU ? 0.08 : 0.012)) * (1 + server.load)
        let encode = server.encodeSeconds ?? 0.008
        let decode = device.pixelCount / (device.imagePixelsPerSecond ?? 60e6)
        let send = sendSeconds(server.frameByteCount ?? device.pixelCount * bytesPerPixel, rate, server.framesPerSecond)
        let predicted =
            (inputs.link.roundTripSeconds ?? assumedRoundTrip) + draw + encode + send + decode + presentationSeconds
        let slowest = max(draw, encode, send, decode, 1e-4)
        return ServerCost(
            latencySeconds: inputs.latencySeconds ?? predicted,
            framesPerSecond: min(server.framesPerSecond, 1 / slowest), firstPictureSeconds: predicted,
            isMeasured: inputs.latencySeconds != nil)
    }

    /// The quality follows the link until frames are as small as they may be.
    private static func sendSeconds(_ byteCount: Double, _ bytesPerSecond: Double, _ framesPerSecond: Double) -> Double
    {
        let affordable = bytesPerSecond / framesPerSecond
        return min(max(affordable, byteCount * smallestFrameShare), byteCount) / bytesPerSecond
    }
}
