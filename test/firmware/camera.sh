#!/bin/bash
# Builds the camera app with the Moddable SDK: for the boards as far as the C compiler, where ESP-IDF is missing,
# and for the SDK's simulator, in whose window the app then plays the packed samples.
#
#   MODDABLE=/path/to/moddable [SCREENSHOTS=/path/to/folder] test/firmware/camera.sh
#
# The window needs the SDK's mcsim (or MCSIM, its path), and xvfb, xdotool and imagemagick. Whether labels are
# right is what test/camera tests; here the window must show frames that change, and freeze when it is touched.
. "$(dirname "$0")/sdk.sh"
. "$here/esp32.sh"
manifest=$repo/src/camera/manifest.json

for board in xiao_esp32s3_sense m5stack_cores3 m5atom_s3r_cam lilygo_t_camera_plus_s3; do
  esp32 "esp32/$board" "$manifest"
done

mcsim=${MCSIM:-$MODDABLE/build/bin/lin/release/mcsim}
[ -x "$mcsim" ] || { echo "not run in the simulator: there is no $mcsim"; exit 0; }
for tool in Xvfb xdotool import compare; do
  command -v "$tool" >/dev/null || { echo "not run in the simulator: there is no $tool"; exit 0; }
done
can_simulate || exit 0
build lin "$manifest" || fail 'the simulator build'

pictures=${SCREENSHOTS:-$work}
mkdir -p "$work/home/.config/tech.moddable.mcsim" "$pictures"
exec {display_number}<> <(:)
Xvfb -displayfd "$display_number" -screen 0 1100x800x24 2>/dev/null &
xvfb=$!
read -r -t 20 number <&"$display_number" || fail 'Xvfb did not start'
export DISPLAY=:$number
HOME=$work/home "$mcsim" "$MODDABLE/build/simulators" "$work/bin/lin/mc/release/camera/mc.so" >"$log" 2>&1 &
sim=$!
trap 'kill $sim $xvfb; rm -rf "$work"' EXIT

# The simulator's default board, and of it the screen.
shot() { import -window root -crop 240x320+349+82 +repage "$pictures/$1.png"; }
# How many pixels of two pictures differ.
differ() { compare -metric AE "$pictures/$1.png" "$pictures/$2.png" null: 2>&1; }

sleep 10
shot first
sleep 4
shot second
[ "$(differ first second)" -gt 500 ] || fail 'the window does not change'
xdotool mousemove 470 220 click 1
sleep 2
shot frozen
sleep 4
shot still
[ "$(differ frozen still)" = 0 ] || fail 'a touch does not freeze the window'
xdotool click 1
sleep 4
shot going
[ "$(differ still going)" -gt 500 ] || fail 'another touch does not go on'
echo 'run in the simulator: frames change, a touch freezes them, another one goes on'
