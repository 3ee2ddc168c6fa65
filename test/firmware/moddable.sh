#!/bin/bash
# Builds the device app for ESP32 with the Moddable SDK's own tools, then runs it on the SDK's own XS.
#
#   MODDABLE=/path/to/moddable test/firmware/moddable.sh
#
# ESP-IDF and its compiler are big, so they may be missing: then stand-ins let the build go as far as it can,
# which is up to the C compiler. By then all modules are compiled, preloaded and linked, all resources packed.
. "$(dirname "$0")/sdk.sh"
manifest=$repo/manifest.json

# What only a full ESP-IDF has: its version, which the SDK asks git for, and a header that it generates.
stand_in() {
  local version
  version=$(sed -n 's/.*"EXPECTED_ESP_IDF": "\(.*\)".*/\1/p' "$MODDABLE/build/devices/esp32/manifest.json")
  mkdir -p "$work/bin" "$work/idf"
  printf '#!/bin/sh\nmkdir -p build/config && touch build/config/sdkconfig.h\n' >"$work/bin/idf.py"
  chmod +x "$work/bin/idf.py"
  command -v python >/dev/null || ln -s "$(command -v python3)" "$work/bin/python"
  git init -q "$work/idf"
  git -C "$work/idf" -c user.name=x -c user.email=x commit -q --allow-empty -m x
  git -C "$work/idf" -c user.name=x -c user.email=x tag -a -m x "$version"
  export IDF_PATH=$work/idf PATH=$work/bin:$PATH
}

# The bytes of a resource, out of the C array that mcrez made of it.
resource() {
  local name
  name=$(sed -n "s/^\t{\"$1\", \(_[0-9]*\),.*/\1/p" "$app/mc.resources.c")
  sed -n "/ $name\[\]/,/^};/p" "$app/mc.resources.c" | grep '^.0x' | xxd -r -p
}

if command -v xtensa-esp32-elf-gcc >/dev/null; then
  build esp32 "$manifest" && [ -s "$work"/bin/esp32/release/*/xs_esp32.bin ] || fail 'the ESP32 build'
  echo 'built for esp32: complete'
else
  stand_in
  # With -k, make goes on with all that does not need the missing compiler.
  MAKEFLAGS=-k build esp32 "$manifest" && fail 'the build succeeded without a compiler'
  complaints=$(grep -v -e '^# ' -e '^make: xtensa-esp32-elf-gcc: No such file' -e '\.o\] Error 127$' \
    -e '^make: Target .* not remade' "$log" | grep -iE 'error|fail|no such|warning: (no|dir)|\*\*\*')
  [ -z "$complaints" ] || fail "more than the compiler is missing: $complaints"
  grep -q '^make: xtensa-esp32-elf-gcc: No such file' "$log" || fail 'the build stopped before the compiler'
  echo 'built for esp32: as far as the missing xtensa-esp32-elf-gcc'
fi
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

# The Pico's makefile wants bash. The program is linked first; what makes a UF2 of it may be missing.
if [ -n "${PICO_SDK_DIR:-}" ] && command -v arm-none-eabi-gcc >/dev/null; then
  MAKEFLAGS='-k SHELL=/bin/bash' build pico "$manifest" || grep -q 'picotool: No such file' "$log" ||
    fail 'the Pico build'
  elf=$(echo "$work"/bin/pico/release/*/xs_pico.elf)
  arm-none-eabi-nm "$elf" | grep -q ' xs_flint_run$' || fail 'the Pico program has no compiled kernels'
  echo "built for pico: linked, $(arm-none-eabi-size "$elf" | awk 'NR==2{print $1 + $2}') bytes of flash"
else
  echo 'not built for pico: PICO_SDK_DIR is not set, or there is no arm-none-eabi-gcc'
fi

can_simulate || exit 0
build lin "$manifest" || fail 'the simulator build'
simulate "$(basename "$repo")" || fail 'running the app'
# The SDK has no call that tells the version of XS, but each compiled module begins with it.
version=$(head -c 19 "$app/modules/flint/model.xsb" | tail -c 3 | od -An -tu1 | xargs | tr ' ' .)
echo "run on XS $version:"
cat "$log"
