# Sourced behind sdk.sh: builds for ESP32 as far as this machine can. ESP-IDF and its compilers are big, so they
# may be missing: then stand-ins let the build go up to the C compiler. By then all modules are compiled, preloaded
# and linked, all resources packed.

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

# A board without a display says so; of components the SDK looks for the file into which idf.py writes them.
harmless='^WARNING: no screen configured\|^grep: .*/idf_component.yml: No such file'

# esp32 TARGET MANIFEST: everything, or as far as the missing compiler; nothing else may be missing.
esp32() {
  local compiler=xtensa-esp32-elf-gcc complaints
  [[ $1 == *s3* ]] && compiler=xtensa-esp32s3-elf-gcc
  if command -v $compiler >/dev/null; then
    build "$1" "$2" || fail "the build for $1"
    echo "built for $1: complete"
    return
  fi
  # With -k, make goes on with all that does not need the compiler.
  MAKEFLAGS=-k build "$1" "$2" && fail "the build for $1 succeeded without a compiler"
  complaints=$(grep -v -e '^# ' -e "^make: $compiler: No such file" -e '\.o\] Error 127$' \
    -e '^make: Target .* not remade' -e "$harmless" "$log" | grep -iE 'error|fail|no such|warning: (no|dir)|\*\*\*')
  [ -z "$complaints" ] || fail "for $1, more than the compiler is missing: $complaints"
  grep -q "^make: $compiler: No such file" "$log" || fail "the build for $1 stopped before the compiler"
  echo "built for $1: as far as the missing $compiler"
}

command -v xtensa-esp32-elf-gcc >/dev/null || stand_in
