// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Takes files dropped anywhere on the page. `onHover(isOver)` says when files are over it, `onFiles(files)` gives them.
 * Returns a function that ends it.
 */
export function takeDroppedFiles({ onHover, onFiles }) {
    const abort = new AbortController();
    const on = (name, handler) => window.addEventListener(name, handler, { signal: abort.signal });
    // Enter and leave come for every element on the way; the count says whether files are over the page at all.
    let depth = 0;
    const leave = () => {
        depth = 0;
        onHover(false);
    };
    on('dragenter', (event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        depth += 1;
        onHover(true);
    });
    on('dragover', (event) => holdsFiles(event) && event.preventDefault());
    on('dragleave', (event) => {
        if (!holdsFiles(event)) return;
        depth -= 1;
        if (depth <= 0) leave();
    });
    on('drop', (event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        leave();
        onFiles([...event.dataTransfer.files]);
    });
    return () => abort.abort();
}

const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
