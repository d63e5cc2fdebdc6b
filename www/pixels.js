/**
 * A canvas's size in device pixels, and how many of them it has in one CSS pixel. That ratio, and no other, is what the camera,
 * the scale bar, sizes and the pointer go by: `devicePixelRatio` is another one where a browser acts as another screen or hides
 * the real one.
 *
 * @typedef {{ width: number, height: number, ratio: number }} Size  CSS pixels (fractions are meant); device pixels in one
 */

/**
 * Tells a canvas's size, now and whenever it changes, exact to the device pixel: at a fractional ratio the browser's own
 * rounding is the only right one, and a pixel more or less would blur the picture.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {(size: Size) => void} told
 */
export function followSize(canvas, told) {
  /** @param {ResizeObserverEntry[]} entries */
  function measure(entries) {
    const css = entries.at(-1)?.contentBoxSize[0];
    const device = entries.at(-1)?.devicePixelContentBoxSize?.[0];
    if (css) told(sizeOf(css, device, devicePixelRatio));
  }
  // Either of the two may change alone.
  const [cssPixels, devicePixels] = [new ResizeObserver(measure), new ResizeObserver(measure)];

  function observe() {
    cssPixels.disconnect();
    cssPixels.observe(canvas);
    try {
      devicePixels.observe(canvas, { box: "device-pixel-content-box" });
    } catch {
      // Safari knows CSS pixels only, and the ratio is what it says. A window moved to another screen keeps its CSS size: observed
      // again it is told once.
      matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", observe, { once: true });
    }
  }
  observe();
}

/**
 * @param {ResizeObserverSize} css
 * @param {ResizeObserverSize | undefined} device  undefined: the browser does not know
 * @param {number} otherwise  the ratio where the canvas says none
 * @returns {Size}
 */
export function sizeOf(css, device, otherwise) {
  // The longer side has the browser's rounding to whole pixels in it least.
  const side = css.inlineSize > css.blockSize ? "inlineSize" : "blockSize";
  const ratio = (device?.[side] ?? 0) / css[side] || otherwise;
  return device
    ? { width: device.inlineSize / ratio, height: device.blockSize / ratio, ratio }
    : { width: css.inlineSize, height: css.blockSize, ratio };
}
