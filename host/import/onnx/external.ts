/// <reference types="node" />
/** Weights that an exporter has put into files beside the model. */
import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { TensorProto_DataLocation as Location, type TensorProto } from 'onnx-buf';
import { FlintError } from '../../../src/error';
import { readBytes } from '../../system/read';

/** Reads the files of one folder, each once. @throws FlintError for any outside it */
export function externalReader(folder: string): (tensor: TensorProto) => void {
  const files = new Map<string, Uint8Array<ArrayBuffer>>(),
    root = realpathSync(folder);

  const contentOf = (name: string, location: string): Uint8Array<ArrayBuffer> => {
    const known = files.get(location);
    if (known) return known;
    const path = resolve(root, location);
    if (!existsSync(path))
      throw new FlintError(
        `the weights ${name} are in another file, ${location}, which is not there: ` +
          'it belongs beside the model',
      );
    const inside = relative(root, realpathSync(path));
    if (isAbsolute(location) || inside.startsWith('..') || isAbsolute(inside))
      throw new FlintError(
        `the weights ${name} are said to be in ${location}, ` +
          "outside the model's folder, where nothing is read",
      );
    const content = readBytes(path);
    files.set(location, content);
    return content;
  };

  return (tensor) => {
    if (tensor.dataLocation !== Location.EXTERNAL && !tensor.externalData.length) return;
    const about = new Map(tensor.externalData.map(({ key, value }) => [key, value])),
      location = about.get('location');
    if (!location) throw new FlintError(`the weights ${tensor.name} are in another file that is not named`);
    const content = contentOf(tensor.name, location),
      offset = Number(about.get('offset') ?? 0),
      length = Number(about.get('length') ?? content.length - offset);
    const fits = [offset, length].every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!fits || offset + length > content.length)
      throw new FlintError(
        `the weights ${tensor.name} are bytes ${offset} to ${offset + length} of ${location}, ` +
          `which has ${content.length}: it belongs to another model, or was not copied whole`,
      );
    tensor.rawData = content.subarray(offset, offset + length);
    tensor.externalData = [];
    tensor.dataLocation = Location.DEFAULT;
  };
}
