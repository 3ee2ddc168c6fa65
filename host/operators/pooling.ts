/** What both poolings have in common. */
import { Pool2d } from '../../src/operators/pool2d';
import {
  elements,
  type Activation,
  type IntParameters,
  type NodeOf,
  type TensorInfo,
  type Window,
} from '../graph';
import { need, number, type OnnxContext, type OnnxConverter, type Value } from '../import/onnx/context';
import { layoutOf } from '../import/onnx/layout';
import { emitImage, image } from '../import/onnx/order';
import { activation, operand, result, type TfConverter } from '../import/tflite/context';
import { clamp } from './clamp';
import type { HostOperator, Lowered, Lowering } from './operator';
import { ONE_PIXEL, onnxWindow, padding, pair, tfWindow, wholeImage, windowWords } from './window';

export type Pooling = 'maxPool2d' | 'averagePool2d';

/** What a node of either pooling has. */
export interface PoolNode {
  window: Window;
  activation: Activation;
}

const poolTf =
  (op: Pooling): TfConverter =>
  (tf, c) => {
    const x = operand(tf, 0),
      o = tf.options;
    const kernel: [number, number] = [o?.int32(4) ?? 1, o?.int32(3) ?? 1],
      stride: [number, number] = [o?.int32(2) ?? 1, o?.int32(1) ?? 1];
    const window = tfWindow(x, kernel, stride, [1, 1], o?.int8(0) ?? 0);
    c.emit({
      op,
      inputs: [c.name(x)],
      output: c.name(result(tf)),
      window,
      activation: activation(o?.int8(5) ?? 0),
    });
  };

/** Zeros around an image. */
function paddedImage(c: OnnxContext, x: Value, [top, left, bottom, right]: Window['pads']): Value {
  const [, channels, height, width] = x.shape,
    shape = [1, channels, height + top + bottom, width + left + right];
  const pad = { before: [0, top, left, 0], after: [0, bottom, right, 0], value: 0 };
  return c.before({ op: 'pad', inputs: [x.tensor], ...pad }, layoutOf(shape), x.name);
}

/**
 * The image with the values that each dilated window sees beside each other. Where one would see padding it
 * sees once more what it sees anyway, which changes no maximum.
 */
function beside(c: OnnxContext, x: Value, window: Window, size: [number, number]): Value {
  const sources = (axis: 0 | 1): number[] =>
    Array.from({ length: size[axis] }, (_, o) => {
      const seen = Array.from(
          { length: window.kernel[axis] },
          (_, k) => o * window.stride[axis] + k * window.dilation[axis] - window.pads[axis],
        ),
        inside = seen.filter((i) => i >= 0 && i < x.shape[2 + axis]);
      need(inside.length, 'one of its windows sees nothing but padding');
      return seen.map((i) => (inside.includes(i) ? i : inside[0]));
    }).flat();
  const rows = sources(0),
    columns = sources(1),
    shape = [1, x.shape[1], rows.length, columns.length];
  need(rows.length <= 32767 && columns.length <= 32767, `its windows see [${shape}] values of [${x.shape}]`);
  return c.before({ op: 'resizeNearest', inputs: [x.tensor], rows, columns }, layoutOf(shape), x.name);
}

/** Windows beside each other. */
const apart = (kernel: Window['kernel']): Window => ({ ...ONE_PIXEL, kernel, stride: kernel });

const poolOnnx =
  (op: Pooling) =>
  (c: OnnxContext): void => {
    let x = image(c);
    const kernel = pair(c, 'kernel_shape', []),
      given = padding(c);
    const narrow = given.every((p, i) => p < kernel[i % 2]);
    need(narrow, `its padding [${given}] is as wide as its window [${kernel}]`);
    const { window, size } = onnxWindow(c, x.shape, kernel);
    need(c.node.outputs.filter(Boolean).length === 1, 'its indices are used');
    if (op === 'averagePool2d' && number(c, 'count_include_pad', 0) && window.pads.some((p) => p > 0)) {
      need(!number(c, 'ceil_mode', 0), 'it counts padding and rounds its size up');
      x = paddedImage(c, x, window.pads);
      window.pads = [0, 0, 0, 0];
    }
    const dilated = window.dilation.some((d) => d > 1);
    need(
      !dilated || op === 'maxPool2d' || window.pads.every((p) => !p),
      'it is dilated and leaves padding out',
    );
    const { tensor } = dilated ? beside(c, x, window, size) : x;
    emitImage(
      c,
      { op, inputs: [tensor], window: dilated ? apart(window.kernel) : window, activation: 'none' },
      [1, x.shape[1], ...size],
    );
  };

const globalOnnx =
  (op: Pooling) =>
  (c: OnnxContext): void => {
    const x = image(c),
      [, channels, height, width] = x.shape;
    need(height <= 32767 && width <= 32767, 'its window has impossible sizes');
    const window = wholeImage(height, width);
    emitImage(c, { op, inputs: [x.tensor], window, activation: 'none' }, [1, channels, 1, 1]);
  };

/** A pooling as an operator; `more` holds what it alone takes from either format. */
export function pooling<K extends Pooling>(
  kind: K,
  name: string,
  more: Record<string, TfConverter> = {},
  moreOnnx: Record<string, OnnxConverter> = {},
): HostOperator<K> {
  type Pool = NodeOf<Pooling, IntParameters>;
  return {
    kind,
    device: [kind],
    onnx: { [`${name}Pool`]: poolOnnx(kind), [`Global${name}Pool`]: globalOnnx(kind), ...moreOnnx },
    tflite: { [`${name.toUpperCase()}_POOL_2D`]: poolTf(kind), ...more },
    scale: () => 'input',
    work(node: Pool, tensors: Map<string, TensorInfo>) {
      const [kernelY, kernelX] = node.window.kernel;
      return elements(tensors.get(node.output)!.shape) * kernelY * kernelX;
    },
    lower(node: Pool, { tensor }: Lowering): Lowered {
      const [minimum, maximum] = clamp(node.activation, tensor(node.output).quantization);
      return {
        operator: kind,
        fields: [
          [Pool2d.window, windowWords(node.window)],
          [Pool2d.minimum, minimum],
          [Pool2d.maximum, maximum],
        ],
      };
    },
  };
}
