// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// From the errors to what is drawn at the chosen threshold.
extension ResidentScene {
    /// Fills `draws` and `visibleRows`.
    mutating func draw(_ step: Int, _ view: ViewState) {
        draws.removeAll(keepingCapacity: true)
        visibleRows.removeAll(keepingCapacity: true)
        usedByteCount = 0
        statistics.triangleCount = 0
        statistics.boxCount = 0
        statistics.largestErrorPixels = 0
        drawProxies(step, view)
        groupCandidates(step)
        var first = 0
        for geometry in work.touched {
            let count = Int(work.candidateCounts[Int(geometry)])
            work.candidateCounts[Int(geometry)] = 0
            drawGeometry(Int(geometry), first..<first + count, step)
            first += count
        }
    }

    private func isDrawn(_ error: Float, _ step: Int) -> Bool { error > 0 && CostCurve.step(of: error) >= step }

    private mutating func noteError(_ pixels: Float) {
        // A box with the eye inside is infinitely wrong; no more than a screen is worth telling.
        statistics.largestErrorPixels = max(statistics.largestErrorPixels, Double(min(pixels, 65535)))
    }

    private mutating func drawProxies(_ step: Int, _ view: ViewState) {
        for visited in work.visited {
            let sector = Int(visited.slot)
            let isParentDrawn = isDrawn(visited.parentError, step)
            let isExpanded = isParentDrawn && isDrawn(visited.error, step)
            viewers[viewer].isExpanded[sector] = isExpanded
            let proxy = work.proxySlots[sector]
            guard isParentDrawn, !isExpanded || visited.isPartial, proxy >= 0 else { continue }
            noteError(visited.proxyPixels)
            placeProxy(of: sector, isBehind: isExpanded, view)
            let first = UInt32(visibleRows.count)
            visibleRows.append(UInt32(sectors[sector].proxyRow))
            use(proxy)
            // Nothing is marked: all of its ranges are drawn.
            work.mark &+= 1
            emit(proxy, firstVisible: first, count: 1, flags: 0)
        }
    }

    private mutating func placeProxy(of sector: Int, isBehind: Bool, _ view: ViewState) {
        let placement = viewers[viewer].standIns[sector]
        if isBehind ? placement?.serves(view) == true : placement == nil { return }
        viewers[viewer].standIns[sector] =
            isBehind ? StandInPlacement(of: sectors[sector].bounds, in: view) : nil
        viewers[viewer].rows.invalidate(sectors[sector].proxyRow)
    }

    /// Orders the candidates that are drawn by geometry, and leaves in `candidateCounts` how many each has.
    private mutating func groupCandidates(_ step: Int) {
        for geometry in work.touched { work.candidateCounts[Int(geometry)] = 0 }
        for candidate in work.candidates where isDrawn(candidate.sectorError, step) {
            work.candidateCounts[Int(instances[Int(candidate.row)].geometry)] += 1
        }
        var next: Int32 = 0
        for geometry in work.touched {
            let count = work.candidateCounts[Int(geometry)]
            work.candidateCounts[Int(geometry)] = next
            next += count
        }
        work.grouped.removeAll(keepingCapacity: true)
        for _ in 0..<next { work.grouped.append(0) }
        for (index, candidate) in work.candidates.enumerated() where isDrawn(candidate.sectorError, step) {
            let geometry = Int(instances[Int(candidate.row)].geometry)
            work.grouped[Int(work.candidateCounts[geometry])] = Int32(index)
            work.candidateCounts[geometry] += 1
        }
        // Each count is now the end of its geometry's part.
        var begin: Int32 = 0
        for geometry in work.touched {
            let end = work.candidateCounts[Int(geometry)]
            work.candidateCounts[Int(geometry)] = end - begin
            begin = end
        }
    }

    /// Draws a geometry's instances, those together that show the same nodes.
    private mutating func drawGeometry(_ geometry: Int, _ members: Range<Int>, _ step: Int) {
        var keys: [(key: UInt64, candidate: Int32)] = []
        keys.reserveCapacity(members.count)
        for member in members {
            let candidate = work.grouped[member]
            keys.append((expand(Int(candidate), step), candidate))
        }
        // The number decides where keys are equal, so the order is the same wherever this runs.
        if keys.contains(where: { $0.key != keys[0].key }) {
            keys.sort { ($0.key, $0.candidate) < ($1.key, $1.candidate) }
        }
        var first = 0
        while first < keys.count {
            var end = first + 1
            while end < keys.count, keys[end].key == keys[first].key { end += 1 }
            drawGroup(geometry, keys[first..<end], step)
            first = end
        }
    }

