// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Logging

/// What viewers need of the server they are connected to.
package struct ViewerServices: Sendable {
    package let store: ModelStore
    package let hub: SessionHub
    package let frames: FrameService
    package let metrics: Metrics
    package let clock: any ServiceClock
    package let log: Logger
    package let configuration: ViewerConfiguration
    let paths: PathConfiguration
    let scratches = ScratchPool()
    let entrance = Entrance()

    package init(
        store: ModelStore, hub: SessionHub, frames: FrameService, metrics: Metrics, clock: any ServiceClock,
        log: Logger, configuration: ViewerConfiguration, paths: PathConfiguration = PathConfiguration()
    ) {
        self.store = store
        self.hub = hub
        self.frames = frames
        self.metrics = metrics
        self.clock = clock
        self.log = log
        self.configuration = configuration
        self.paths = paths
    }
}
