// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const desktop = { gpuByteCount: 512e6, triangleCount: 5e6 };
const mobile = { gpuByteCount: 160e6, triangleCount: 1.5e6 };

/** Whether this is a phone or a tablet. `device` is a `navigator` or the few fields of one that matter. */
export function isMobileDevice(device) {
    const isMobile = device.userAgentData?.mobile ?? /Android|iPhone|iPad|Mobile/.test(device.userAgent ?? '');
    return isMobile || (device.maxTouchPoints > 1 && /Macintosh/.test(device.userAgent ?? ''));
}

/**
 * Hard limits for this device: GPU bytes held and triangles drawn.
 *
 * `device` is a `navigator` or the few fields of one that matter.
 */
export function deviceLimits(device) {
    const isSmall = device.deviceMemory !== undefined && device.deviceMemory <= 2;
    return { ...(isMobileDevice(device) || isSmall ? mobile : desktop) };
}

/**
 * What an address asks of the viewer, where it makes sense: `gpu=64MB` (kB, MB, GB; plain: MB), `triangles=200000`,
 * `threshold=2` (pixels), `store=0`, `warp=grid` (affine, none): how pictures of the server follow the camera. Absent or unusable values are left out.
 */
export function addressOptions(parameters) {
    const options = {};
    const gpuByteCount = byteCount(parameters.get('gpu'));
    const triangleCount = positive(parameters.get('triangles'));
    const thresholdPixels = positive(parameters.get('threshold'));
    if (gpuByteCount) options.gpuByteCount = gpuByteCount;
    if (triangleCount) options.triangleCount = Math.round(triangleCount);
    if (thresholdPixels) options.thresholdPixels = Math.min(Math.max(thresholdPixels, 0.1), 100);
    if (parameters.get('store') === '0') options.store = false;
    if (['grid', 'affine', 'none'].includes(parameters.get('warp'))) options.warp = parameters.get('warp');
    return options;
}

function byteCount(text) {
    const match = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB)?$/i.exec(text ?? '');
    if (!match) return undefined;
    const unit = { kb: 1e3, mb: 1e6, gb: 1e9 }[(match[2] ?? 'MB').toLowerCase()];
    return Math.round(positive(match[1]) * unit) || undefined;
}

function positive(text) {
    const value = Number(text);
    return text && Number.isFinite(value) && value > 0 ? value : undefined;
}
