# Sourced by the scripts beside it: what they share of the Moddable SDK. Its tools must have been built
# (build/makefiles/lin), and MODDABLE must name its folder; where it does not, there is nothing to test.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
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

# build PLATFORM MANIFEST: the target "build" neither flashes a board nor starts the simulator.
build() {
  mcconfig -m -p "$1" -t build -o "$work" "$2" >"$log" 2>&1
}

# The library is shipped as JavaScript: a build of minutes, one module at a time, is what this avoids.
only_main_compiled() {
  local compiled
  compiled=$(sed -n 's/^# tsc //p' "$log" | grep -v '^main\.ts$')
  [ -z "$compiled" ] || fail "the build compiled TypeScript of the library: $compiled"
  # A value that is preloaded but not frozen costs a pointer in RAM.
  grep '^### warning' "$log"
}

can_simulate() {
  pkg-config --exists gio-2.0 && return
  echo 'not run: the simulator build needs libglib2.0-dev'
  return 1
}

# Compiles what stands for the simulator.
simulator() {
  cc -DmxLinux=1 "$here/simulator.c" -I"$MODDABLE/build/simulators/modules" $(pkg-config --cflags --libs gio-2.0) -ldl \
    -o "$work/simulator" >"$log" 2>&1 || fail 'the stand-in for the simulator'
}

# simulate APP: runs what was built for the simulator; its output is in the log.
simulate() {
  simulator
  "$work/simulator" "$work/bin/lin/mc/release/$1/mc.so" 2 >"$log" 2>&1
}

command -v mcconfig >"$log" || fail "no mcconfig in $MODDABLE: build the SDK's tools first"
[ -s "$repo/dist/device/manifest.json" ] && [ -s "$repo/models/fashion/device/model.flint" ] ||
  fail 'npm start must come first: it builds the library and packs the model'
