/** What flint pack tells of a packed model, as data and as text. */
import { decibels, type Agreement } from '../check/agreement';
import type { Check } from '../check/check';
import type { Evaluation } from '../evaluate/evaluate';
import { answerOf, answerWords } from '../evaluate/answer';
import { elements, isLayer } from '../graph';
import { coverageOf, coverageProblem, coverageWords } from '../images/coverage';
import type { Packed } from '../finish';
import { takesImage } from '../open';
import type { Recipe } from '../recipe/read';
import { schemeWords } from '../recipe/scheme';
import { bytes, keyLine, percent, table } from '../system/terminal';

/** Accuracy of a file, and of the float model on the same images. */
export type Accuracy = Omit<Evaluation, 'changed' | 'confusion'>;

/** One operator as it is printed. */
const layersOf = ({ lowered, parameterBytes }: Packed) =>
  lowered.nodes.map(({ node, operator, work, scratchBytes = 0 }, i) => {
    const { shape } = lowered.graph.tensors.get(node.output)!;
    return {
      operator,
      name: node.name,
      output: shape.slice(1),
      parameters: isLayer(node) ? node.parameters.weights.length + node.parameters.bias.length : 0,
      macs: isLayer(node) ? work : 0,
      flashBytes: parameterBytes[i],
      activationBytes: elements(shape),
      scratchBytes,
    };
  });

const agreementData = (agreement: Agreement) => {
  const { images, decisions, alike, distinct } = agreement;
  return { images, decisions, alike, decibels: decibels(agreement), distinct };
};

const checkData = ({ agreement, aside, bad, fault, recovery }: Check) => ({
  ...agreementData(agreement),
  setAside: aside,
  bad,
  fault,
  recovered: recovery && {
    remedy: recovery.remedy,
    before: agreementData(recovery.before),
    after: agreementData(recovery.after),
    fault: recovery.fault,
  },
});

/** All that flint pack tells. @param assumed options of the image that nobody gave */
export function packDocument(recipe: Recipe, packed: Packed, assumed: string[], samples: number) {
  const { image } = packed,
    { graph } = packed.lowered,
    input = graph.tensors.get(graph.inputs[0])!,
    output = graph.tensors.get(graph.outputs[0])!,
    answer = answerOf(output.shape, output.quantization!);
  return {
    name: recipe.name,
    source: recipe.source,
    output: recipe.output,
    rounding: packed.lowered.single ? ('single' as const) : ('double' as const),
    weights: schemeWords(packed.check?.scheme ?? recipe.quantization),
    layers: layersOf(packed),
    arenaBytes: packed.arena.arenaBytes,
    arenaLowerBound: packed.arena.lowerBound,
    ramBytes: packed.ramBytes,
    interpretedRamBytes: packed.interpretedRamBytes,
    flashBytes: packed.file.length,
    inputs: graph.inputs.map((name) => {
      const { shape, quantization } = graph.tensors.get(name)!;
      return { name, shape, ...quantization! };
    }),
    takesImage: takesImage(graph),
    image: image && {
      ...image,
      /** Whether the model's own normalization is in it. */
      normalizes: image !== recipe.input,
      assumed,
      coverage: coverageOf(image, input.quantization!),
    },
    /** What is wrong with that. */
    imageProblem: image && coverageProblem(coverageOf(image, input.quantization!), input.quantization!),
    answer,
    calibration: packed.calibration,
    agreement: packed.check && checkData(packed.check),
    samples,
    /** The manifest beside the file; none where that is a device or a pipe. */
    manifest: undefined as string | undefined,
    accuracy: undefined as Accuracy | undefined,
    warnings: [] as string[],
  };
}
export type PackDocument = ReturnType<typeof packDocument>;

function layerTable(layers: PackDocument['layers']): string {
  const rows = layers.map((layer, i) => {
    const { operator, name, parameters, macs, flashBytes, activationBytes, scratchBytes } = layer,
      output = layer.output.join(' x ') || '1';
    return [i, operator, name, output, parameters, macs, flashBytes, activationBytes, scratchBytes];
  });
  const sum = (column: number): number => rows.reduce((total, row) => total + (row[column] as number), 0);
  rows.push(['', 'total', '', '', sum(4), sum(5), sum(6), '', '']);
  return table(
    ['', 'operator', 'name', 'output', 'parameters', 'MACs', 'flash bytes', 'activation', 'scratch'],
    rows,
    ['scratch', 'activation', 'parameters'],
  );
}

/** What a model takes at a time, in several. */
const unitOf = ({ image }: PackDocument): string => (image ? 'images' : 'samples');

function agreementWords(agreement: ReturnType<typeof agreementData>, unit: string): string {
  const { decisions, alike, images, distinct } = agreement,
    share = decisions ? `${percent(alike, decisions)} of decisions, ` : '';
  return (
    `${share}${agreement.decibels.toFixed(1)} dB, ${distinct.int8} distinct outputs ` +
    `(float ${distinct.float}) on ${images} ${unit}`
  );
}

