import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('XS\'s own conversions are called as methods: what they make is made by what they are called on', async () => {
  // As the SDK's engine has them. The module chooses when it is evaluated, so they must be there before.
  let calls = 0;
  Object.assign(ArrayBuffer, {
    fromBigInt(this: ArrayBufferConstructor, value: bigint, length: number): ArrayBuffer {
      const buffer = new this(length), bytes = new Uint8Array(buffer);
      for (let i = 0; i < length; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 255n);
      calls++;
      return buffer;
    },
  });
  Object.assign(BigInt, {
    fromArrayBuffer(this: BigIntConstructor, buffer: ArrayBuffer): bigint {
      calls++;
      return new Uint8Array(buffer).reduceRight((sum, byte) => sum * this(256) + this(byte), this(0));
    },
  });
  const { bigIntOf, bytesOf } = await import('../src/bigint');
  for (const value of [0n, 1n, 256n, 0x123456789abcdef0fedcba98n]) assert.is(bigIntOf(bytesOf(value, 13)), value);
  assert.is(bigIntOf(new ArrayBuffer(0)), 0n); // which the engine refuses
  assert.is(calls, 8);
});

test.run();
