// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Bytes that are not what the archive format says; the message names what is wrong. */
export class ChunkError extends Error {
    name = 'ChunkError';
}
