/** Formats numbers for people, and reads what people type. */

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
 * A measured value without trailing zeros: seven significant digits, or up to nine where a float32 needs them to differ from its
 * neighbours.
 *
 * @param {number} value
 * @param {number} [digits]
 */
export function number(value, digits = digitsOf(value)) {
  if (!Number.isFinite(value)) return String(value).replace("-", "−");
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e9)
    ? value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e")
    : String(Number(value.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

/** @param {number} value */
function digitsOf(value) {
  return [7, 8, 9].find((digits) => Math.fround(Number(value.toPrecision(digits))) === value) ?? 7;
}

/**
 * A value with as many digits as distinguish it from a value one step away: 543211.15 in steps of 0.01, 543211 in steps of 1.
 *
 * @param {number} value
 * @param {number} step  above 0
 */
export function fine(value, step) {
  const power = (/** @type {number} */ size) => Math.floor(Math.log10(size) + 1e-9);
  const rounded = Number.isFinite(value) && step > 0 ? Math.round(value / step) * step : value;
  if (!(Math.abs(rounded) > 0 && step > 0)) return number(rounded === 0 ? 0 : value);
  return number(value, Math.min(Math.max(power(Math.abs(rounded)) - power(step) + 1, 1), 17));
}

/**
 * A place, exact to a hundredth of a bin: (12, 30.5).
 *
 * @param {[number, number]} center
 * @param {number} binSize
 */
export function place([x, y], binSize) {
  return `(${fine(x, binSize / 100)}, ${fine(y, binSize / 100)})`;
}

/**
 * A value for a text box, with a plain hyphen as the minus: a float32 in as many digits as it needs, any other number in all of its digits.
 *
 * @param {number} value
 */
export function typed(value) {
  const number = Math.fround(value) === value ? Number(value.toPrecision(digitsOf(value))) : value;
  // JavaScript writes up to 21 digits before it uses an exponent.
  const text = String(number);
  return text.length > 16 && Math.abs(number) >= 1e9 ? number.toExponential().replace("e+", "e") : text;
}

/**
 * A value rounded to a thousandth of a range, or finer.
 *
 * @param {number} value
 * @param {number} size  of the range; above 0
 */
export function rounded(value, size) {
  const decimals = 3 - Math.floor(Math.log10(size));
  return decimals > 0 ? Number(value.toFixed(Math.min(decimals, 100))) : Math.round(value);
}

/**
 * Reads a typed number, in every box of the page: `12.5`, `12,5`, `−3e-4`, `1 234`, `1,234.5`. NaN where it is none.
 *
 * @param {string} text
 * @param {boolean} [whole]  whether it is a count, in which the comma of `1,234` separates thousands
 */
export function decimal(text, whole = false) {
  return Number(digits(text, whole) ?? NaN);
}

/**
 * What was typed, as JavaScript writes numbers; null where it is not a number.
 *
 * @param {string} text
 * @param {boolean} whole
 */
function digits(text, whole) {
  let plain = text.trim().replaceAll("−", "-").replace(/(?<=\d)[\s_'](?=\d{3}(?!\d))/g, "");
  const [commas, grouped] = [plain.split(",").length - 1, /^-?\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain)];
  // A single comma is a decimal comma: numbers with decimals are shown without separators on this page.
  if (grouped && (whole || commas > 1 || plain.includes("."))) plain = plain.replaceAll(",", "");
  else plain = plain.replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? plain : null;
}

/**
 * A duration: `12 s`, `59 min`, `2.5 h`.
 *
 * @param {number} seconds
 */
export function lasting(seconds) {
  if (seconds < 100) return `${number(seconds, 2)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${number(seconds / 3600, 2)} h`;
}

/**
 * Reads typed seconds: `12.5`, `12,5 s`, `1:23.5`, `1:02:03`. NaN where it is none of these.
 *
 * @param {string} text
 */
export function seconds(text) {
  const plain = text.replace(/\s*s(ec(onds?)?)?$/i, "").replaceAll("−", "-").trim();
  const parts = plain.replace(/^-/, "").split(":");
  if (parts.length > 3 || parts.some((part) => /^[+-]/.test(part))) return NaN;
  const minutes = parts.slice(0, -1).reduce((sum, part) => sum * 60 + decimal(part), 0);
  const last = digits(parts[parts.length - 1] ?? "", false) ?? "NaN";
  // Rounded once, from all digits: the sum of whole seconds and a fraction may differ in its last bit.
  const [, whole, fraction] = /^(\d*)(\.\d*)?$/.exec(last) ?? [];
  const exact = whole !== undefined && Number.isInteger(minutes);
  const size = exact ? Number(`${minutes * 60 + Number(whole)}${fraction ?? ""}`) : minutes * 60 + Number(last);
  return plain.startsWith("-") ? -size : size;
}

/**
 * Reads a typed speed: `2`, `2x`, `1/8`, `0.25×`. NaN where it is none.
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
 * Reads a typed frame index: `1234`, `1,234`, `1 234`. NaN where it is not a whole number.
 *
 * @param {string} text
 */
export function frameIndex(text) {
  const frame = decimal(text, true);
  return Number.isInteger(frame) ? frame : NaN;
}
