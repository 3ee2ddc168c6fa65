/** Everything that is wrong with a model file, an image or a call: its message is for a person. */
export class FlintError extends Error {
  override name = 'FlintError';
}
