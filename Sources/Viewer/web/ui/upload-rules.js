// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { formatBytes } from './format.js';

/** What the server imports, by the end of the name. */
export const uploadExtensions = ['.glb', '.gltf', '.obj', '.ply', '.stl', '.vantage'];

/** A .gltf larger than this is not looked into before it is sent. */
const largestInspected = 64e6;

/** Why a file cannot be sent, in words that say what to do, or null. Reads .gltf files to see whether they are whole. */
export async function uploadProblem(file, byteLimit = Infinity) {
    const name = file.name.toLowerCase();
    if (!uploadExtensions.some((extension) => name.endsWith(extension))) {
        return `Vantage cannot read this kind of file. Use ${listed(uploadExtensions)}.`;
    }
    if (file.size === 0) return 'The file is empty.';
    if (file.size > byteLimit) {
        return `The file has ${formatBytes(file.size)}; this server takes ${formatBytes(byteLimit)} at most. `
            + 'Import it on the server instead: vantage import FILE';
    }
    return name.endsWith('.gltf') && file.size <= largestInspected ? gltfProblem(file) : null;
}

/** A .gltf may keep its geometry in files beside it, which a browser cannot send along. */
async function gltfProblem(file) {
    let description;
    try {
        description = JSON.parse(await file.text());
    } catch {
        return 'The file is not valid glTF: its JSON cannot be read.';
    }
    const parts = [...asList(description?.buffers), ...asList(description?.images)];
    const outside = parts.map((part) => part?.uri).find((uri) => typeof uri === 'string' && !uri.startsWith('data:'));
    if (outside === undefined) return null;
    return `It refers to another file (${shortened(outside)}). Export it as .glb, which holds everything.`;
}

const asList = (value) => (Array.isArray(value) ? value : []);
const shortened = (text) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
const listed = (words) => `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
