/** Why a model cannot run: in a sentence where it is of another kind, else operator by operator. */
import { FlintError } from '../../../src/error';
import { SHAPES } from './names';
import type { TfModel, TfOperator } from './read';

/** Operators that only other hardware has: a compiler put whole networks into them. */
const COMPILED: Record<string, string> = {
  'custom ethos-u': 'Vela compiled it for an Arm Ethos-U: take the .tflite file that Vela was given',
  'custom edgetpu-custom-op':
    'it is compiled for the Edge TPU: take the .tflite file that edgetpu_compiler was given (its name has no _edgetpu)',
};

const CONVERT =
  'convert it with full integer quantization (a representative_dataset, supported_ops = ' +
  '[tf.lite.OpsSet.TFLITE_BUILTINS_INT8])';

/** What is said of models whose operators all give such numbers. */
const TYPES: Record<string, string> = {
  float32: `it calculates in float; only int8 runs on the device: ${CONVERT}, or pack its ONNX export with calibration images`,
  float16: `it calculates in float16; only int8 runs on the device: ${CONVERT}`,
  int16: `its activations are int16 (16x8); only int8 runs on the device: ${CONVERT}`,
  uint8:
    'it calculates in uint8, with asymmetric weights as TensorFlow 1 made them; only int8 runs on the device: ' +
    'convert the model again with TensorFlow 2',
};

/** Operators that calculate nothing, or stand where numbers of one type become another's. */
const AROUND = [
  ...SHAPES,
  'TRANSPOSE',
  'QUANTIZE',
  'DEQUANTIZE',
  'CAST',
  'SHAPE',
  'PACK',
  'CONCATENATION',
  'STRIDED_SLICE',
];

/** How the weights of a float model are stored. */
const STORED: Record<string, string> = {
  int8: ', though its weights are int8 (dynamic range quantization)',
  float16: ', though its weights are float16',
};

/**
 * Refuses a model that cannot run whatever its operators are.
 * @param given the operators as the file has them
 * @throws FlintError
 */
export function refuseKinds(
  { operators }: TfModel,
  given: TfOperator[],
  nameOf: (op: TfOperator) => string,
): void {
  for (const op of operators) {
    const compiled = Object.hasOwn(COMPILED, nameOf(op)) && COMPILED[nameOf(op)];
    if (compiled) throw new FlintError(compiled);
  }
  const types = operators
      .filter((op) => !AROUND.includes(nameOf(op)) && !op.custom)
      .flatMap((op) => op.outputs.map((t) => t.type))
      .filter((name) => name === 'int8' || Object.hasOwn(TYPES, name)),
    [type] = types;
  if (!type || type === 'int8' || types.some((t) => t !== type)) return;
  const weights = given.flatMap((op) => op.inputs.filter((t) => t && t.data.length > 64)),
    narrow = Object.keys(STORED).find((name) => weights.some((t) => t?.type === name));
  throw new FlintError(
    TYPES[type].replace(';', `${(type === 'float32' && narrow && STORED[narrow]) || ''};`),
  );
}

/** What to do about operators that models often have. */
const ADVICE: Record<string, string> = {
  ARG_MAX: 'the device gives the scores that it chooses from: convert the model without it',
  UNIDIRECTIONAL_SEQUENCE_LSTM:
    'recurrent layers run spelled out: convert the model with unroll=True in them',
  WHILE: 'recurrent layers run spelled out: convert the model with unroll=True in them',
  'custom TFLite_Detection_PostProcess':
    'decode boxes in the app: convert the model without it, so that boxes and scores are its outputs',
};

/** @param title an operator's name that no kernel has */
export function unsupported(title: string): string {
  const flex =
      title.startsWith('custom Flex') && "it is TensorFlow's own: convert the model without SELECT_TF_OPS",
    advice = flex || (Object.hasOwn(ADVICE, title) && ADVICE[title]);
  return `it is not supported: ${advice || 'replace it in the model, or run it before or after the device'}`;
}

/** Operators of a refusal that are told one by one. */
const MOST_LINES = 12;

/** @param lines an operator each, and what is wrong with it */
export function refusal(lines: string[], operators: number): FlintError {
  const more = lines.length - MOST_LINES,
    told = more > 1 ? [...lines.slice(0, MOST_LINES), `  and ${more} more`] : lines;
  return new FlintError(`${lines.length} of ${operators} operators cannot be run:\n${told.join('\n')}`);
}
