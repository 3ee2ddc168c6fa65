/// <reference types="node" />
/** What firmware says on its USB cable: the part of the computer at the other end is played here. */
import { USBCDC, type RP2040 } from 'rp2040js';

type Listener = (line: string) => void;

/** Calls back with each line, without its end. */
function linesOf(onLine: Listener): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop()!;
    lines.forEach(onLine);
  };
}

/** The serial port that firmware opens on USB. @returns what sends text to it */
function connect(mcu: RP2040, onText: (text: string) => void): (text: string) => void {
  const port = new USBCDC(mcu.usbCtrl);
  port.onSerialData = (bytes) => onText(Buffer.from(bytes).toString('latin1'));

  // The emulator would answer a read with nothing, a hundred times in a millisecond: a computer lets it wait.
  const answer = mcu.usbCtrl.onEndpointRead!;
  let waiting: (() => void) | undefined;
  mcu.usbCtrl.onEndpointRead = (endpoint, size) => {
    if (port.txFIFO.empty) waiting = () => answer(endpoint, size);
    else answer(endpoint, size);
  };
  return (text) => {
    for (const byte of Buffer.from(text, 'latin1')) port.sendSerialByte(byte);
    waiting?.();
    waiting = undefined;
  };
}

/** A terminal, which shows what a release build says. */
export function terminal(mcu: RP2040, onLine: Listener): void {
  connect(mcu, linesOf(onLine));
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' },
  unescape = (xml: string): string =>
    xml.replace(/&(?:#(\d+)|(\w+));/g, (_, code: string, name: string) =>
      code ? String.fromCharCode(Number(code)) : entities[name],
    );

/** xsbug, the SDK's debugger: lets a debug build go on wherever it stops, and shows what it logs. */
export function xsbug(mcu: RP2040, onLine: Listener): void {
  const say = linesOf(onLine);
  let received = '';
  const send = connect(mcu, (text) => {
    received += text;
    for (;;) {
      const message = /<\?xs[.-]([0-9a-fA-F]{8})\?>\s*<xsbug>([\s\S]*?)<\/xsbug>/.exec(received);
      if (!message) return;
      const [all, machine, body] = message;
      received = received.slice(message.index + all.length);
      if (/<login|<break/.test(body)) send(`\r\n<?xs.${machine}?>\r\n<go/>\r\n`);
      for (const [, logged] of body.matchAll(/<log[^>]*>([\s\S]*?)<\/log>/g)) say(unescape(logged));
    }
  });
}
