// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { CameraRecorder, savePath } from './camera-recorder.js';

/** Records the camera of a viewer from one press of a key to the next, and offers the path as a file for the benchmark. */
export class CameraRecording {
    #say;
    #save;
    #now;
    #recorder = null;
    #viewer = null;
    #stopListening = null;

    /** `say(text)` tells people what goes on. */
    constructor(say, { save = savePath, now = () => performance.now() } = {}) {
        this.#say = say;
        this.#save = save;
        this.#now = now;
    }

    get isRecording() {
        return this.#recorder !== null;
    }

    /** Starts, or ends and saves. */
    toggle(viewer, name) {
        if (this.isRecording) {
            this.#end(name);
            return;
        }
        this.#viewer = viewer;
        this.#recorder = new CameraRecorder(viewer.camera.bounds);
        this.#recorder.start(viewer.camera.state, this.#now());
        this.#stopListening = viewer.on('frame', () => this.#add(name));
        this.#say('Recording the camera. Press R again to save it.');
    }

    /** Forgets what was recorded. */
    cancel() {
        this.#stopListening?.();
        this.#recorder = null;
    }

    #add(name) {
        if (!this.#recorder.add(this.#viewer.camera.state, this.#now())) this.#end(name);
    }

    #end(name) {
        const path = this.#recorder.stop(this.#viewer.camera.state, this.#now(), `${name || 'model'}-camera`);
        this.cancel();
        if (path) this.#save(path);
        this.#say('The camera path is saved: vantage bench client --path FILE follows it.');
    }
}
