/** What flint pack tells of a packed model, as data and as text. */
import { decibels, type Agreement } from '../check/agreement';
import type { Check } from '../check/check';
import type { Evaluation } from '../evaluate/evaluate';
import { answerOf, answerWords } from '../evaluate/answer';
import { elements, isLayer } from '../graph';
import { coverageOf, coverageProblem, coverageWords } from '../images/coverage';
import type { Packed } from '../pack';
import type { Recipe } from '../recipe/read';
import { schemeWords } from '../recipe/scheme';
import { bytes, keyLine, percent, table } from '../system/terminal';

/** Accuracy of a file, and of the float model on the same images. */
export type Accuracy = Pick<Evaluation, 'images' | 'correct' | 'floatCorrect' | 'agree'>;

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
  },
});

/** All that flint pack tells. @param assumed options of the image that nobody gave */
export function packDocument(recipe: Recipe, packed: Packed, assumed: string[], samples: number) {
  const { graph } = packed.lowered,
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
    image: recipe.input && {
      ...recipe.input,
      assumed,
      coverage: coverageOf(recipe.input, input.quantization!),
    },
    /** What is wrong with that. */
    imageProblem:
      recipe.input && coverageProblem(coverageOf(recipe.input, input.quantization!), input.quantization!),
    answer,
    calibration: packed.calibration,
    agreement: packed.check && checkData(packed.check),
    samples,
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

function agreementWords(agreement: ReturnType<typeof agreementData>): string {
  const { decisions, alike, images, distinct } = agreement,
    share = decisions ? `${percent(alike, decisions)} of decisions, ` : '';
  return (
    `${share}${agreement.decibels.toFixed(1)} dB, ${distinct.int8} distinct outputs ` +
    `(float ${distinct.float}) on ${images} images`
  );
}

type Told = NonNullable<PackDocument['agreement']>;

/** Where things go wrong, and why. */
const faultWords = ({ fault }: Told): string =>
  fault
    ? `${fault.operator} ${fault.name} (${fault.before.toFixed(0)} dB before it, ${fault.behind.toFixed(0)} ` +
      `behind): ${fault.cause}`
    : 'no single layer';

/** Where int8 does not stand for float. */
export function agreementWarning(told: Told): string {
  const still = told.recovered ? ', though what helps was done' : '';
  return (
    `int8 does not stand for the float model${still}. First at fault: ${faultWords(told)}. ` +
    'flint report shows all layers'
  );
}

function agreementLines(told: Told): string[] {
  const where = told.setAside ? 'set aside from calibration' : 'of calibration itself',
    lines = [keyLine('agreement', `${agreementWords(told)} ${where}`)],
    { recovered } = told;
  if (!recovered) return lines;
  const gain =
    `with ${recovered.remedy}: on images set aside, ${agreementWords(recovered.after)}; ` +
    `without it ${agreementWords(recovered.before)}`;
  lines.push(keyLine('recovered', gain));
  if (!told.bad) lines.push(keyLine('', `without it: ${faultWords(told)}`));
  return lines;
}

function imageLines(image: PackDocument['image']): string[] {
  if (!image)
    return [
      keyLine(
        'image',
        'none: the model takes raw int8 tensors; --input-size, --mean and --std would tell how it sees images',
      ),
    ];
  const { width, height, color, mean, std, resize, fit, assumed } = image,
    text = `${width} x ${height} ${color}, (pixel - ${mean.join('/')}) / ${std.join('/')}, ${fit}, ${resize}`,
    lines = [keyLine('image', text), keyLine('', coverageWords(image.coverage))];
  if (assumed.length) lines.push(keyLine('', `assumed, for nobody said so: ${assumed.join(', ')}`));
  return lines;
}

/** Accuracy in one line. */
function accuracyWords({ accuracy, weights }: PackDocument): string {
  const { images, correct, floatCorrect, agree } = accuracy!;
  const against =
    floatCorrect === undefined
      ? ''
      : `, float ${percent(floatCorrect, images)}; they agree on ${percent(agree!, images)}`;
  return `${weights} ${percent(correct, images)}${against} (${images} images)`;
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
    ...imageLines(about.image),
    keyLine('answer', answerWords(about.answer)),
  ];
  if (calibration) {
    const { images, sampledFrom } = calibration,
      sample = sampledFrom ? `, a random sample of ${sampledFrom.toLocaleString('en')}` : '';
    lines.push(keyLine('calibration', `${images} images${sample}`));
  }
  if (about.agreement) lines.push(...agreementLines(about.agreement));
  if (about.samples) lines.push(keyLine('samples', `${about.samples} images beside it, for the device`));
  if (about.accuracy) lines.push(keyLine('accuracy', accuracyWords(about)));
  return [...lines, keyLine('written to', about.output)].join('\n');
}

/** Whose arithmetic it is: what outputs can be compared with. */
export const ROUNDING = {
  double:
    'double, as TensorFlow Lite Micro; TFLite with XNNPACK and ONNX Runtime round once: --rounding single',
  single:
    'single, as TFLite with XNNPACK and ONNX Runtime; TensorFlow Lite Micro rounds twice: --rounding double',
};
