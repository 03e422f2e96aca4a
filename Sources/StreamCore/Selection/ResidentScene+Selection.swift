// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension ResidentScene {
    /// A node or sector that is expanded stays so until its error is this share of the threshold.
    static let hysteresis: Float = 0.85

    /// Finds what to draw for a view, in `draws`, `visibleRows`, `rows` and `statistics`.
    ///
    /// Takes about 40 ns for each resident node of what is in view and 100 ns for each instance.
    ///
    /// - Parameters:
    ///   - viewer: whose camera it is; what is kept from one selection to the next is kept for each.
    ///   - thresholdPixels: errors up to this are fine; the budgets may raise it.
    /// - Returns: false for a view or threshold that is none, or an unknown viewer; everything is then as it was.
    package mutating func select(_ view: ViewState, viewer: Int = 0, thresholdPixels: Double) -> Bool {
        guard view.isValid, thresholdPixels.isFinite, thresholdPixels > 0, viewers.indices.contains(viewer) else {
            return false
        }
        let requested = Float(min(max(thresholdPixels, 1e-3), 1e6))
        let frustum = ViewFrustum(view, margin: 0.05)
        // Nothing below it matters: no threshold is lower.
        let floor = CostCurve.pixels(of: CostCurve.step(of: requested))
        time &+= 1
        self.viewer = viewer
        viewers[viewer].time &+= 1
        work.begin(sectorCount: sectors.count, geometryCount: geometries.count, chunkCount: chunks.count)
        findReadySectors(frustum)
        visitSectors(frustum, floor)
        evaluateCandidates(frustum, floor, pictureArea: Float(view.width * view.height))
        addChunkCosts()
        let step = viewers[viewer].control.chooseStep(
            requested: requested,
            triangles: Budget(curve: work.triangles, limit: triangleLimit, reserve: triangleReserve),
            bytes: Budget(curve: work.bytes, limit: gpuByteLimit))
        draw(step, view)
        updateRows(eye: view.eye)
        finishStatistics(thresholdPixels: max(Double(requested), Double(requested) * viewers[viewer].control.factor))
        return true
    }

    private mutating func finishStatistics(thresholdPixels: Double) {
        statistics.thresholdPixels = thresholdPixels
        statistics.residentNodeCount = nodeSlots.count
        statistics.residentGPUByteCount = gpuByteCount
        statistics.residentTriangleCount = residentTriangleCount
        statistics.visibleInstanceCount = visibleRows.count
        statistics.isThresholdMoving = viewers[viewer].control.isMoving
        statistics.isThresholdAtEnd = viewers[viewer].control.factor >= ThresholdControl.maximumFactor
        statistics.usedGPUByteCount = usedByteCount
        statistics.instanceCount = instances.count
        statistics.drawCount = draws.count
    }

    /// A far reference is as good as a near one where nothing is near: single precision is relative.
    private mutating func updateRows(eye: Double3) {
        let root = sectorSlots.slot(of: 0)
        let size = root >= 0 ? sectors[Int(root)].bounds.diagonal : 0
        let distance = work.nearestDistance.isFinite ? work.nearestDistance : 0
        let reach = min(max(distance * 256, size / 256), 1e12)
        let (instances, geometries, sectors, standIns) = (instances, geometries, sectors, viewers[viewer].standIns)
        viewers[viewer].rows.update(eye: eye, reach: reach) { row, reference, words in
            var instance = instances[Int(row)]
            if sectors[Int(instance.sector)].proxyRow == row, let standIn = standIns[Int(instance.sector)] {
                instance.transform = standIn.transform
            }
            var cell = Int3.zero
            var step = 0.0
            if instance.geometry >= 0, geometries[Int(instance.geometry)].isKnown {
                let geometry = geometries[Int(instance.geometry)]
                cell = InstanceRows.cell(nearest: reference, instance.transform, geometry)
                step = geometry.gridStep
            }
            InstanceRows.write(
                row, instance.transform, cell: cell,
                offset: instance.transform.apply(to: Double3(cell) * step) - reference,
                treeNode: instance.treeNode, to: &words)
        }
    }
}

