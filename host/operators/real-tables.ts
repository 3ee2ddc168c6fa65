/**
 * Tables of the real functions themselves, between any two scales: what ONNX Runtime computes in float32
 * between DequantizeLinear and QuantizeLinear.
 */
import type { Quantization } from '../graph';

const f = Math.fround;

/** The nearest integer, of two the even one: as ONNX rounds. */
export function halfEven(v: number): number {
  const near = Math.round(v);
  return Math.abs(v % 1) === 0.5 && near % 2 ? near - 1 : near;
}

/** What each function gives. */
const functions = {
  hardSwish: (x: number) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  leakyRelu: (x: number, alpha: number) => (x >= 0 ? x : f(alpha) * x),
  logistic: (x: number) => 1 / (1 + Math.exp(-x)),
  relu: (x: number) => Math.max(0, x),
  relu6: (x: number) => Math.max(0, Math.min(6, x)),
  reluN1To1: (x: number) => Math.max(-1, Math.min(1, x)),
  requantize: (x: number) => x,
  tanh: Math.tanh,
} satisfies Record<string, (x: number, alpha: number) => number>;

export type RealFunction = keyof typeof functions;

/** Whether a function is one of them. */
export const isReal = (name: string): name is RealFunction => Object.hasOwn(functions, name);

/** The 256 real values that a function gives, from input -128 on. */
export const realValues = (name: RealFunction, alpha: number, from: Quantization): number[] =>
  Array.from({ length: 256 }, (_, i) =>
    f(functions[name](f((i - 128 - from.zeroPoint) * f(from.scale)), alpha)),
  );

/** The same as int8. */
export const realTable = (
  name: RealFunction,
  alpha: number,
  from: Quantization,
  { scale, zeroPoint }: Quantization,
): Int8Array =>
  Int8Array.from(realValues(name, alpha, from), (v) =>
    Math.max(-128, Math.min(127, halfEven(f(v / f(scale))) + zeroPoint)),
  );
