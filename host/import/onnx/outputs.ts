/** What a model gives. */
import { shapeOf, type OnnxContext, type Part, type Value } from './context';
import { layoutOf, viewOf } from './layout';
import { commonOrder, inDims } from './order';

/** An output in ONNX's order, but that images have their channels last. */
export function asOutput(c: OnnxContext, value: Value): string {
  const dims = commonOrder([value]),
    moved = inDims(c, value, dims),
    shape = shapeOf(layoutOf(value.shape, dims));
  const { shape: ours, view } = c.graph.tensors.get(moved.tensor)!,
    sameOrder = JSON.stringify(view) === JSON.stringify(viewOf(moved));
  if (sameOrder && ours.join() === shape.join()) return moved.tensor;
  const same: Part = { op: 'reshape', inputs: [moved.tensor] };
  if (c.graph.tensors.has(c.node.name)) return c.before(same, moved, value.name, shape).tensor;
  c.emit(same, moved, shape);
  return c.node.name;
}
