/**
 * Size of a canvas in device pixels, and how many of them are in one CSS pixel. Camera, scale bar and pointer use this ratio:
 * `devicePixelRatio` differs from it where a browser emulates another screen or hides the real ratio.
 *
 * @typedef {{ width: number, height: number, ratio: number }} Size  CSS pixels (fractions are meant); device pixels in one
 */

/**
 * Calls `resized` with a canvas's size, now and whenever it changes, exact to the device pixel: at a fractional ratio only the
 * browser's own rounding is right, and a pixel more or less would blur the picture.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {(size: Size) => void} resized
 */
export function followSize(canvas, resized) {
  /** @param {ResizeObserverEntry[]} entries */
  function measure(entries) {
    const css = entries.at(-1)?.contentBoxSize[0];
    const device = entries.at(-1)?.devicePixelContentBoxSize?.[0];
    if (css) resized(sizeOf(css, device, devicePixelRatio));
  }
  // Each of the two may change alone.
  const [cssPixels, devicePixels] = [new ResizeObserver(measure), new ResizeObserver(measure)];

  function observe() {
    cssPixels.disconnect();
    cssPixels.observe(canvas);
    try {
      devicePixels.observe(canvas, { box: "device-pixel-content-box" });
    } catch {
      // Safari has CSS pixels only, and `devicePixelRatio`. A window that is moved to another screen keeps its CSS size, so that only
      // observing it again reports the new ratio.
      matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", observe, { once: true });
    }
  }
  observe();
}

/**
 * @param {ResizeObserverSize} css
 * @param {ResizeObserverSize | undefined} device  undefined where the browser does not report it
 * @param {number} otherwise  ratio where the sizes give none
 * @returns {Size}
 */
export function sizeOf(css, device, otherwise) {
  // Of the longer side, the rounding to whole pixels matters least.
  const side = css.inlineSize > css.blockSize ? "inlineSize" : "blockSize";
  const ratio = (device?.[side] ?? 0) / css[side] || otherwise;
  return device
    ? { width: device.inlineSize / ratio, height: device.blockSize / ratio, ratio }
    : { width: css.inlineSize, height: css.blockSize, ratio };
}
