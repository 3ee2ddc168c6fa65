/** Operators that move values or only name their order anew. */
import { elements } from '../graph';
import { activation, integers, need, operand, quantization, refuse, result, type Converter } from './context';

export const concatenation: Converter = (op, c) => {
  const shape = result(op).shape, axis = op.options?.int32(0) ?? 0;
  need(activation(op.options?.int8(1) ?? 0) === 'none', 'it has a fused activation');
  need(op.inputs.length > 0 && axis >= -shape.length && axis < shape.length, `axis ${axis} of [${shape}]`);
  const to = quantization(result(op));
  for (const t of op.inputs) {
    const from = quantization(t ?? refuse('an input is missing'));
    need(from.scale === to.scale && from.zeroPoint === to.zeroPoint, `its input ${t!.name} has another scale than its output: requantize before joining`);
  }
  c.emit({ op: 'concatenation', inputs: op.inputs.map((t) => c.name(t!)), output: c.name(result(op)), axis: axis < 0 ? axis + shape.length : axis });
};

export const pad: Converter = (op, c) => {
  const x = operand(op, 0), pairs = integers(operand(op, 1)), q = quantization(x), fill = op.inputs[2];
  need(pairs.length === x.shape.length * 2 && pairs.every((n) => n >= 0), `paddings [${pairs}] for [${x.shape}]`);
  let value = 0;
  if (fill) {
    need(fill.type === 'int8' && fill.data.length === 1, 'its fill value is no int8 constant');
    value = q.scale * (((fill.data[0] << 24) >> 24) - q.zeroPoint);
  }
  c.emit({
    op: 'pad', inputs: [c.name(x)], output: c.name(result(op)), before: pairs.filter((_, i) => i % 2 === 0),
    after: pairs.filter((_, i) => i % 2 === 1), value,
  });
};

export const reshape: Converter = (op, c) => {
  need(elements(operand(op, 0).shape) === elements(result(op).shape), 'its input and output differ in size');
  c.emit({ op: 'reshape', inputs: [c.name(operand(op, 0))], output: c.name(result(op)) });
};

export const transpose: Converter = (op, c) => {
  const x = operand(op, 0), permutation = integers(operand(op, 1));
  need(permutation.length === x.shape.length && x.shape.every((_, i) => permutation.includes(i)), `permutation [${permutation}] of [${x.shape}]`);
  const moved = permutation.filter((d) => x.shape[d] !== 1); // dimensions of 1 may go anywhere
  if (moved.every((d, i) => i === 0 || d > moved[i - 1])) return reshape(op, c);
  c.emit({ op: 'transpose', inputs: [c.name(x)], output: c.name(result(op)), permutation });
};

export const stridedSlice: Converter = (op, c) => {
  const x = operand(op, 0), o = op.options, [begins, ends, strides] = [1, 2, 3].map((i) => integers(operand(op, i)));
  need(!o?.int32(2) && !o?.int32(3), 'it uses an ellipsis or new-axis mask');
  need([begins, ends, strides].every((list) => list.length <= x.shape.length) && strides.every((s) => s !== 0), 'its begin, end and strides do not fit its input');
  const begin: number[] = [], stride: number[] = [], count: number[] = [];
  x.shape.forEach((size, d) => {
    const s = strides[d] ?? 1, masked = (field: number): boolean => d >= begins.length || ((o?.int32(field) ?? 0) >> d & 1) === 1;
    const at = (v: number): number => Math.max(s > 0 ? 0 : -1, Math.min(s > 0 ? size : size - 1, v < 0 ? v + size : v));
    const first = masked(0) ? (s > 0 ? 0 : size - 1) : at(begins[d]);
    const shrink = d < begins.length && ((o?.int32(4) ?? 0) >> d & 1) === 1;
    const end = shrink ? first + s : masked(1) ? (s > 0 ? size : -1) : at(ends[d]);
    begin.push(first);
    stride.push(s);
    count.push(shrink ? 1 : Math.max(0, Math.ceil((end - first) / s)));
  });
  need(elements(count) > 0, 'nothing is left of its input');
  c.emit({ op: 'slice', inputs: [c.name(x)], output: c.name(result(op)), begin, stride, count });
};

export const split: Converter = (op, c) => {
  const x = operand(op, 1), [given] = integers(operand(op, 0)), axis = given < 0 ? given + x.shape.length : given;
  need(axis >= 0 && axis < x.shape.length && x.shape[axis] % op.outputs.length === 0, `axis ${given} of [${x.shape}] cannot be split into ${op.outputs.length}`);
  const part = x.shape[axis] / op.outputs.length;
  op.outputs.forEach((y, i) => {
    const begin = x.shape.map((_, d) => (d === axis ? i * part : 0)), count = x.shape.map((n, d) => (d === axis ? part : n));
    c.emit({ op: 'slice', inputs: [c.name(x)], output: c.name(y), begin, stride: x.shape.map(() => 1), count });
  });
};

export const resizeNearest: Converter = (op, c) => {
  const x = operand(op, 0), y = result(op), corners = op.options?.int8(0) === 1, centers = op.options?.int8(1) === 1, f = Math.fround;
  need(x.shape.length === 4 && x.shape[0] === 1 && y.shape.length === 4, `its input has the shape [${x.shape}]`);
  const sources = (from: number, to: number): number[] => {
    const scale = corners && to > 1 ? f((from - 1) / (to - 1)) : f(from / to);
    return Array.from({ length: to }, (_, i) => {
      const at = f(f(i + (centers ? 0.5 : 0)) * scale);
      return Math.max(0, Math.min(from - 1, corners ? Math.round(at) : Math.floor(at)));
    });
  };
  c.emit({ op: 'resizeNearest', inputs: [c.name(x)], output: c.name(y), rows: sources(x.shape[1], y.shape[1]), columns: sources(x.shape[2], y.shape[2]) });
};
