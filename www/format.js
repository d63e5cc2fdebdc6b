/** Numbers as people read and type them. */

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/**
 * A count or an index: 3,600,000.
 *
 * @param {number} value
 */
export function count(value) {
  return grouped.format(value);
}

/**
 * A measured value, to seven significant digits (what a float32 holds), without trailing zeros.
 *
 * @param {number} value
 * @param {number} [digits]
 */
export function number(value, digits = 7) {
  if (!Number.isFinite(value)) return String(value).replace("-", "−");
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e9)
    ? value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e")
    : String(Number(value.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

/**
 * A place: (12, 30.5).
 *
 * @param {[number, number]} center
 */
export function place([x, y]) {
  return `(${number(x, 4)}, ${number(y, 4)})`;
}

/**
 * The step of 1, 2 or 5 times a power of ten that is nearest to a size, as one hears it: by ratio.
 *
 * @param {number} size  above 0
 */
export function step(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  const steps = [1, 2, 5, 10].map((digit) => digit * power);
  return steps.reduce((best, next) => (Math.abs(Math.log(next / size)) < Math.abs(Math.log(best / size)) ? next : best));
}

/**
 * The same as a number box takes it: with a plain hyphen.
 *
 * @param {number} value
 */
export function typed(value) {
  return String(Number(value.toPrecision(7)));
}

/**
 * A value as exact as a range of this size needs: a thousandth of it, or finer.
 *
 * @param {number} value
 * @param {number} size  above 0
 */
export function rounded(value, size) {
  const decimals = 3 - Math.floor(Math.log10(size));
  return decimals > 0 ? Number(value.toFixed(Math.min(decimals, 100))) : Math.round(value);
}

/**
 * Decimals that tell two neighbouring frames apart.
 *
 * @param {{ frames: number, start: number, stop: number, rate: number | null }} session
 */
export function decimalsOf({ frames, start, stop, rate }) {
  const interval = rate ? 1 / rate : (stop - start) / Math.max(frames - 1, 1);
  if (!(interval > 0)) return 3;
  const decimals = Math.min(Math.max(Math.ceil(-Math.log10(interval) - 1e-9), 0), 9);
  const whole = interval * 10 ** decimals;
  // 0.002 s is exact at three decimals; 1/30 s needs one more to round to the right frame.
  return Math.abs(whole - Math.round(whole)) < 1e-6 ? decimals : decimals + 1;
}

/**
 * A number from what was typed, in every box of the page: `12.5`, `12,5`, `−3e-4`, `1 234`, `1,234.5`. NaN when it is none.
 *
 * @param {string} text
 * @param {boolean} [whole]  of a count, in which the comma of `1,234` parts thousands
 */
export function decimal(text, whole = false) {
  let plain = text.trim().replaceAll("−", "-").replace(/(?<=\d)[\s_'](?=\d{3}(?!\d))/g, "");
  const [commas, grouped] = [plain.split(",").length - 1, /^-?\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain)];
  // Alone it is a decimal comma: what this page shows with decimals has no thousands parted.
  if (grouped && (whole || commas > 1 || plain.includes("."))) plain = plain.replaceAll(",", "");
  else plain = plain.replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

/**
 * How long something lasts, as one says it: `12 s`, `59 min`, `2.5 h`.
 *
 * @param {number} seconds
 */
export function lasting(seconds) {
  if (seconds < 100) return `${number(seconds, 2)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${number(seconds / 3600, 2)} h`;
}

/**
 * Seconds from what was typed: `12.5`, `12,5 s`, `1:23.5`, `1:02:03`. NaN when it is none of these.
 *
 * @param {string} text
 */
export function seconds(text) {
  const plain = text.replace(/\s*s(ec(onds?)?)?$/i, "").replaceAll("−", "-").trim();
  const parts = plain.replace(/^-/, "").split(":");
  if (parts.length > 3 || parts.some((part) => /^[+-]/.test(part))) return NaN;
  const size = parts.reduce((sum, part) => sum * 60 + decimal(part), 0);
  return plain.startsWith("-") ? -size : size;
}

/**
 * A speed from what was typed: `2`, `2x`, `1/8`, `0.25×`. NaN when it is none.
 *
 * @param {string} text
 */
export function speedOf(text) {
  const parts = text.replace(/\s*[x×]$/i, "").split("/");
  if (parts.length > 2 || /[^\d\s.,/]/.test(parts.join())) return NaN;
  const speed = decimal(parts[0] ?? "") / decimal(parts[1] ?? "1");
  return speed > 0 && Number.isFinite(speed) ? speed : NaN;
}

/**
 * A frame's index from what was typed: `1234`, `1,234`, `1 234`. NaN when it is no whole number.
 *
 * @param {string} text
 */
export function frameIndex(text) {
  const frame = decimal(text, true);
  return Number.isInteger(frame) ? frame : NaN;
}