    /// Notes which nodes a candidate expands, and returns a number that is equal for those that show the same.
    private mutating func expand(_ candidate: Int, _ step: Int) -> UInt64 {
        let entry = work.candidates[candidate]
        let row = Int(entry.row)
        viewers[viewer].expanded[row].removeAll(keepingCapacity: entry.detail == .nodes)
        // FNV-1a over the nodes.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        if entry.detail == .nodes {
            for index in entry.evaluated {
                let node = work.evaluated[Int(index)]
                guard isDrawn(node.error, step) else {
                    noteError(node.error)
                    continue
                }
                noteError(node.openError)
                hash = (hash ^ UInt64(UInt32(bitPattern: node.slot) << 1 | (node.isInView ? 1 : 0))) &* 0x100_0000_01b3
                if !nodes[Int(node.slot)].isRoot { viewers[viewer].expanded[row].append(node.slot) }
            }
        }
        return hash << 1 | (instances[row].isMirrored ? 1 : 0)
    }

    private mutating func drawGroup(
        _ geometry: Int, _ members: ArraySlice<(key: UInt64, candidate: Int32)>, _ step: Int
    ) {
        let first = UInt32(visibleRows.count)
        var pixelsPerUnit: Float = 0
        for member in members {
            visibleRows.append(UInt32(work.candidates[Int(member.candidate)].row))
            pixelsPerUnit = max(pixelsPerUnit, work.candidates[Int(member.candidate)].pixelsPerUnit)
        }
        let candidate = work.candidates[Int(members[members.startIndex].candidate)]
        let count = UInt32(members.count)
        let flags: UInt32 = instances[Int(candidate.row)].isMirrored ? 1 : 0
        work.mark &+= 1
        switch candidate.detail {
        case .box:
            noteError(Float(geometries[geometry].box.diagonal) * pixelsPerUnit)
            emitBox(geometry, firstVisible: first, count: count, flags: flags)
        case .roots:
            noteError(likelyRootError(geometry) * pixelsPerUnit)
            let roots = geometries[geometry].roots
            for root in roots {
                use(root)
                emit(root, firstVisible: first, count: count, flags: flags)
            }
        case .nodes:
            let evaluated = candidate.evaluated
            for index in evaluated where isDrawn(work.evaluated[Int(index)].error, step) {
                work.marks[Int(work.evaluated[Int(index)].slot)] = work.mark
                use(work.evaluated[Int(index)].slot)
            }
            for index in evaluated where isDrawn(work.evaluated[Int(index)].error, step) {
                guard work.evaluated[Int(index)].isInView else { continue }
                emit(work.evaluated[Int(index)].slot, firstVisible: first, count: count, flags: flags)
            }
        }
    }
}

extension ResidentScene {
    /// Counts a node's chunk as needed.
    private mutating func use(_ node: Int32) {
        let chunk = Int(nodes[Int(node)].chunk)
        guard chunks[chunk].usedTime != time else { return }
        chunks[chunk].usedTime = time
        usedByteCount += chunks[chunk].gpuByteCount
    }

    /// Draws a node's ranges but those whose child is marked; neighbours of one material together.
    private mutating func emit(_ slot: Int32, firstVisible: UInt32, count: UInt32, flags: UInt32) {
        var run: ResidentNode.Range?
        for index in nodes[Int(slot)].ranges.indices {
            let range = nodes[Int(slot)].ranges[index]
            if range.childSlot >= 0, work.marks[Int(range.childSlot)] == work.mark { continue }
            if let open = run, open.material == range.material,
                open.firstTriangle + open.triangleCount == range.firstTriangle
            {
                run!.triangleCount += range.triangleCount
                continue
            }
            if let run { append(run, of: slot, firstVisible, count, flags) }
            run = range
        }
        if let run { append(run, of: slot, firstVisible, count, flags) }
    }

    private mutating func append(
        _ run: ResidentNode.Range, of slot: Int32, _ firstVisible: UInt32, _ count: UInt32, _ flags: UInt32
    ) {
        if run.triangleCount == 0 { return }
        draws.append(
            Draw(
                node: nodes[Int(slot)].node, firstIndex: run.firstTriangle * 3, indexCount: run.triangleCount * 3,
                firstVisible: firstVisible, instanceCount: count, material: run.material | flags << 24))
        statistics.triangleCount += Int64(run.triangleCount) * Int64(count)
    }

    private mutating func emitBox(_ geometry: Int, firstVisible: UInt32, count: UInt32, flags: UInt32) {
        draws.append(
            Draw(
                node: Draw.boxFlag | geometries[geometry].id, firstIndex: 0, indexCount: Draw.boxIndexCount,
                firstVisible: firstVisible, instanceCount: count,
                material: geometries[geometry].material(at: 0) | flags << 24))
        statistics.triangleCount += Int64(Draw.boxIndexCount / 3) * Int64(count)
        statistics.boxCount += Int(count)
    }
}
