#!/bin/bash
# Builds two small apps of a user's own with the Moddable SDK, one in TypeScript and one in JavaScript, and
# runs them on the SDK's own XS: the library as it is shipped, the model and the samples of models/fashion.
#
#   MODDABLE=/path/to/moddable test/firmware/own-app.sh
. "$(dirname "$0")/sdk.sh"
can_simulate || exit 0
library=$repo/dist/device
model=$repo/models/fashion/device

# create LANGUAGE: what a user writes is a manifest and a main module, which is the same in both languages.
create() {
  mkdir "$work/$1"
  cp -r "$model" "$work/$1/model"
  cat >"$work/$1/manifest.json" <<END
{
	"include": ["\$(MODDABLE)/examples/manifest_base.json", "$library/manifest.json"],
	"modules": { "*": "./main" },
	"data": { "*": "./model/*" }
}
END
  cat >"$work/$1/main.$1" <<'END'
import Resource from 'Resource';
import { load, run, selfTest, topK } from 'flint/model';
import { PixelFormat, writeImage } from 'flint/image';

const model = load(new Resource('model.flint'));
selfTest(model);
trace('self-test passed\n');

const formats = [PixelFormat.gray, PixelFormat.rgb888, PixelFormat.rgb565le];
const sample = new Uint8Array(new Resource('sample0.image'));
const width = sample[0] | (sample[1] << 8), height = sample[2] | (sample[3] << 8);
writeImage(model, sample.subarray(8), width, height, formats[sample[4]]);
run(model);
trace(`sample 0 is of class ${topK(model, 1)[0].index}\n`);
END
}

# Byte 5 of a sample is its true class.
class=$(od -An -tu1 -j5 -N1 "$model/sample0.image" | xargs)
expected=$(printf 'self-test passed\nsample 0 is of class %s' "$class")

for language in ts js; do
  create "$language"
  build lin "$work/$language/manifest.json" || fail "the build of main.$language"
  only_main_compiled
  simulate "$language" || fail "running main.$language"
  [ "$(cat "$log")" = "$expected" ] || fail "main.$language did not print \"$expected\" but:"
  echo "main.$language: built, run, prints what is expected"
done

# Types that were not found would let anything pass.
echo 'load(5);' >>"$work/ts/main.ts"
build lin "$work/ts/manifest.json" && fail 'a wrong argument passed the type check'
grep -q "error TS2345: Argument of type 'number'" "$log" || fail 'something else was refused'
echo 'main.ts: a wrong argument is refused by the type check'
