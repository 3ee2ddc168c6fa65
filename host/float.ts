/** The float model as it was trained, for its accuracy: run by ONNX Runtime, one input at a time. */
import { FlintError } from '../src/error';
import { floatSession, runSession } from './calibrate';
import { nhwc } from './onnx/import';
import { readOnnx } from './onnx/read';

/** ONNX's [1, c, h, w] in the device's order; all else stays. */
function fromPlanes(values: Float32Array, dims: readonly number[]): Float32Array {
  if (dims.length !== 4) return values;
  const [, channels, height, width] = dims, pixels = height * width;
  return values.map((_, i) => values[(i % channels) * pixels + Math.floor(i / channels)]);
}

/**
 * @returns a function from one input to the first output, both in the device's order (NHWC)
 * @throws FlintError when the file is damaged or ONNX Runtime cannot run it
 */
export async function floatModel(onnx: Uint8Array): Promise<(input: Float32Array) => Promise<Float32Array>> {
  const { inputs } = readOnnx(onnx);
  if (inputs.length !== 1) throw new FlintError(`a model with one input is needed, this has ${inputs.length}`);
  const shape = nhwc(inputs[0].shape.map((d, i) => (i === 0 ? 1 : d))), session = await floatSession(onnx), [output] = session.outputNames;
  return async (input) => {
    const { data, dims } = (await runSession(session, input, shape))[output];
    return fromPlanes(data as Float32Array, dims);
  };
}
