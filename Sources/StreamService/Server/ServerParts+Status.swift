// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
import PathNegotiation
import StreamCore
import Transport

extension ServerParts {
    /// What people want to know at a glance. Reads a few small files of the kernel's.
    func statusReport() -> JSONValue {
        let usage = ProcessUsage.current
        let transport = listener?.statistics ?? TransportStatistics()
        let damaged = store.entries.count(where: \.isDamaged)
        return [
            "version": .string(Version.current), "protocol": .string("\(Wire.major).\(Wire.minor)"),
            "state": .string(isDraining ? "stopping" : store.isReady ? "ready" : "starting"),
            "uptimeSeconds": .number(uptime.inSeconds.rounded()),
            "models": [
                "count": .integer(store.entries.count), "damaged": .integer(damaged), "open": .integer(store.openCount),
            ],
            "sessions": .integer(hub.sessionCount), "viewers": .integer(hub.viewerCount),
            "imports": .integer(imports.statuses.count { !$0.isFinished }),
            "connections": .integer(transport.connectionCount), "webSockets": .integer(transport.webSocketCount),
            "sentByteCount": .integer(transport.sentByteCount), "queuedByteCount": .integer(transport.queuedByteCount),
            "damagedChunks": .integer(store.damagedChunkCount),
            "process": [
                "residentByteCount": .integer(usage.residentByteCount),
                "mappedByteCount": .integer(usage.mappedByteCount),
                "processorSeconds": .number(usage.processorSeconds), "threads": .integer(usage.threadCount),
            ],
            "paths": ["client": "ready", "server": .string(frames.availability.name)],
            "viewerPaths": .object(
                Dictionary(
                    uniqueKeysWithValues: ViewerPath.allCases.map {
                        ($0.rawValue, .integer(hub.pathCounts[$0] ?? 0))
                    })),
            "renderer": frames.report,
        ]
    }

    /// Counters as Prometheus reads them.
    func metricsText() -> String {
        var text = PrometheusText()
        addTransport(&text)
        addViewers(&text)
        addRenderer(&text)
        let usage = ProcessUsage.current
        text.add("process_resident_bytes", .gauge, "Memory in use.", Double(usage.residentByteCount))
        text.add(
            "process_mapped_bytes", .gauge,
            "Of the memory in use, what is read from mapped files: the program and its libraries.",
            Double(usage.mappedByteCount))
        text.add("process_cpu_seconds_total", .counter, "Processor time used.", usage.processorSeconds)
        text.add("process_threads", .gauge, "Threads.", Double(usage.threadCount))
        text.add("process_open_files", .gauge, "Open files and sockets.", Double(usage.openFileCount))
        text.add("process_start_time_seconds", .gauge, "When the server started.", startSeconds.rounded())
        return text.text
    }

    private func addRenderer(_ text: inout PrometheusText) {
        let facts = frames.facts
        text.add("frame_viewers", .gauge, "Viewers that are sent pictures.", Double(frames.viewerCount))
        text.add("frames_drawn_total", .counter, "Pictures drawn for viewers.", Double(facts.drawnFrameCount))
        text.add("frames_sent_total", .counter, "Pictures sent to viewers.", Double(facts.sentFrameCount))
        text.add("frame_bytes_total", .counter, "Bytes of pictures sent.", Double(facts.sentByteCount))
        text.add("pictures_total", .counter, "Single pictures drawn.", Double(facts.pictureCount))
        text.add("draw_seconds_total", .counter, "Time the device drew.", facts.drawSeconds)
        text.add("device_load", .gauge, "Share of the device that viewers ask for.", facts.load)
        text.add("device_losses_total", .counter, "How often the device was lost.", Double(facts.lossCount))
        text.add("gpu_bytes", .gauge, "Device memory that meshes and textures take.", Double(facts.gpuByteCount))
    }

    private func addTransport(_ text: inout PrometheusText) {
        let statistics = listener?.statistics ?? TransportStatistics()
        text.add("connections", .gauge, "Open connections.", Double(statistics.connectionCount))
        text.add("websockets", .gauge, "Open WebSockets.", Double(statistics.webSocketCount))
        text.add(
            "connections_accepted_total", .counter, "Connections since the start.",
            Double(statistics.acceptedConnectionCount))
        text.add("requests_total", .counter, "HTTP requests since the start.", Double(statistics.requestCount))
        text.add("received_bytes_total", .counter, "Bytes received.", Double(statistics.receivedByteCount))
        text.add("written_bytes_total", .counter, "Bytes sent, all of them.", Double(statistics.sentByteCount))
        text.add("queue_bytes", .gauge, "Bytes that wait in viewers' queues.", Double(statistics.queuedByteCount))
        text.add(
            "connections_refused_total", .counter, "Peers turned away or cut off.", by: "reason",
            Refusal.allCases.map { ($0.rawValue, statistics.refusals[$0] ?? 0) })
    }

    private func addViewers(_ text: inout PrometheusText) {
        let values = metrics.values
        text.add("sessions", .gauge, "Sessions.", Double(hub.sessionCount))
        text.add("viewers", .gauge, "Connected viewers.", Double(values.viewerCount))
        text.add("viewers_total", .counter, "Viewers since the start.", Double(values.viewersEver))
        text.add(
            "sent_bytes_total", .counter, "Bytes given to viewers' connections.", by: "content",
            Metrics.Content.allCases.map { ($0.rawValue, values.sentByteCount[$0] ?? 0) })
        text.add(
            "sent_messages_total", .counter, "Messages given to viewers' connections.", by: "content",
            Metrics.Content.allCases.map { ($0.rawValue, values.sentMessageCount[$0] ?? 0) })
        text.add("ranking_seconds", "Time to rank a viewer's chunks.", values.rankings)
        text.add(
            "viewer_paths", .gauge, "Connected viewers by who draws for them.", by: "path",
            ViewerPath.allCases.map { ($0.rawValue, hub.pathCounts[$0] ?? 0) })
        text.add(
            "path_decisions_total", .counter, "Decisions about who draws.", by: "path",
            ViewerPath.allCases.map { ($0.rawValue, values.decisions[$0] ?? 0) })
        text.add(
            "path_emergencies_total", .counter, "Decisions because what was shown had failed.",
            Double(values.emergencyCount))
        text.add(
            "path_refusals_total", .counter, "Wishes for a path that were not fulfilled.",
            Double(values.refusedWishCount))
        text.add("models", .gauge, "Models listed.", Double(store.entries.count))
        text.add("models_open", .gauge, "Archives mapped.", Double(store.openCount))
        text.add("damaged_chunks_total", .counter, "Chunks found damaged.", Double(store.damagedChunkCount))
        let imports = self.imports.statuses
        text.add(
            "imports", .gauge, "Imports listed.", by: "state",
            ImportStatus.State.allCases.map { state in (state.rawValue, imports.count { $0.state == state }) })
        text.add(
            "errors_total", .counter, "Requests refused and failures.", by: "code",
            ServiceError.Code.allCases.map { ($0.rawValue, values.errors[$0] ?? 0) })
    }
}
