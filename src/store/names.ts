/** The names that the device and the packer have in common. */

/** The partition with the slots, as the board's table names it. */
export const PARTITION = 'flint';
/**
 * The model of a mod, which `flint mod` makes, and the app's own. They differ, so that either is found where
 * both are there: a mod hides resources of its names.
 */
export const OF_MOD = 'mod.flint',
  OWN = 'model.flint';
