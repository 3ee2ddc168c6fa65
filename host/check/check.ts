/** A packed float model beside the float model: do they agree, and if not, what helps? */
import type { FloatGraph, Quantization } from '../graph';
import { evenly } from '../images/choose';
import type { PackedGraph } from '../file/pack-graph';
import { asInput, partsOf, type Sample } from '../quantize/samples';
import type { Recipe } from '../recipe/read';
import type { Scheme } from '../recipe/scheme';
import { agreementOf, isBad, isPoor, type Agreement } from './agreement';
import { faultOf, type Fault } from './fault';
import { isChosen, recover, splits, type Recovery } from './recover';

/** What a pack found out about itself. */
export interface Check {
  agreement: Agreement;
  /** Whether that is of images that gave no ranges. */
  aside: boolean;
  /** Whether int8 does not stand for the float model. */
  bad: boolean;
  /** The first layer at fault, where it does so poorly or not at all. */
  fault?: Fault;
  /** What was done about it, and the layer that was at fault without that. */
  recovery?: Recovery & { fault?: Fault };
  /** The scheme of the file. */
  scheme: Scheme;
}

/** The float model, as pack has opened it. */
interface Source {
  onnx: Uint8Array;
  graph: FloatGraph;
  /** Of the inputs. */
  fixed: Map<string, Quantization>;
}

/** Images that are compared, fewer where the model is so large that they would take seconds. */
const IMAGES = 32,
  FEWEST = 8,
  WORK = 1e8;

/** Images on which single layers are compared. */
const FOR_LAYERS = 8;

/**
 * Compares a packed model with its float model. Where they do not agree, and the recipe leaves it to us, what
 * may help is tried: with ranges from some images, judged on others.
 * @param make packs with another scheme, with ranges from some of the inputs
 */
export async function checked<P extends PackedGraph>(
  source: Source,
  packed: P,
  images: { inputs: Sample[]; aside: Sample<Int8Array>[] },
  { quantization, recover: wanted }: Recipe,
  make: (scheme: Scheme, inputs?: Sample[]) => Promise<P>,
): Promise<P & { check: Check }> {
  const { onnx, graph, fixed } = source,
    work = packed.lowered.nodes.reduce((sum, node) => sum + node.work, 0),
    count = Math.max(FEWEST, Math.min(IMAGES, Math.floor(WORK / (work || 1)))),
    int8Of = (values: Sample): Sample<Int8Array> =>
      partsOf(values).map((part, i) => asInput(part, fixed.get(graph.inputs[i])!)),
    aside = evenly(images.aside, count);
  const seen = aside.length ? aside : evenly(images.inputs, count).map(int8Of);
  const compare = (one: PackedGraph, inputs: Sample<Int8Array>[]): Promise<Agreement> =>
    agreementOf(onnx, graph, one.lowered.graph, one.file, inputs);
  const described = async (one: P, scheme: Scheme, agreement: Agreement): Promise<Check> => {
    const bad = isBad(agreement),
      few = evenly(seen, FOR_LAYERS);
    return {
      agreement,
      aside: aside.length > 0,
      bad,
      fault: isPoor(agreement) ? await faultOf(onnx, graph, one, few, scheme) : undefined,
      scheme,
    };
  };

  const first = await described(packed, quantization, await compare(packed, seen));
  if (!isPoor(first.agreement) || wanted === 'none' || isChosen(quantization))
    return { ...packed, check: first };
  const parts = splits<{ values: Sample } | { int8: Sample<Int8Array> }>(
    images.inputs.map((values) => ({ values })),
    aside.map((int8) => ({ int8 })),
  );
  const recovery = await recover(quantization, parts, async (scheme, train, test) => {
    const values = train.flatMap((image) => ('values' in image ? [image.values] : []));
    return compare(
      await make(scheme, values),
      evenly(test, count).map((image) => ('int8' in image ? image.int8 : int8Of(image.values))),
    );
  });
  if (!recovery) return { ...packed, check: first };
  const again = await make(recovery.scheme);
  const second = await described(again, recovery.scheme, await compare(again, seen));
  return { ...again, check: { ...second, recovery: { ...recovery, fault: first.fault } } };
}
