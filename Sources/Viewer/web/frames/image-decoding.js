// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// From a frame's payload to something that a canvas draws. createImageBitmap is two to four times as fast as an image
// element, works in workers, and is missing in a few browsers that are still about.

const mediaTypes = ['image/jpeg', 'image/png'];

/** Whether this thread can decode without a document. */
export const hasBitmaps = () => typeof createImageBitmap === 'function';

/**
 * Decodes a payload.
 *
 * @param {Uint8Array} bytes
 * @param {number} codec a FrameCodec
 * @returns {Promise<ImageBitmap | HTMLImageElement>} to be given to `closePicture` when it is not needed any more
 * @throws {Error} where the bytes are no such picture
 */
export function decodePicture(bytes, codec) {
    const blob = new Blob([bytes], { type: mediaTypes[codec] });
    return hasBitmaps() ? createImageBitmap(blob) : decodeElement(blob);
}

/** Gives back the memory of a picture; image elements are left to the browser. */
export function closePicture(picture) {
    picture?.close?.();
}

/** Width and height of a picture in its own pixels. */
export function sizeOfPicture(picture) {
    return { width: picture.naturalWidth ?? picture.width, height: picture.naturalHeight ?? picture.height };
}

async function decodeElement(blob) {
    const image = new Image();
    const url = URL.createObjectURL(blob);
    try {
        image.src = url;
        await image.decode();
        return image;
    } finally {
        URL.revokeObjectURL(url);
    }
}
