#!/bin/bash
# Builds the device app for ESP32 with the Moddable SDK's own tools, then runs it on the SDK's own XS.
#
#   MODDABLE=/path/to/moddable test/moddable.sh
#
# The SDK's tools must have been built (build/makefiles/lin). ESP-IDF and its compiler are big, so they may be missing:
# then stand-ins let the build go as far as it can, which is up to the C compiler. All modules are compiled, preloaded
# and linked and all resources are packed by then.
set -u
repo=$(cd "$(dirname "$0")/.." && pwd)
if [ -z "${MODDABLE:-}" ]; then
  echo 'skipped: MODDABLE is not set, so there is no Moddable SDK to build with'
  exit 0
fi
PATH=$MODDABLE/build/bin/lin/release:$repo/node_modules/.bin:$PATH # mcconfig and its helpers; tsc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log

fail() {
  echo "FAILED: $1" >&2
  tail -n 30 "$log" >&2
  exit 1
}

# The target "build" stops before flashing a board.
build() {
  mcconfig -m -p "$1" -t build -o "$work" "$repo/manifest.json" >"$log" 2>&1
}

# What only a full ESP-IDF has: its version, which the SDK asks git for, and the configuration header it generates.
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

if ! command -v mcconfig >"$log"; then fail "no mcconfig in $MODDABLE/build/bin/lin/release: build the SDK's tools first"; fi

if command -v xtensa-esp32-elf-gcc >/dev/null; then
  build esp32 && [ -s "$work"/bin/esp32/release/*/xs_esp32.bin ] || fail 'the ESP32 build'
  echo 'built for esp32: complete'
else
  stand_in
  # With -k, make goes on with all that does not need the missing compiler.
  MAKEFLAGS=-k build esp32 && fail 'the build succeeded without a compiler'
  complaints=$(grep -v -e '^# ' -e '^make: xtensa-esp32-elf-gcc: No such file' -e '\.o\] Error 127$' \
    -e '^make: Target .* not remade' "$log" | grep -iE 'error|fail|no such|warning: (no|dir)|\*\*\*')
  [ -z "$complaints" ] || fail "more than the compiler is missing: $complaints"
  grep -q '^make: xtensa-esp32-elf-gcc: No such file' "$log" || fail 'the build stopped before the compiler'
  echo 'built for esp32: as far as the missing xtensa-esp32-elf-gcc'
fi

app=$(echo "$work"/tmp/esp32/release/*/xsProj-esp32)
app=${app%/*}
modules=0
while read -r source; do
  [ -s "$app/modules/flint/${source%.ts}.xsb" ] || fail "src/$source is in no manifest"
  modules=$((modules + 1))
done < <(cd "$repo/src" && find . -name '*.ts' -printf '%P\n')
[ -s "$app/mc.xs.c" ] || fail 'the linker made no mc.xs.c'
echo "modules compiled and linked: $modules"
grep '^### warning' "$log" # preloaded but not frozen: each costs a pointer in RAM

for file in "$repo"/models/fashion/device/*; do
  resource "$(basename "$file")" | cmp -s - "$file" || fail "the resource pack does not hold the bytes of $file"
done
# The reader views the model as words.
unaligned=$(grep '^static const unsigned char' "$app/mc.resources.c" | grep -vc 'aligned(4)')
[ "$unaligned" = 0 ] || fail 'the resources are not aligned'
echo "resources packed and aligned: $(ls "$repo/models/fashion/device" | wc -l)"

# The simulator's build of the same app is a library; its own window is not needed, so this program takes its place.
if ! pkg-config --exists gio-2.0; then
  echo 'not run: the simulator build needs libglib2.0-dev'
  exit 0
fi
cat >"$work/simulator.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include "screen.h"

static void aborted(txScreen *screen, int status) { fflush(stdout); exit(status ? status : 1); }
static void launched(txScreen *screen, double interval) { fflush(stdout); exit(0); }
static void ignored(txScreen *screen) {}

int main(int argc, char **argv)
{
	static txScreen screen = { .abort = aborted, .start = launched, .formatChanged = ignored };
	void *app = dlopen(argv[1], RTLD_NOW);
	txScreenLaunchProc launch = app ? dlsym(app, "fxScreenLaunch") : NULL;
	if (launch)
		launch(&screen);
	else
		fprintf(stderr, "%s\n", dlerror());
	return 1;
}
END
build lin || fail 'the simulator build'
cc -DmxLinux=1 -I"$MODDABLE/build/simulators/modules" $(pkg-config --cflags glib-2.0) "$work/simulator.c" \
  -o "$work/simulator" -ldl >"$log" 2>&1 || fail 'the stand-in for the simulator'
"$work/simulator" "$work"/bin/lin/mc/release/*/mc.so >"$log" 2>&1 || fail 'running the app'
# The SDK has no call that tells the version of XS, but each compiled module begins with it.
version=$(head -c 19 "$app/modules/flint/model.xsb" | tail -c 3 | od -An -tu1 | xargs | tr ' ' .)
echo "run on XS $version:"
cat "$log"
