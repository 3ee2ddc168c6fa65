/**
 * What a kernel may ask about where it runs. Interpreted, all are false, and bundling drops what they rule out;
 * C has what stands behind `@c` in their places.
 */

/**
 * Whether this is C: a function call then costs nothing, and a product of 64 bits may be one instruction.
 *
 * @c true
 */
export const COMPILED: boolean = false;

/**
 * Whether this is C for a processor with some thirty registers, such as RISC-V, and not sixteen.
 *
 * @c FLINT_MANY_REGISTERS
 */
export const MANY_REGISTERS: boolean = false;

/**
 * Whether this is C for two cores that share the rows of convolutions; see share.ts.
 *
 * @c FLINT_TWO_CORES
 */
export const TWO_CORES: boolean = false;

/**
 * Steps of work from which an operator is worth waking the second core for.
 *
 * @c FLINT_SHARED_WORK
 */
export const SHARED_WORK: number = 0;
