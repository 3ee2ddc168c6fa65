/// <reference types="node" />
/** What a report shows, section by section. */
import sharp from 'sharp';
import { PixelFormat } from '../../src/image';
import { dropOf } from '../evaluate/error';
import type { Evaluation } from '../evaluate/evaluate';
import type { Description } from '../file/describe';
import { isLayer } from '../graph';
import type { Image } from '../images/decode';
import type { ImageSet } from '../images/set';
import type { Packed } from '../finish';
import { percent } from '../system/terminal';
import { bars, confusion, histogram, memoryPlan } from './charts';
import type { LayerComparison } from './compare';
import { gallery, htmlTable, picture, type Section } from './html';

/** Changed decisions that are shown, and layers that hurt. */
const SHOWN = 24,
  WORST = 5;

/** Below this many decibels a layer's noise is worth a look. */
const NOISY = 15;

const className = (labels: string[], i: number): string => labels[i] ?? String(i);

/** What happened, in a sentence. @param weights their widths, as in "int8" */
export function summary(result: Evaluation, about: Description, weights: string): string {
  const { images, correct } = result,
    sizes =
      `It takes ${about.fileBytes.toLocaleString('en')} bytes of flash and ` +
      `${about.ramBytes.toLocaleString('en')} bytes of RAM.`;
  const right = `${weights} is right on ${percent(correct, images)} of ${images.toLocaleString('en')} images`;
  if (!result.changed) return `${right}. ${sizes}`;
  const { points, error, won, lost } = dropOf(result);
  return (
    `${right}, ${result.reference} on ${percent(result.floatCorrect!, images)}: ` +
    `${result.reference === 'float' ? 'quantization' : 'the device'} costs ${points.toFixed(2)} points ` +
    `(standard error ${error.toFixed(2)}), for ${lost} decisions were lost and ${won} won. ${sizes}`
  );
}

/** Accuracy and sizes. */
export function accuracySection(
  result: Evaluation,
  about: Description,
  images: string,
  weights: string,
): Section {
  const accuracy: [string, string][] = [];
  if (result.floatCorrect !== undefined)
    accuracy.push([result.reference!, percent(result.floatCorrect, result.images)]);
  accuracy.push([`${weights}, on the device`, percent(result.correct, result.images)]);
  if (result.agree !== undefined) accuracy.push(['both decide alike', percent(result.agree, result.images)]);
  const sizes: [string, number][] = [
    ['flash', about.fileBytes],
    ['RAM, for all that XS holds', about.ramBytes],
    ['of that, arena', about.arenaBytes],
  ];
  return {
    title: 'Accuracy',
    note: `${result.images.toLocaleString('en')} images of ${images}`,
    body: htmlTable(['', 'accuracy'], accuracy) + htmlTable(['', 'bytes'], sizes),
  };
}

/** Which classes are taken for which. */
export const confusionSection = (labels: string[], result: Evaluation): Section => ({
  title: 'Confusion',
  note:
    'True classes are rows, decisions columns. Right ones are green; ' +
    'the darker a mistake, the more frequent.',
  body: confusion(labels, result.confusion),
});

async function png({ pixels, width, height, format }: Image): Promise<Buffer> {
  const channels = format === PixelFormat.gray ? 1 : 3;
  return sharp(Buffer.from(pixels), { raw: { width, height, channels } }).png().toBuffer();
}

/** Images on which the source model and int8 decide differently. */
export async function changedSection(
  { changed = [], reference }: Evaluation,
  labels: string[],
  images: ImageSet,
): Promise<Section> {
  const shown = changed.slice(0, SHOWN).map(async ({ index, truth, float, int8 }) => {
    const name = className(labels, truth),
      caption = `${name}: ${reference} ${className(labels, float!)}, int8 ${className(labels, int8)}`;
    const mark = int8 === truth ? ('won' as const) : float === truth ? ('lost' as const) : undefined;
    return { picture: picture(await png(await images.image(index)), name), caption, mark };
  });
  const some = changed.length > SHOWN ? `; the first ${SHOWN}` : '';
  return {
    title: 'Decisions that changed',
    note:
      `On ${changed.length.toLocaleString('en')} images ${reference} and int8 decide differently${some}. ` +
      `Won: int8 is right; lost: ${reference} was; else both are wrong.`,
    body: gallery(await Promise.all(shown)),
  };
}

