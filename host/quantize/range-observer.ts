import type { Scheme } from '../recipe/scheme';
import { divergence, histogram, percentile, squaredError } from './histogram';
import { expectedMinMax, movingAverage, type Observer, type Range } from './observers';

/** The observer of a calibration method. */
export function rangeObserver(method: Scheme['calibration']): () => Observer<Range> {
  if (method === 'min-max') return expectedMinMax;
  if (method === 'moving-average') return movingAverage;
  const choose = { percentile, mse: squaredError, entropy: divergence }[method];
  return () => {
    const { update, result } = histogram();
    return { update, result: () => choose(result()) };
  };
}
