/** Numbers of many measurements, and how they are written. */

/** @param {number[]} values  @param {number} share  0 to 1 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? NaN;
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] ?? NaN : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
}

/** @param {number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Three digits, as many as a noisy machine is worth. @param {number} value */
export function digits(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** Milliseconds. @param {number} value */
export function ms(value) {
  return value >= 10_000 ? `${digits(value / 1000)} s` : `${digits(value)} ms`;
}

/** Median, and the middle half of the measurements: `12.0 ms (11.2–13.9)`. @param {number[]} values */
export function spread(values) {
  return `${ms(median(values))} (${digits(quantile(values, 0.25))}–${digits(quantile(values, 0.75))})`;
}

/** Bytes. @param {number} value */
export function mib(value) {
  return `${digits(value / 2 ** 20)} MiB`;
}

/** `3,600,000`. @param {number} value */
export function count(value) {
  return Math.round(value).toLocaleString("en-US");
}
