// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
import PathNegotiation

extension PathViewer {
    /// Who draws, why, and everything that this was decided from.
    var pathReport: JSONValue {
        guard let controller = negotiation?.controller else {
            return [
                "path": .string(path.rawValue), "isNegotiated": false, "allowed": [.string(path.rawValue)],
                "reason": "The viewer's address asks for this path, for good.",
            ]
        }
        var json = controller.report.fields(at: services.clock.now)
        json["path"] = .string(path.rawValue)
        json["isNegotiated"] = true
        json["allowed"] = .array(allowedPaths.map { .string($0.rawValue) })
        return .object(json)
    }
}

extension PathReport {
    fileprivate func fields(at now: ContinuousClock.Instant) -> [String: JSONValue] {
        let decision = target ?? standing
        return [
            "wish": .string(wish.rawValue), "target": target.map { .string($0.path.rawValue) } ?? .null,
            "code": decision.map { .string($0.code.rawValue) } ?? .null,
            "reason": decision.map { .string($0.reason) } ?? .null,
            "awaiting": awaiting.map { .string($0) } ?? .null,
            "policy": ["source": .string(policy.source), "isRestricting": .bool(policy.isRestricting)],
            "costs": costs.json, "inputs": inputs,
            "dwellSeconds": .number(max(0, dwellUntil.map { (now.duration(to: $0)).inSeconds } ?? 0)),
            "bounces": .integer(bounceCount),
            "blocked": .object(
                Dictionary(
                    uniqueKeysWithValues: blocked.map {
                        ($0.key.rawValue, .number(max(0, now.duration(to: $0.value).inSeconds)))
                    })),
            "ignoredClaims": .array(ignoredClaims.map { .string($0) }),
            "decisions": .array(decisions.map(\.json)),
            "refusals": .array(
                refusals.map {
                    [
                        "wish": .string($0.wish.rawValue), "code": .string($0.code.rawValue),
                        "reason": .string($0.reason),
                    ]
                }),
        ]
    }

    private var inputs: JSONValue {
        [
            "device": device?.json ?? .null, "link": link?.json ?? .null, "server": server?.json ?? .null,
            "model": model?.json ?? .null, "measured": measures?.json ?? .null,
        ]
    }
}

extension PathReport.Past {
    fileprivate var json: JSONValue {
        [
            "number": .integer(decision.number), "path": .string(decision.path.rawValue),
            "previous": decision.previous.map { .string($0.rawValue) } ?? .null,
            "code": .string(decision.code.rawValue), "reason": .string(decision.reason),
            "isEmergency": .bool(decision.isEmergency), "secondsAgo": .number(secondsAgo),
        ]
    }
}

extension PathCosts {
    fileprivate var json: JSONValue {
        var fields: [String: JSONValue] = [:]
        if let client {
            fields["client"] = [
                "firstPictureSeconds": .finite(client.firstPictureSeconds),
                "usableSeconds": .finite(client.usableSeconds),
                "framesPerSecond": .finite(client.framesPerSecond),
                "coarseFramesPerSecond": .finite(client.coarseFramesPerSecond),
                "gpuByteCount": .finite(client.gpuByteCount), "gpuByteLimit": .finite(client.gpuByteLimit),
                "fits": .bool(client.fits), "isMeasured": .bool(client.isMeasured),
            ]
        } else {
            fields["client"] = ["impossible": .string(whyNoClient ?? "Too little is known yet.")]
        }
        if let server {
            fields["server"] = [
                "latencyMilliseconds": .finite(server.latencySeconds * 1000),
                "framesPerSecond": .finite(server.framesPerSecond),
                "firstPictureSeconds": .finite(server.firstPictureSeconds), "isMeasured": .bool(server.isMeasured),
            ]
        } else {
            fields["server"] = ["impossible": .string(whyNoServer ?? "Too little is known yet.")]
        }
        return .object(fields)
    }
}

extension DeviceFacts {
    fileprivate var json: JSONValue {
        [
            "hasWebGL2": .known(hasWebGL2), "hasWebAssembly": .known(hasWebAssembly),
            "drawsWithProcessor": .bool(drawsWithProcessor), "renderer": .string(renderer),
            "trianglesPerSecond": .known(trianglesPerSecond), "pixelsPerSecond": .known(pixelsPerSecond),
            "maximumTextureSize": .known(maximumTextureSize), "memoryGiB": .known(memoryGiB),
            "gpuByteLimit": .known(gpuByteLimit), "triangleLimit": .known(triangleLimit), "cores": .known(cores),
            "isMobile": .bool(isMobile), "savesData": .bool(savesData), "pictureWidth": .known(pictureWidth),
            "pictureHeight": .known(pictureHeight), "imagePixelsPerSecond": .known(imagePixelsPerSecond),
            "dracoBytesPerSecond": .known(dracoBytesPerSecond), "canShowFrames": .bool(canShowFrames),
            "contextLossCount": .integer(contextLossCount),
        ]
    }
}

extension LinkFacts {
    fileprivate var json: JSONValue {
        ["bytesPerSecond": .known(bytesPerSecond), "roundTripSeconds": .known(roundTripSeconds)]
    }
}

extension ServerFacts {
    fileprivate var json: JSONValue {
        let (name, reason): (String, String?) =
            switch state {
            case .ready: ("ready", nil)
            case .starting: ("starting", nil)
            case .unavailable(let reason, _): ("unavailable", reason)
            case .off(let reason): ("off", reason)
            }
        return [
            "state": .string(name), "reason": reason.map { .string($0) } ?? .null, "hasRoom": .bool(hasRoom),
            "load": .finite(load), "isCPU": .bool(isCPU), "drawSeconds": .known(drawSeconds),
            "encodeSeconds": .known(encodeSeconds), "frameByteCount": .known(frameByteCount),
            "framesPerSecond": .finite(framesPerSecond),
        ]
    }
}

extension ModelFacts {
    fileprivate var json: JSONValue {
        [
            "firstByteCount": .finite(firstByteCount), "cutByteCount": .finite(cutByteCount),
            "cutTriangleCount": .finite(cutTriangleCount), "cutGPUByteCount": .finite(cutGPUByteCount),
            "coarsestGPUByteCount": .finite(coarsestGPUByteCount),
            "coarsestTriangleCount": .finite(coarsestTriangleCount), "triangleCount": .finite(triangleCount),
        ]
    }
}

extension ClientMeasures {
    fileprivate var json: JSONValue {
        [
            "framesPerSecond": .known(framesPerSecond), "longestTaskMilliseconds": .known(longestTaskMilliseconds),
            "decodeBacklogByteCount": .known(decodeBacklogByteCount), "hasMemoryPressure": .bool(hasMemoryPressure),
            "errorPixels": .known(errorPixels), "isContextLost": .bool(isContextLost),
            "latencyMilliseconds": .known(latencyMilliseconds), "isInteracting": .bool(isInteracting),
        ]
    }
}

extension JSONValue {
    /// JSON has no infinity: null.
    fileprivate static func finite(_ number: Double) -> JSONValue { number.isFinite ? .number(number) : .null }

    fileprivate static func known(_ number: Double?) -> JSONValue { number.map(finite) ?? .null }

    fileprivate static func known(_ flag: Bool?) -> JSONValue { flag.map { .bool($0) } ?? .null }
}
