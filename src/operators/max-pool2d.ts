import type { Model } from '../state';
import type { DeviceOperator } from './operator';
import { pool2d, pooling } from './pool2d';

/** Maximum over a window, then the clamp. */
export const maxPool2d: DeviceOperator = Object.freeze({
  name: 'maxPool2d',
  ...pooling,
  run: (model: Model, at: number) => pool2d(model, at, true),
});
