#!/bin/bash
# Builds two small apps of a user's own with the Moddable SDK, one in TypeScript with compiled kernels and one
# in JavaScript with interpreted ones, and runs them on the SDK's own XS: the library as it is shipped, the model
# and the samples of models/fashion.
#
#   MODDABLE=/path/to/moddable test/firmware/own-app.sh
. "$(dirname "$0")/sdk.sh"
can_simulate || exit 0
library=$repo/dist/device
model=$repo/models/fashion/device

# create LANGUAGE MANIFEST: what a user writes is a manifest and a main module, which is the same in both languages.
create() {
  mkdir "$work/$1"
  cp -r "$model" "$work/$1/model"
  cat >"$work/$1/manifest.json" <<END
{
	"include": ["./model/manifest.json", "$library/$2"],
	"modules": { "*": "./main" }
}
END
  cat >"$work/$1/main.$1" <<'END'
import Resource from 'Resource';
import { load, run, selfTest, topK } from 'flint/model';
import { PixelFormat, writeImage } from 'flint/image';

const model = load(new Resource('model.flint'));
selfTest(model);
trace(`self-test passed, kernels ${model.engine}\n`);

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

# runs LANGUAGE ENGINE
runs() {
  build lin "$work/$1/manifest.json" || fail "the build of main.$1"
  only_main_compiled
  simulate "$1" || fail "running main.$1"
  expected=$(printf 'self-test passed, kernels %s\nsample 0 is of class %s' "$2" "$class")
  [ "$(cat "$log")" = "$expected" ] || fail "main.$1 did not print \"$expected\" but:"
  echo "main.$1: built, run, prints what is expected, kernels $2"
}
create ts manifest.json
runs ts compiled
create js interpreted/manifest.json
runs js interpreted

sed -i "s#$library/interpreted/manifest.json#$library/manifest.json\", \"$library/two-cores/manifest.json#" "$work/js/manifest.json"
rm -r "$work/tmp" "$work/bin" # make looks at times, and would keep the interpreted module
runs js compiled
nm "$work/bin/lin/mc/release/js/mc.so" | grep -q ' T flint_runOnCores' || fail 'the kernels are not those of two cores'
echo 'main.js: the same with the line of two cores, which share the kernels'

# Types that were not found would let anything pass.
echo 'load(5);' >>"$work/ts/main.ts"
build lin "$work/ts/manifest.json" && fail 'a wrong argument passed the type check'
grep -q "error TS2345: Argument of type 'number'" "$log" || fail 'something else was refused'
echo 'main.ts: a wrong argument is refused by the type check'
