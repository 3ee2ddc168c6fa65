/** Shapes that are repeated over each other. */
import { indicesOf, stridesOf } from '../../view';
import { need } from './context';
import { needRoom } from './folding';

/** The shape that two repeated over each other have. */
export function broadcastShape(a: number[], b: number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [m, n] = [a, b].map((s) => s[i - rank + s.length] ?? 1);
    need(m === n || m === 1 || n === 1, `its operands have the shapes [${a}] and [${b}], which do not fit`);
    return m === 1 ? n : m;
  });
}

/** Places of a constant's values where it is repeated to fill a shape. */
export function repeatedOver(from: number[], shape: number[]): Int32Array {
  needRoom(shape);
  const own = stridesOf(from),
    missing = shape.length - from.length;
  return indicesOf({
    sizes: shape,
    strides: shape.map((_, d) => (d < missing || from[d - missing] === 1 ? 0 : own[d - missing])),
  });
}
