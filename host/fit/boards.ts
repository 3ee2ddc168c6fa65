/** Boards, as far as a model has to fit them. Figures are of the chips' data sheets and of Moddable's SDK. */

/** What a board has for a model. */
export interface Board {
  /** What it is, for people. */
  about: string;
  /** MHz of the core that runs JavaScript. */
  clock: number;
  /** Bytes that malloc can give in all, and in one block, to an app that does nothing else. */
  free: number;
  block: number;
  /** The same once Wi-Fi is up, where the chip has it. */
  wifi?: { free: number; block: number };
  /** Bytes of flash that an app may fill besides the engine, on the commonest module. */
  flash: number;
  /** Where the figures are from. */
  source: string;
  /** What else to know. */
  remark?: string;
}

const KB = 1024,
  MB = 1024 * KB;

/**
 * Free memory of a release build of the app alone. An ESP32's heap is of several regions, and no block goes
 * across two of them: the largest counts for the model's block.
 */
export const boards: Record<string, Board> = {
  esp32: {
    about: 'ESP32 without PSRAM',
    clock: 240,
    free: 251 * KB,
    block: 111 * KB,
    wifi: { free: 110 * KB, block: 64 * KB },
    flash: 2 * MB,
    source: 'regions of about 140 KB and 111 KB, read in the IDF; 64 KB with Wi-Fi is a cautious guess',
    remark:
      'the larger region, of 140 KB, is partly taken when the app starts: the smaller one is counted on',
  },
  esp32s3: {
    about: 'ESP32-S3',
    clock: 240,
    free: 300 * KB,
    block: 256 * KB,
    wifi: { free: 200 * KB, block: 128 * KB },
    flash: 6 * MB,
    source: '512 KB of SRAM less the caches, the IDF and the engine; an estimate, not measured',
    remark: 'with PSRAM a block that does not fit internal memory goes there: megabytes, but slower',
  },
  esp32c3: {
    about: 'ESP32-C3',
    clock: 160,
    free: 280 * KB,
    block: 240 * KB,
    wifi: { free: 180 * KB, block: 120 * KB },
    flash: 2 * MB,
    source: '400 KB of SRAM less the cache, the IDF and the engine; an estimate, not measured',
  },
  pico: {
    about: 'Raspberry Pi Pico (RP2040)',
    clock: 125,
    free: 250_100,
    block: 250_100,
    flash: 2 * MB - 434 * KB,
    source: '250,100 bytes left for malloc by the firmware that booted in rp2040js',
    remark: "Moddable's manifest for the Pico says static 131072: the creation below replaces it",
  },
  pico2: {
    about: 'Raspberry Pi Pico 2 (RP2350)',
    clock: 150,
    free: 506 * KB,
    block: 506 * KB,
    flash: 4 * MB - 434 * KB,
    source: "520 KB of SRAM less the Pico's 12 KB of static data and some stack; an estimate, not measured",
  },
};

export const boardNames = Object.keys(boards);
