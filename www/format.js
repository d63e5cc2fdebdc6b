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
 * A measured value without trailing zeros, with seven significant digits, or up to nine where a float32 needs them to be told from
 * its neighbours.
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
 * A value with the digits that tell it from one a step away: 543211.15 in steps of 0.01, 543211 in steps of 1.
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
 * A place, as exact as a hundredth of a bin: (12, 30.5).
 *
 * @param {[number, number]} center
 * @param {number} binSize
 */
export function place([x, y], binSize) {
  return `(${fine(x, binSize / 100)}, ${fine(y, binSize / 100)})`;
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
 * A value as a number box takes it, with a plain hyphen: a float32 in as many digits as it needs, any other number in all of its own.
 *
 * @param {number} value
 */
export function typed(value) {
  const number = Math.fround(value) === value ? Number(value.toPrecision(digitsOf(value))) : value;
  // JavaScript writes up to 21 digits before it turns to powers of ten.
  const text = String(number);
  return text.length > 16 && Math.abs(number) >= 1e9 ? number.toExponential().replace("e+", "e") : text;
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
 * A number from what was typed, in every box of the page: `12.5`, `12,5`, `−3e-4`, `1 234`, `1,234.5`. NaN when it is none.
 *
 * @param {string} text
 * @param {boolean} [whole]  of a count, in which the comma of `1,234` parts thousands
 */
export function decimal(text, whole = false) {
  return Number(digits(text, whole) ?? NaN);
}

/**
 * What `decimal` reads, as JavaScript writes it; `null` where it is no number.
 *
 * @param {string} text
 * @param {boolean} whole
 */
function digits(text, whole) {
  let plain = text.trim().replaceAll("−", "-").replace(/(?<=\d)[\s_'](?=\d{3}(?!\d))/g, "");
  const [commas, grouped] = [plain.split(",").length - 1, /^-?\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain)];
  // Alone it is a decimal comma: what this page shows with decimals has no thousands parted.
  if (grouped && (whole || commas > 1 || plain.includes("."))) plain = plain.replaceAll(",", "");
  else plain = plain.replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? plain : null;
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
  const minutes = parts.slice(0, -1).reduce((sum, part) => sum * 60 + decimal(part), 0);
  const last = digits(parts[parts.length - 1] ?? "", false) ?? "NaN";
  // Rounded once, from all digits: a sum of whole seconds and a fraction may be a last bit beside it.
  const [, whole, fraction] = /^(\d*)(\.\d*)?$/.exec(last) ?? [];
  const exact = whole !== undefined && Number.isInteger(minutes);
  const size = exact ? Number(`${minutes * 60 + Number(whole)}${fraction ?? ""}`) : minutes * 60 + Number(last);
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
