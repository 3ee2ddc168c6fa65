/** A model's output, averaged over frames, so that one bad frame does not change what is said. */
export interface Average {
  /** In the output's units. */
  values: Float32Array;
  /** How many outputs were added. */
  count: number;
}

export function emptyAverage(length: number): Average {
  return { values: new Float32Array(length), count: 0 };
}

/**
 * Adds an output. The first `frames` weigh the same; from then on each new one weighs 1 / frames, and what
 * was before fades.
 */
export function addTo(average: Average, output: Int8Array, frames: number): void {
  const { values } = average;
  average.count += 1;
  const weight = 1 / Math.min(average.count, frames);
  for (let i = 0; i < values.length; i++) values[i] += (output[i] - values[i]) * weight;
}
