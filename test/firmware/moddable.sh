#!/bin/bash
# Builds the device app for boards with ESP32 and ESP32-S3 with the Moddable SDK's own tools, then runs it on
# the SDK's own XS. For the Raspberry Pi Pico see pico/check.ts.
#
#   MODDABLE=/path/to/moddable test/firmware/moddable.sh
. "$(dirname "$0")/sdk.sh"
. "$(dirname "$0")/esp32.sh"
manifest=$repo/manifest.json

# The bytes of a resource, out of the C array that mcrez made of it.
resource() {
  local name
  name=$(sed -n "s/^\t{\"$1\", \(_[0-9]*\),.*/\1/p" "$app/mc.resources.c")
  sed -n "/ $name\[\]/,/^};/p" "$app/mc.resources.c" | grep '^.0x' | xxd -r -p
}

for board in xiao_esp32s3_sense m5stack_cores3; do esp32 esp32/$board "$manifest"; done
esp32 esp32 "$manifest"
only_main_compiled

app=$(echo "$work"/tmp/esp32/release/*/xsProj-esp32)
app=${app%/*}
for module in main $(sed -n 's/^\t*"\.\/\(.*\)".*/\1/p' "$repo/dist/device/manifest.json"); do
  [ -s "$app/modules/flint/$module.xsb" ] || fail "the module flint/$module was not compiled"
done
[ -s "$app/mc.xs.c" ] || fail 'the linker made no mc.xs.c'
echo "modules compiled and linked: $(ls "$app/modules/flint" | grep -c 'xsb$')"

for file in "$repo"/models/fashion/device/*.{flint,image}; do
  resource "$(basename "$file")" | cmp -s - "$file" || fail "the resource pack lacks the bytes of $file"
done
# The reader views the model as words.
unaligned=$(grep '^static const unsigned char' "$app/mc.resources.c" | grep -vc 'aligned(4)')
[ "$unaligned" = 0 ] || fail 'the resources are not aligned'
echo "resources packed and aligned: $(ls "$repo"/models/fashion/device/*.{flint,image} | wc -l)"

can_simulate || exit 0
build lin "$manifest" || fail 'the simulator build'
simulate "$(basename "$repo")" || fail 'running the app'
# The SDK has no call that tells the version of XS, but each compiled module begins with it.
version=$(head -c 19 "$app/modules/flint/model.xsb" | tail -c 3 | od -An -tu1 | xargs | tr ' ' .)
echo "run on XS $version:"
cat "$log"
