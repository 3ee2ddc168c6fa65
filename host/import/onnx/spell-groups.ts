/** Convolutions in groups. */
import type { NodeProto } from 'onnx-buf';
import type { Speller } from './speller';
import { storedShape } from './stored';

/** Groups of several channels as convolutions of their own; depthwise ones the device has. */
export function groups(s: Speller, node: NodeProto): string | false {
  const group = s.attribute('group') ?? 1,
    [x, weights, bias] = node.input,
    shape = storedShape(s.graph, weights),
    outputs = shape ? shape[0] / Number(group) : NaN;
  if (typeof group !== 'number' || group < 2 || group > 1024 || !shape || shape[1] < 2) return false;
  if (shape.length < 3 || !Number.isInteger(outputs)) return false;
  const one = node.attribute.filter((a) => a.name !== 'group'),
    results = Array.from({ length: group }, (_, g) => {
      const part = s.slice(x, 1, g * shape[1], (g + 1) * shape[1]),
        own = [weights, bias].filter(Boolean).map((w) => s.slice(w, 0, g * outputs, (g + 1) * outputs)),
        y = s.add('Conv', [part, ...own]);
      s.nodes[s.nodes.length - 1].attribute = one;
      return y;
    });
  return s.add('Concat', results, { axis: 1 });
}
