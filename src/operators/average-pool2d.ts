import type { Model } from '../state';
import type { DeviceOperator } from './operator';
import { pool2d, pooling } from './pool2d';

/** Mean of a window's valid taps, halves rounded away from zero, then the clamp. */
export const averagePool2d: DeviceOperator = Object.freeze({
  name: 'averagePool2d',
  ...pooling,
  run: (model: Model, at: number) => pool2d(model, at, false),
});
