/** The module flint/native of firmware with compiled kernels; its types are those of native.ts. */
const version = native('xs_flint_version'),
  check = native('xs_flint_check'),
  run = native('xs_flint_run'),
  writeGolden = native('xs_flint_writeGolden'),
  crc32 = native('xs_flint_crc32'),
  resample = native('xs_flint_resample'),
  allocate = native('xs_flint_allocate'),
  largestBlock = native('xs_flint_largestBlock'),
  print = native('xs_flint_print');
const binding = { version, check, run, writeGolden, crc32, resample, allocate, largestBlock, print },
  kernels = Object.freeze(binding);

export { kernels as native };
