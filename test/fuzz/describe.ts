/** A failure in as few words as it takes. */
import { Header, Operator, Tensor } from '../../src/format';
import { operators } from '../../src/operators';
import type { Random } from '../support/random';
import { caseOf, interpret, type Case } from './cases';
import { operatorRecords, recordWords, tensorRecords } from './draft';
import { compare, type Failure } from './harness';
import { seal } from './verdict';

/** What a word is: of the header, of a tensor, of an operator, or data. */
function nameOf(words: Int32Array<ArrayBuffer>, place: number): string {
  const draft = { words };
  if (place < Header.words) return `word ${place} of the header`;
  const tensors = tensorRecords(draft),
    tensor = tensors.findIndex((at) => place >= at && place < at + Tensor.words);
  if (tensor >= 0) return `word ${place - tensors[tensor]} of tensor ${tensor}`;
  const operator = operatorRecords(draft).find(
    ({ at }) => place >= at && place < at + recordWords(draft, at),
  );
  if (!operator) return `word ${place}`;
  const { at, index } = operator,
    kind = operators[words[at + Operator.code]]?.name ?? words[at + Operator.code];
  return `word ${place - at} of operator ${index}, ${kind}`;
}

/** The words in which a file differs from its base; those behind the base's end are not among them. */
const changes = ({ base, words }: Case): number[] =>
  Array.from(base.words.keys()).filter(
    (i) => i !== Header.checksum && i !== Header.fileBytes && i < words.length && words[i] !== base.words[i],
  );

/** The same failure with as many words as possible as they were. */
export function smallest(program: string, { failed, why }: Failure, random: Random): Failure {
  let best: Failure = { failed, why };
  for (const place of changes(failed)) {
    const words = best.failed.words.slice();
    words[place] = failed.base.words[place];
    seal(words);
    try {
      const c = { ...caseOf(failed.base, words, random), seed: failed.seed, image: failed.image };
      interpret(c);
      best = compare(program, [c]) ?? best;
    } catch {
      continue; // what is not even interpreted any more is another failure
    }
  }
  return best;
}

export function describe({ failed, why }: Failure): string {
  const { base, words } = failed,
    own = changes(failed).map((i) => `  ${nameOf(words, i)}: ${base.words[i]} -> ${words[i]}`),
    more = words.length - base.words.length;
  return [
    why,
    `base: ${base.title}, ${base.words.byteLength} bytes`,
    ...own.slice(0, 40),
    ...(own.length > 40 ? [`  and ${own.length - 40} words more`] : []),
    ...(more ? [`  ${more} words appended`] : []),
  ].join('\n');
}
