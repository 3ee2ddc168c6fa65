/** What flint/receive takes of Moddable's module `crypt`. */
declare module 'crypt' {
  export class Digest {
    constructor(type: 'SHA256');
    reset(): void;
    write(data: ArrayBuffer): void;
    close(): ArrayBuffer;
  }
}