type Told = NonNullable<PackDocument['agreement']>;

/** Where things go wrong, and why. */
const faultWords = (fault: Told['fault']): string =>
  fault
    ? `${fault.operator} ${fault.name} (${fault.before.toFixed(0)} dB before it, ${fault.behind.toFixed(0)} ` +
      `behind): ${fault.cause}`
    : 'no single layer';

/** Where int8 does not stand for float. */
export function agreementWarning(told: Told): string {
  const still = told.recovered ? ', though what helps was done' : '';
  return (
    `int8 does not stand for the float model${still}. First at fault: ${faultWords(told.fault)}. ` +
    'flint report shows all layers'
  );
}

function agreementLines(told: Told, unit: string): string[] {
  const where = told.setAside ? 'set aside from calibration' : 'of calibration itself',
    lines = [keyLine('agreement', `${agreementWords(told, unit)} ${where}`)],
    { recovered, fault } = told;
  if (recovered) {
    const gain =
      `with ${recovered.remedy}: on ${unit} set aside, ${agreementWords(recovered.after, unit)}; ` +
      `without it ${agreementWords(recovered.before, unit)}`;
    lines.push(keyLine('recovered', gain));
    lines.push(keyLine('', `without it, first at fault: ${faultWords(recovered.fault)}`));
  }
  if (fault && !told.bad) lines.push(keyLine('noisy', `first at fault: ${faultWords(fault)}`));
  return lines;
}

function imageLines({ image, inputs, takesImage }: PackDocument): string[] {
  if (!image) {
    const shapes = inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' and '),
      none = `none: the model takes raw int8 tensors, ${shapes}`,
      advice = takesImage ? '; --input-size, --mean and --std would tell how it sees images' : '';
    return [keyLine('image', none + advice)];
  }
  const { width, height, color, mean, std, resize, fit, normalizes, assumed } = image,
    text = `${width} x ${height} ${color}, (pixel - ${mean.join('/')}) / ${std.join('/')}, ${fit}, ${resize}`,
    lines = [keyLine('image', text), keyLine('', coverageWords(image.coverage))];
  if (normalizes)
    lines.push(keyLine('', "with the model's own normalization in it, which the model no longer does"));
  if (assumed.length) lines.push(keyLine('', `assumed, for nobody said so: ${assumed.join(', ')}`));
  return lines;
}

/** Accuracy, and what the classes are where the model does not say. */
function accuracyWords({ accuracy, weights }: PackDocument): string {
  const { images, correct, reference, floatCorrect, agree, order } = accuracy!;
  const against =
    floatCorrect === undefined
      ? ''
      : `, ${reference} ${percent(floatCorrect, images)}; they agree on ${percent(agree!, images)}`;
  const classes = order ? `; classes in the order of the folders: ${order.join(', ')}` : '';
  return `${weights} ${percent(correct, images)}${against} (${images} images${classes})`;
}

/** All of it for people; what is wrong is told apart. */
export function packText(about: PackDocument): string {
  const { arenaBytes, arenaLowerBound, calibration, rounding } = about,
    over = (100 * (arenaBytes / arenaLowerBound - 1)).toFixed(1),
    bound = `no plan needs less than ${bytes(arenaLowerBound)} (${over} % above)`;
  const lines = [
    layerTable(about.layers),
    '',
    keyLine('arena', `${bytes(arenaBytes)} of RAM; ${bound}`),
    keyLine('RAM', `${bytes(about.ramBytes)} for all that XS holds on a 32-bit device, the arena included`),
    keyLine('', `(${bytes(about.interpretedRamBytes)} where kernels are interpreted)`),
    keyLine('flash', bytes(about.flashBytes)),
    keyLine('rounding', ROUNDING[rounding]),
    ...imageLines(about),
    keyLine('answer', answerWords(about.answer)),
  ];
  if (calibration) {
    const { images, sampledFrom } = calibration,
      sample = sampledFrom ? `, a random sample of ${sampledFrom.toLocaleString('en')}` : '';
    lines.push(keyLine('calibration', `${images} ${unitOf(about)}${sample}`));
  }
  if (about.agreement) lines.push(...agreementLines(about.agreement, unitOf(about)));
  if (about.samples) lines.push(keyLine('samples', `${about.samples} images beside it, for the device`));
  if (about.accuracy) lines.push(keyLine('accuracy', accuracyWords(about)));
  lines.push(keyLine('written to', about.output));
  if (about.manifest)
    lines.push(
      keyLine('', `${about.manifest}, which an app's manifest includes: the model and its heap sizes`),
    );
  return lines.join('\n');
}

/** Whose arithmetic it is: what outputs can be compared with. */
export const ROUNDING = {
  double:
    'double, as TensorFlow Lite Micro; TFLite with XNNPACK and ONNX Runtime round once: --rounding single',
  single:
    'single, as TFLite with XNNPACK and ONNX Runtime; TensorFlow Lite Micro rounds twice: --rounding double',
};
