/**
 * A board for the camera app on our XS host: the modules of Moddable's that the app imports, with time that
 * passes only when `pass` is called, and a display that writes down what is drawn.
 */
/** What main.ts finds in the manifest, and what the board has. */
interface Options {
  /** The pixel format of a display. */
  display?: number;
  /** A touch panel in place of the button. */
  touch?: boolean;
  [key: string]: unknown;
}

declare const args: string[];
const { display, touch, ...rest } = JSON.parse(args[0]) as Options;

export const config = {
  frameWidth: 160,
  frameHeight: 120,
  rotateFrames: 0,
  mirrorFrames: false,
  smoothing: 5,
  ...rest,
};

/** Microseconds that pass with each look at the clock, so that a model takes several turns. */
const LOOK = 2000;

interface Call {
  when: number;
  period: number;
  call: () => void;
}

let time = 0;
let calls: Call[] = [];

export const Time = {
  get microseconds(): number {
    return (time += LOOK);
  },
};

/** As Moddable's, in virtual milliseconds. */
export const Timer = {
  set: (call: () => void, milliseconds = 0): Call =>
    add({ when: time + milliseconds * 1000, period: 0, call }),
  repeat: (call: () => void, milliseconds: number): Call =>
    add({ when: time + milliseconds * 1000, period: milliseconds * 1000, call }),
  clear(timer: Call | undefined): void {
    calls = calls.filter((one) => one !== timer);
  },
};

function add(call: Call): Call {
  calls.push(call);
  return call;
}

/** Lets milliseconds pass. */
export function pass(milliseconds: number): void {
  const end = time + milliseconds * 1000;
  for (;;) {
    calls.sort((a, b) => a.when - b.when);
    const [next] = calls;
    if (!next || next.when > end) break;
    time = Math.max(time, next.when);
    if (next.period) next.when += next.period;
    else calls.shift();
    next.call();
  }
  time = Math.max(time, end);
}

const print = (line: string): void => trace(`${line}\n`);

/** Draws as Poco does, into lines of text. */
export class Poco {
  readonly width = 200;
  readonly height = 160;
  #area = '';

  begin(...area: number[]): void {
    this.#area = area.join(' ') || 'all';
  }
  end(): void {}
  makeColor(r: number, g: number, b: number): number {
    return (r << 16) | (g << 8) | b;
  }
  fillRectangle(): void {}
  getTextWidth(text: string): number {
    return text.length * 8;
  }
  drawText(text: string): void {
    print(`text: ${text}`);
  }
  drawBitmap(bits: Bitmap, ...where: number[]): void {
    print(`frame: ${bits.width} x ${bits.height}, at ${where.join(' ')}, within ${this.#area}`);
  }
}

export class Bitmap {
  constructor(
    readonly width: number,
    readonly height: number,
    _format: number,
    buffer: ArrayBuffer,
  ) {
    if (buffer.byteLength !== width * height * 2) throw new Error(`a frame of ${buffer.byteLength} bytes`);
  }
}

export const parseBMF = () => ({ height: 20 });

export class Resource {
  constructor(name: string) {
    return name.endsWith('.bf4') ? new ArrayBuffer(0) : new globalThis.Resource(name);
  }
  static exists = (name: string): boolean => globalThis.Resource.exists(name);
}

let push: ((pressed: number) => void) | undefined, points: object[] | undefined;

/** Presses and releases the board's button, or touches its panel for a moment. */
export function press(): void {
  push?.(1);
  push?.(0);
  points = [{}];
  if (touch) pass(200);
  points = [];
}

class Button {
  constructor({ onPush }: { onPush: (pressed: number) => void }) {
    push = onPush;
  }
}

/** One that has to be looked at, and knows nothing before it was touched. */
class Touch {
  sample = (): object[] | undefined => points;
}

Object.assign(
  globalThis,
  touch ? { device: { sensor: { Touch } } } : { Host: { Button: { Default: Button } } },
);
if (display) Object.assign(globalThis, { screen: { pixelFormat: display } });

declare global {
  var Resource: { new (name: string): ArrayBuffer; exists(name: string): boolean };
}
