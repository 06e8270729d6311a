#!/usr/bin/env bash
# package.sh: makes build/package/swiftavatar-VERSION-linux-x86_64.deb, the program for Debian 12 with LibTorch in it (CPU
# only); everything else it needs are packages of Debian, by its Depends. Sets up and builds what is missing.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

lock_setup
setup_runtime
install_packages dpkg-dev binutils
cd "$root"
tree=build/bundle
mkdir -p "$tree" build/package
[[ -f $tree/build.ninja ]] || quietly "$tree/configure.log" cmake --preset release -B "$tree" -DSWIFTAVATAR_BUNDLE_LIBTORCH=ON
quietly "$tree/build.log" cmake --build "$tree"
unlock_setup

version=$(sed -n 's/^project(swiftavatar VERSION \([^ ]*\).*/\1/p' CMakeLists.txt)
name=swiftavatar-$version-linux-x86_64
stage=$PWD/build/package/$name
rm -rf "$stage"
quietly "$tree/install.log" cmake --install "$tree" --prefix "$stage/usr" --strip
libraries=$(dirname "$(find "$stage/usr/lib" -name 'libswiftavatar-networks.so')")
strip --strip-unneeded "$libraries"/*.so*

# The licences of what is bundled, as the wheels bring them.
docs=$stage/usr/share/doc/swiftavatar
cp NOTICE "$docs/copyright"
cat LICENSE >>"$docs/copyright"
for wheel in torch nvidia_cuda_runtime nvidia_cuda_cupti; do
  mkdir -p "$docs/licences/$wheel"
  find "$venv"/lib/python3*/site-packages/"$wheel"-*.dist-info \( -iname 'license*' -o -iname 'notice*' \) -type f \
    -exec cp {} "$docs/licences/$wheel/" \;
done

# dpkg-shlibdeps names the packages that the program's own files need; it wants a debian/control to stand in.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/debian"
printf 'Source: swiftavatar\n\nPackage: swiftavatar\nArchitecture: amd64\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O --ignore-missing-info -l"$libraries" "$stage/usr/bin/swiftavatar" "$stage/usr/libexec/swiftavatar/swiftavatar-decode" "$libraries"/*.so* 2>shlibdeps.log |
  sed -n 's/^shlibs:Depends=//p') || { cat "$work/shlibdeps.log" >&2; exit 1; }
mkdir "$stage/DEBIAN"
cat >"$stage/DEBIAN/control" <<CONTROL
Package: swiftavatar
Version: $version
Architecture: amd64
Maintainer: the swiftavatar authors <swiftavatar@localhost>
Installed-Size: $(du -sk "$stage/usr" | cut -f1)
Depends: $depends
Section: graphics
Priority: optional
Description: face photos to editable cartoon avatars
 Every parameter of an avatar engine from a photo of a face, as a careful person would have set it. Works offline; models
 and LibTorch (CPU) are contained.
CONTROL
# The time of the commit, so that the same source gives the same names and times.
export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
quietly build/package/deb.log dpkg-deb --root-owner-group -Zzstd -z9 --build "$stage" "build/package/$name.deb"
rm -rf "$stage"
echo "build/package/$name.deb"
