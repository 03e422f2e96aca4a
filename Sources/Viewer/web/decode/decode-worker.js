// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// A decode worker: takes messages from DecodePool, answers each chunk once, in whatever order they get ready.
//
// In: { geometries } · { draco: WebAssembly.Module } · { dracoFailure: string } · { job, kind, bytes: ArrayBuffer }.
// Out: { job, result, milliseconds, heapByteCount }, or { job, error: { isDamage, message }, … }.

import { ChunkDecoder, transfersOf } from './chunk-decoder.js';
import { ChunkError } from './chunk-error.js';

const decoder = new ChunkDecoder();

async function decode({ job, kind, bytes }) {
    const began = performance.now();
    let answer;
    try {
        answer = { result: await decoder.decode(kind, new Uint8Array(bytes)) };
    } catch (error) {
        answer = { error: { isDamage: error instanceof ChunkError, message: error.message } };
    }
    const milliseconds = performance.now() - began;
    const message = { job, ...answer, milliseconds, heapByteCount: decoder.heapByteCount };
    self.postMessage(message, answer.result ? transfersOf(answer.result) : []);
}

self.onmessage = ({ data }) => {
    if (data.geometries) decoder.setGeometries(data.geometries);
    else if (data.draco) decoder.setDraco(data.draco);
    else if (data.dracoFailure) decoder.failDraco(data.dracoFailure);
    else decode(data);
};
