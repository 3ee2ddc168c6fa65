/** The module flint/native of firmware without compiled kernels: all is interpreted, with the same results. */
export const native = undefined;
