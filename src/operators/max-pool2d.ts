import type { DeviceOperator } from './operator';
import { poolOperator } from './pool2d';

/** Maximum over a window, then the clamp. */
export const maxPool2d: DeviceOperator = poolOperator('maxPool2d', true);
