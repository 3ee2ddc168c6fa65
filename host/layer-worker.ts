/// <reference types="node" />
/** A thread that rounds and prunes layers; see quantize/threads.ts. */
import { parentPort } from 'node:worker_threads';
import { cutChannels } from './quantize/channels';
import { corrected, costsOf } from './quantize/prune';
import { refitted } from './quantize/refit';
import { momentsOver, targetOver } from './quantize/statistics';
import { quantizeWeights } from './quantize/weights';

const work = { round: quantizeWeights, costs: costsOf, correct: corrected, channels: cutChannels, refit: refitted, moments: momentsOver, target: targetOver };
export type LayerWork = typeof work;

parentPort!.on('message', ([kind, args]: [keyof LayerWork, never[]]) => parentPort!.postMessage((work[kind] as (...args: never[]) => unknown)(...args)));
