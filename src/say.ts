import { native } from './native/native';

/**
 * Says a line in every build: by trace, which the debugger shows, or a terminal where the platform has a
 * console; and on the serial port (UART 0, 115,200 baud) where trace leads nowhere, as in release builds for
 * ESP32. That last needs compiled kernels, whose binding does it.
 */
export function say(line: string): void {
  trace(line, '\n');
  native?.print(line + '\r\n');
}
