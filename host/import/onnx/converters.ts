/** What becomes of each of ONNX's operators, and what to do instead of some that cannot run. */
import { operators } from '../../operators';
import { need, scalar, type OnnxConverter } from './context';
import { dequantizeLinear, quantizeLinear } from './quantized';

const same: OnnxConverter = (c) => c.alias(c.value(0));

/** Nothing is dropped when a model is used. */
const dropout: OnnxConverter = (c) => {
  need(!scalar(c, 2, 'training_mode', 0), 'it is in training mode: export the model in evaluation mode');
  same(c);
};

/** Nodes that compute nothing on the device, by ONNX's names. */
export const passedOver: Record<string, OnnxConverter> = {
  Cast: same,
  DequantizeLinear: dequantizeLinear,
  Dropout: dropout,
  Identity: same,
  QuantizeLinear: quantizeLinear,
};

const converters: Record<string, OnnxConverter> = Object.assign(
  {},
  passedOver,
  ...operators.map(({ onnx }) => onnx),
);

const wide =
  'it gives integers of 32 bits, of no scale: use quantize_static of ONNX Runtime, or give the float model and ' +
  'calibration images';
const recurrent = 'recurrent networks do not run';
const classic =
  'of scikit-learn, neural networks (MLPClassifier, MLPRegressor) and StandardScaler run: other parts run ' +
  'before or after the device';
const branches =
  'what it runs depends on values: export the model for one input size, without loops and branches';

/** What to do instead of operators people meet. */
const suggestions: Record<string, string> = {
  ArgMax: 'take it out of the model: the device finds the highest score itself',
  ConvInteger: wide,
  GRU: recurrent,
  If: branches,
  LSTM: recurrent,
  Loop: branches,
  MatMulInteger: wide,
  NonMaxSuppression: 'take it out of the model, and choose among the boxes in the app',
  RNN: recurrent,
  Scan: recurrent,
  TopK: 'take it out of the model: the device finds the highest scores itself',
  'com.microsoft.DynamicQuantizeLSTM': recurrent,
  'com.microsoft.MatMulIntegerToFloat': wide,
};

const own = <T>(table: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** What turns a node of a type into nodes of ours, if anything does. */
export const converterOf = (type: string): OnnxConverter | undefined => own(converters, type);

/** Why a node of a type that nothing converts cannot run, and what to do. */
export const suggestionFor = (type: string): string =>
  own(suggestions, type) ??
  (type.startsWith('ai.onnx.ml.') ? classic : undefined) ??
  'it is not supported: replace it in the model, or run that part before or after the device';