/** Noise behind each layer, which layers it grows in, and what values they give. */
export function layerSections(layers: LayerComparison[]): Section[] {
  const color = (i: number): string => (layers[i].sqnr < NOISY ? '#d9480f' : '#2b6cb0'),
    noise = { name: 'SQNR', values: layers.map((l) => l.sqnr), color };
  // A fall against the layer before tells which layer hurts.
  const falls = layers.map((l, i) => ({ ...l, fall: i ? layers[i - 1].sqnr - l.sqnr : 0 })),
    worst = falls.sort((a, b) => b.fall - a.fall).slice(0, WORST);
  return [
    {
      title: 'Signal to quantization noise',
      note: `In decibels, behind each layer: the more the better; 6 dB are one bit. Red: below ${NOISY} dB.`,
      body: bars(
        layers.map((l) => l.name),
        [noise],
        'dB',
      ),
    },
    {
      title: 'Layers that hurt',
      note: 'Where the noise grows most, from one layer to the next.',
      body: htmlTable(
        ['layer', 'operator', 'dB before', 'dB behind', 'lost'],
        worst.map((l) => [l.name, l.op, l.sqnr + l.fall, l.sqnr, l.fall]),
      ),
    },
    {
      title: 'Ranges',
      note:
        'What values each layer gives in float (counts on a logarithmic scale), ' +
        'and between the dashed lines what int8 holds.',
      body: gallery(layers.map((l) => ({ picture: histogram(l), caption: l.name }))),
    },
  ];
}

/** Where memory goes. */
export const memorySection = (about: Description): Section => ({
  title: 'Memory plan',
  note:
    'Each box is a tensor in the arena: from left to right the operators during which it lives, ' +
    'from bottom to top its addresses.',
  body:
    memoryPlan(about) +
    htmlTable(
      ['', 'tensor', 'address', 'bytes', 'operators'],
      about.tensors.map((t, i) => [
        i,
        t.name,
        t.address,
        t.bytes,
        `${Math.max(0, t.firstUse)} to ${t.lastUse}`,
      ]),
    ),
});

/** Where flash and work go. */
export function sizeSections({ lowered, parameterBytes }: Packed): Section[] {
  const stored = lowered.nodes
      .map(({ node }, i) => ({ name: node.name, bytes: parameterBytes[i] }))
      .filter(({ bytes }) => bytes),
    weighted = lowered.nodes.filter(({ node }) => isLayer(node));
  return [
    {
      title: 'Flash',
      note: 'Bytes of parameters.',
      body: bars(
        stored.map(({ name }) => name),
        [{ name: 'bytes', values: stored.map(({ bytes }) => bytes) }],
        'bytes',
      ),
    },
    {
      title: 'Multiply-adds',
      body: bars(
        weighted.map(({ node }) => node.name),
        [{ name: 'multiply-adds', values: weighted.map(({ work }) => work) }],
        'multiply-adds',
      ),
    },
  ];
}

/** What the bench measured. */
export interface Instructions {
  names: string[];
  /** In millions. */
  values: number[];
  about: string;
}

/** Instructions of each operator, from the bench. */
export const instructionsSection = ({ names, values, about }: Instructions): Section => ({
  title: 'Instructions',
  note: `Millions of RV32 instructions on the emulated core, ${about}. They are not cycles on a board.`,
  body: bars(names, [{ name: 'instructions', values }], 'million instructions'),
});
