#!/bin/bash
# Exchanges the model of an app without another build, on the SDK's own XS: the app of src/store/http gets
# models over HTTP into a partition that is a file, then one as a mod. A device's firmware takes the same
# modules; what stands for the board is test/firmware/swap/flash.c.
#
#   MODDABLE=/path/to/moddable test/firmware/swap.sh
. "$(dirname "$0")/sdk.sh"
can_simulate || exit 0
model=$repo/models/fashion/device/model.flint
key=$repo/src/store/http/key.json
url=http://127.0.0.1:8124
flint() { node "$repo/host/flint.cjs" "$@" >"$log" 2>&1 || fail "flint $*"; }

# Without a key the receiver is not built in.
mkdir "$work/nokey"
echo 'import "flint/receive";' >"$work/nokey/main.js"
cat >"$work/nokey/manifest.json" <<END
{
	"include": ["\$(MODDABLE)/examples/manifest_base.json", "$repo/dist/device/manifest.json",
		"$repo/dist/device/receive/manifest.json"],
	"modules": { "*": "./main" }
}
END
build lin "$work/nokey/manifest.json" && fail 'an app that receives models was built without a key'
grep -q 'flint/receive: there is no key' "$log" || fail 'something else was wrong'
echo 'an app with the receiver and without a key is not built'

if [ -e "$key" ]; then
  flint sign "$model" --key "$key" -o "$work/first.upload" --number 1
else
  trap 'rm -rf "$work" "$key"' EXIT
  flint sign "$model" --key "$key" --new-key -o "$work/first.upload" --number 1
fi
flint sign "$model" --key "$key" -o "$work/second.upload" --number 2
flint sign "$model" --key "$work/other.json" --new-key -o "$work/stranger.upload" --number 3
build lin "$here/swap/manifest.json" || fail 'the build of src/store/http'
app=$work/bin/lin/mc/release/swap/mc.so
simulator

# Both slots of the partition are erased.
export FLASH=$work/flash.bin
head -c 262144 /dev/zero | tr '\0' '\377' >"$FLASH"

# start [MOD]: as when the device is switched on.
start() {
  "$work/simulator" "$app" 0 "$@" >"$work/said" 2>&1 &
  server=$!
  curl -s -o "$log" --retry 20 --retry-connrefused --retry-delay 1 "$url/" || fail 'the app does not answer'
}
stop() { kill "$server" && wait "$server" 2>/dev/null; }
# answers TEXT [CURL'S OPTIONS]
answers() {
  local expected=$1
  shift
  curl -s -m 60 "$@" >"$log" 2>&1 || fail "curl $*"
  grep -qF "$expected" "$log" || { stop; fail "curl $* did not answer \"$expected\" but \"$(cat "$log")\""; }
  echo "$(cat "$log")"
}
send() { answers "$2" --data-binary "@$1" "$url/model"; }

start
answers "the app's own resources" "$url/"
send "$work/stranger.upload" 'not signed with the key of this app'
send "$model" 'this is no upload'
send "$work/first.upload" 'model 1 is in slot 0'
stop
start
answers 'slot 0 of partition "flint" (model 1)' "$url/"
send "$work/first.upload" 'number 1, model 1 is there already'
send "$work/second.upload" 'model 2 is in slot 1'
stop
# A bit is lost in slot 1, 20,000 bytes into it.
printf '\0' | dd of="$FLASH" bs=1 seek=$((131072 + 20000)) conv=notrunc status=none
start
answers 'slot 0 of partition "flint" (model 1)' "$url/"
grep -qF 'slot 1 of partition "flint" (model 2) is given up: the model is corrupted' "$work/said" || fail 'it was not said'
stop

flint mod "$model" -o "$work/mod"
mcrun -m -p lin -t build -o "$work" "$work/mod/manifest.json" >"$log" 2>&1 || fail 'the mod'
start "$work/bin/lin/mc/release/mod/mc.xsa"
answers 'runs the model in a mod' "$url/"
stop
echo 'models were exchanged in slots and as a mod, on the XS of the SDK'