// Sectors, from the root down.
extension ResidentScene {
    /// Which sectors in view could be expanded without their proxies and leave no hole, children first.
    private mutating func findReadySectors(_ frustum: ViewFrustum) {
        for slot in sectorOrder.reversed() {
            let index = Int(slot)
            let isInView = frustum.intersects(sectors[index].bounds)
            work.isInView[index] = isInView
            var isReady = true
            if isInView {
                for child in sectors[index].childSlots where child < 0 || !work.isShowable[Int(child)] {
                    isReady = false
                }
                if isReady, sectors[index].rootlessCount > 0 { isReady = !hasRootlessInstance(index, frustum) }
            }
            let proxy = sectors[index].proxyNode.map { nodeSlots.slot(of: $0) } ?? -1
            work.proxySlots[index] = proxy
            work.isReady[index] = isReady
            // What is out of view hides nothing.
            work.isShowable[index] = isReady || proxy >= 0
        }
    }

    /// Whether an instance in view has nothing of its geometry to show.
    private func hasRootlessInstance(_ sector: Int, _ frustum: ViewFrustum) -> Bool {
        for row in sectors[sector].rows {
            let geometry = Int(instances[row].geometry)
            guard geometries[geometry].roots.isEmpty else { continue }
            let box = instances[row].box
            if !geometries[geometry].isKnown || frustum.intersects(center: box.center, halfSize: box.halfSize) {
                return true
            }
        }
        return false
    }

    private mutating func visitSectors(_ frustum: ViewFrustum, _ floor: Float) {
        let root = sectorSlots.slot(of: 0)
        if root >= 0 { work.sectorStack.append((root, .infinity, false)) }
        while let (slot, parentError, isParentStoodFor) = work.sectorStack.popLast() {
            let index = Int(slot)
            guard work.isInView[index] else { continue }
            let visited = visit(slot, parentError, frustum, floor)
            work.visited.append(visited)
            guard visited.error > 0 else { continue }
            let isStoodFor = isParentStoodFor || visited.isPartial
            for row in sectors[index].rows { consider(Int32(row), visited.error, isStoodFor, frustum) }
            for child in sectors[index].childSlots where child >= 0 {
                work.sectorStack.append((child, visited.error, isStoodFor))
            }
        }
    }

    private mutating func visit(
        _ slot: Int32, _ parentError: Float, _ frustum: ViewFrustum, _ floor: Float
    ) -> SelectionWork.VisitedSector {
        let index = Int(slot)
        var visited = SelectionWork.VisitedSector(
            slot: slot, parentError: parentError, error: parentError, proxyPixels: 0, isPartial: false)
        let proxy = work.proxySlots[index]
        // Without a proxy to stand for it, it is always expanded.
        guard proxy >= 0 else { return visited }
        visited.proxyPixels = Float(frustum.pixels(sectors[index].proxyError, at: sectors[index].bounds))
        let pixels = visited.proxyPixels / (viewers[viewer].isExpanded[index] ? ResidentScene.hysteresis : 1)
        visited.error = pixels >= floor ? min(pixels, parentError) : 0
        visited.isPartial = visited.error > 0 && !work.isReady[index]
        let triangleCount = Int64(nodes[Int(proxy)].triangleCount)
        work.triangles.add(triangleCount, upTo: parentError)
        if visited.error > 0, !visited.isPartial { work.triangles.add(-triangleCount, upTo: visited.error) }
        need(proxy, upTo: parentError)
        return visited
    }

    /// - Parameter isStoodFor: nothing has to be drawn while the instance has nothing to show.
    private mutating func consider(
        _ row: Int32, _ sectorError: Float, _ isStoodFor: Bool, _ frustum: ViewFrustum
    ) {
        let geometry = Int(instances[Int(row)].geometry)
        if isStoodFor, geometries[geometry].roots.isEmpty { return }
        let box = instances[Int(row)].box
        guard geometries[geometry].isKnown, frustum.intersects(center: box.center, halfSize: box.halfSize) else {
            return
        }
        let distance = frustum.distance(toCenter: box.center, halfSize: box.halfSize)
        work.nearestDistance = min(work.nearestDistance, distance)
        if work.candidateCounts[geometry] == 0 { work.touched.append(Int32(geometry)) }
        work.candidateCounts[geometry] += 1
        work.candidates.append(
            SelectionWork.Candidate(
                row: row, sectorError: sectorError,
                pixelsPerUnit: Float(frustum.pixels(instances[Int(row)].scale, atDistance: distance)),
                detail: .roots))
    }
}
