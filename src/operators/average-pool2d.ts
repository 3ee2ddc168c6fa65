import type { DeviceOperator } from './operator';
import { poolOperator } from './pool2d';

/** Mean of a window's valid taps, halves rounded away from zero, then the clamp. */
export const averagePool2d: DeviceOperator = poolOperator('averagePool2d', false);
