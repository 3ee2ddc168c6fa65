/**
 * Nodes that compute constants: from constants, or from shapes, which are fixed. Exporters write whole
 * chains of them around Reshape, Slice and Resize.
 */
import { elements } from '../../graph';
import { Refusal, need } from './context';
import { arithmetic } from './fold-arithmetic';
import { parts } from './fold-parts';
import { shapes } from './fold-shapes';
import type { Fold } from './folding';
import type { Constant, OnnxNode } from './read';

const folds: Record<string, Fold> = { ...arithmetic, ...parts, ...shapes };

/** Whether nodes of a type are computed here where all that they need is known. */
export const isFolded = (type: string): boolean =>
  Object.hasOwn(folds, type) || type === 'Shape' || type === 'Size';

/** The value of a Constant node. */
function constantOf(node: OnnxNode): Constant {
  const value = node.attributes.get('value') as Constant | undefined,
    int = node.attributes.get('value_int'),
    ints = node.attributes.get('value_ints'),
    float = node.attributes.get('value_float'),
    list = node.attributes.get('value_floats');
  if (value) return value;
  if (typeof int === 'number') return { shape: [], data: [int] };
  if (Array.isArray(ints)) return { shape: [ints.length], data: ints };
  if (typeof float === 'number') return { shape: [], data: Float32Array.of(float) };
  if (Array.isArray(list)) return { shape: [list.length], data: Float32Array.from(list) };
  throw new Refusal('its value is of a kind that is not supported');
}

/** The shape of a tensor, or the part of it that the node asks for. */
function shapeConstant(node: OnnxNode, shape: number[]): Constant {
  const at = (name: string): number | undefined => {
    const value = node.attributes.get(name);
    return typeof value === 'number' ? value : undefined;
  };
  const data = shape.slice(at('start') ?? 0, at('end'));
  return { shape: [data.length], data };
}

/**
 * The constant that a node computes, if it does.
 * @param shapeOf a value's shape, constant or not
 * @throws Refusal when it cannot be computed
 */
export function folded(
  node: OnnxNode,
  opset: number,
  constant: (name: string) => Constant | undefined,
  shapeOf: (name: string) => number[] | undefined,
): Constant | undefined {
  if (node.type === 'Constant') return constantOf(node);
  const shape = shapeOf(node.inputs[0]);
  if (node.type === 'Shape' && shape) return shapeConstant(node, shape);
  if (node.type === 'Size' && shape) return { shape: [], data: [elements(shape)] };
  if (!Object.hasOwn(folds, node.type) || !node.inputs.length) return undefined;
  if (!node.inputs.every((name) => !name || constant(name))) return undefined;
  const input = (i: number): Constant => {
    const found = node.inputs[i] ? constant(node.inputs[i]) : undefined;
    need(found, `its input ${i} is missing`);
    return found;
  };
  return folds[node.type]({
    node,
    opset,
    input,
    list(i, name) {
      const values = node.inputs[i] ? input(i).data : node.attributes.get(name);
      if (values === undefined) return undefined;
      need(
        (Array.isArray(values) || values instanceof Float32Array) &&
          Array.from(values).every(Number.isInteger),
        `its ${name} must be whole numbers`,
      );
      return Array.from(values);
    },
    attribute(name, otherwise) {
      const value = node.attributes.get(name) ?? otherwise;
      need(typeof value === 'number', `its attribute ${name} must be a number`);
      return value;
    },
  });
}
