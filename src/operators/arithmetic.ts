/**
 * 32-bit integer arithmetic as gemmlowp and TensorFlow Lite define it, exact for every operand, in int32
 * steps only: XS keeps integers apart from doubles, and a product above 2^31 would silently become a double.
 */

/**
 * floor(v * multiplier / 2^30), for |v| < 2^29 and 0 <= multiplier < 2^31: what either rounding of a
 * requantization needs. With v = h * 2^15 + l and the multiplier mh * 2^16 + ml, every partial product and sum
 * fits 32 bits.
 *
 * @wide (int32_t)((int64_t)(int32_t)((uint32_t)v << 2) * multiplier >> 32)
 */
export function scaleDown(v: number, multiplier: number): number {
  const h = v >> 15,
    l = v & 32767,
    mh = multiplier >> 16,
    ml = multiplier & 65535;
  return h * mh * 2 + ((((h * ml + ((l * ml) >> 15)) >> 1) + l * mh) >> 14);
}

/**
 * floor((a * b + 2^30) / 2^31) of two int32: gemmlowp's SaturatingRoundingDoublingHighMul without the
 * saturation.
 *
 * @noinline
 * @wide (int32_t)(((int64_t)a * b + 1073741824) >> 31)
 */
export function multiplyHigh(a: number, b: number): number {
  const ah = a >> 16,
    al = a & 65535,
    bh = b >> 16,
    bl = b & 65535;
  const p = ah * bl + (Math.imul(al, bl) >>> 16),
    q = al * bh; // both fit 32 bits, their sum may not
  const r = (p & 65535) + (q & 65535);
  return (ah * bh + (p >> 16) + (q >> 16) + (r >> 16)) * 2 + (((r & 65535) + 16384) >> 15);
}

/**
 * x / 2^n, rounded to nearest, halves away from zero. 0 <= n <= 31.
 *
 * @noinline
 */
export function roundingShift(x: number, n: number): number {
  const mask = ~(-1 << n);
  return (x >> n) + ((x & mask) > (mask >> 1) + (x < 0 ? 1 : 0) ? 1 : 0);
}

/**
 * x * 2^n, kept within 32 bits. 0 <= n <= 30.
 *
 * @noinline
 */
export function saturatingShift(x: number, n: number): number {
  const limit = 2147483647 >> n;
  return x > limit ? 2147483647 : x < ~limit ? -2147483648 : x << n;
}

/**
 * floor(a * b / 2^31) of two int32.
 *
 * @noinline
 * @wide (int32_t)((int64_t)a * b >> 31)
 */
function multiplyFloor(a: number, b: number): number {
  const ah = a >> 16,
    al = a & 65535,
    bh = b >> 16,
    bl = b & 65535;
  const p = ah * bl + (Math.imul(al, bl) >>> 16),
    q = al * bh;
  const r = (p & 65535) + (q & 65535);
  return (ah * bh + (p >> 16) + (q >> 16) + (r >> 16)) * 2 + ((r & 65535) >> 15);
}

/**
 * x * multiplier * 2^(shift - 31), TensorFlow Lite's MultiplyByQuantizedMultiplier.
 * @param x int32; where x * 2^shift leaves int32 it saturates (TensorFlow Lite leaves that case undefined)
 * @param multiplier 2^30 to 2^31 - 1, or 0
 * @param shift -31 to 30; negative shifts to the right
 * @param single round once, as ONNX Runtime and XNNPACK do, instead of twice as TensorFlow Lite Micro does
 */
export function scaleBy(x: number, multiplier: number, shift: number, single: boolean): number {
  if (shift >= 0) return multiplyHigh(saturatingShift(x, shift), multiplier);
  if (!single) return roundingShift(multiplyHigh(x, multiplier), -shift);
  const t = multiplyFloor(x, multiplier);
  return (t >> -shift) + ((t >> (-shift - 1)) & 1);
}
