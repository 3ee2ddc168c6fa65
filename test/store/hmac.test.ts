/// <reference types="node" />
import { createHmac } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeDigest } from '../../host/swap/digest';
import { signed } from '../../host/swap/upload';
import { hmac, keyProblem, sameDigest } from '../../src/store/hmac';
import { Upload } from '../../src/store/upload';
import { Random } from '../support/random';
import { KEY, model } from '../support/swap';

const random = new Random(4);
const anyKey = (length: number): string =>
  String.fromCharCode(...Array.from({ length }, () => 33 + random.below(94)));

test("is Node's HMAC-SHA256, for keys shorter and longer than a block", () => {
  for (const length of [32, 33, 63, 64, 65, 128, 200]) {
    const key = anyKey(length),
      message = new Uint8Array(random.bytes(random.below(500)));
    const expected = createHmac('sha256', key).update(message).digest('hex');
    assert.is(Buffer.from(hmac(nodeDigest(), key, message.slice().buffer)).toString('hex'), expected);
  }
});

test('an upload is signed so that other tools can check it', () => {
  const upload = signed(model(1), KEY, 7, nodeDigest()),
    header = upload.subarray(0, Upload.hmac * 4);
  assert.equal(
    Buffer.from(upload.subarray(Upload.hmac * 4, Upload.words * 4)),
    createHmac('sha256', KEY).update(header).digest(),
  );
});

test('digests are compared whole', () => {
  const digest = Uint8Array.from({ length: 32 }, (_, i) => i);
  assert.ok(sameDigest(digest, digest.slice()));
  for (let i = 0; i < 32; i++)
    assert.not(
      sameDigest(
        digest,
        digest.map((b, j) => (i === j ? b ^ 128 : b)),
      ),
    );
  assert.not(sameDigest(digest, digest.subarray(0, 31)));
  assert.not(sameDigest(new Uint8Array(0), new Uint8Array(0)));
});

test('a key that anyone could guess is none', () => {
  assert.is(keyProblem(KEY), '');
  assert.match(keyProblem(undefined), /there is no key/);
  assert.match(keyProblem('secret'), /6 characters, 32 and more are needed/);
  assert.match(keyProblem(KEY + 'ä'), /printable ASCII/);
});

test.run();
