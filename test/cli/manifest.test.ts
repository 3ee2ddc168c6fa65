/// <reference types="node" />
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { manifestFile, manifestPath } from '../../host/fit/manifest';
import { creationOf } from '../../host/fit/split';
import { temporaryFolder } from '../system/folder';
import { fails } from './command';

const creation = creationOf(29696, 'compiled');

/** As flint pack does. @returns the path of the manifest */
function write(model: string, samples: string[] = []): string {
  const { path, data } = manifestFile(model, samples, creation);
  writeFileSync(path, data);
  return path;
}
const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

test('it holds the model and its samples by name, and what XS is given', () => {
  const folder = temporaryFolder(),
    path = write(join(folder, 'model.flint'), [join(folder, 'sample0.image')]);
  assert.is(path, join(folder, 'manifest.json'));
  const { '//': mark, ...manifest } = read(path) as Record<string, unknown>;
  assert.match(mark as string, /flint pack/);
  assert.equal(manifest, {
    include: '$(MODDABLE)/examples/manifest_base.json',
    data: { '*': ['./model.flint', './sample0.image'] },
    creation: {
      static: 0,
      stack: 400,
      heap: { initial: 220, incremental: 64 },
      chunk: { initial: 1024, incremental: 1024 },
    },
  });
});

test('it is written anew when its model is packed again', () => {
  const model = join(temporaryFolder(), 'model.flint');
  assert.is(write(model, ['sample0.image']), write(model));
  assert.equal((read(manifestPath(model)) as { data: unknown }).data, { '*': ['./model.flint'] });
});

test("a manifest.json of an app, or of another model, is left alone: the model's goes beside it", () => {
  for (const text of ['{ "include": [] }', 'no JSON', '[null]', 'null', '{ "//": "mine" }']) {
    const folder = temporaryFolder(),
      app = join(folder, 'manifest.json'),
      model = join(folder, 'net.flint');
    writeFileSync(app, text);
    assert.is(write(model), join(folder, 'net.manifest.json'));
    assert.is(write(model), join(folder, 'net.manifest.json'));
    assert.is(readFileSync(app, 'utf8'), text);
  }
  const folder = temporaryFolder(),
    [first, second] = ['a', 'b'].map((name) => write(join(folder, `${name}.flint`)));
  assert.equal([first, second], [join(folder, 'manifest.json'), join(folder, 'b.manifest.json')]);
});

test('a model that is called manifest.json itself keeps its file', () => {
  const folder = temporaryFolder(),
    model = join(folder, 'manifest.json');
  assert.is(manifestPath(model), join(folder, 'manifest.manifest.json'));
  writeFileSync(model, 'a model');
  assert.is(manifestPath(model), join(folder, 'manifest.manifest.json'));
});

test('where both names are taken, nothing is packed', () => {
  const folder = temporaryFolder(),
    model = join(folder, 'net.flint');
  for (const name of ['manifest.json', 'net.manifest.json']) writeFileSync(join(folder, name), '{}');
  fails(['pack', 'models/fashion', '-o', model], /net\.manifest\.json: this is not a manifest of net\.flint/);
  assert.not(existsSync(model));
});

test.run();
