// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The addresses of what the viewer loads. Its modules are files of their own in `viewer/`, or the build has made one file
// of all that a page or a worker needs (tools/build-viewer-app): those are side by side in `viewer/VERSION/app/`, and
// everything else that is in `viewer/` is in `viewer/VERSION/` too.

/* global VANTAGE_IS_BUNDLED -- the build defines it */
const isBundled = typeof VANTAGE_IS_BUNDLED !== 'undefined';
const viewerFolder = new URL(isBundled ? '../' : './', import.meta.url);

/** The server that the viewer came from. */
export const serverRoot = new URL(isBundled ? '../../' : '../', viewerFolder);

/** A file by its path in the viewer's folder. */
export const fileAddress = (path) => new URL(path, viewerFolder);

/** A worker's module by its path in the viewer's folder. */
export const workerAddress = (path) =>
    (isBundled ? new URL(path.replace(/.*\//, './'), import.meta.url) : fileAddress(path));
