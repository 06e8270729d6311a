#!/usr/bin/env bash
# package.sh: makes in build/package/, of the program with models and LibTorch (CPU only) in it,
#   swiftavatar-VERSION-linux-x86_64.deb     for Debian 12; other libraries come with Debian's packages, by its Depends;
#   swiftavatar-VERSION-linux-x86_64.tar.gz  for any x86-64 Linux whose glibc is not older than this machine's: unpack it
#                                            anywhere; it has the other libraries too;
#   SHA256SUMS                               of both.
# Sets up and builds what is missing. stdout has the names of the files.
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
# The time of the commit, so that the same source gives the same names and times.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

work=$(mktemp -d "$root/build/package/stage.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
quietly "$tree/install.log" cmake --install "$tree" --prefix "$work/deb/usr" --strip
libraries=$(dirname "$(find "$work/deb/usr/lib" -name 'libswiftavatar-networks.so')")
chmod 644 "$libraries"/*
strip --strip-unneeded "$libraries"/*.so*

# The licences of what is bundled, as the wheels bring them.
docs=$work/deb/usr/share/doc/swiftavatar
cat NOTICE LICENSE >"$docs/copyright"
for wheel in torch nvidia_cuda_runtime nvidia_cuda_cupti; do
  mkdir -p "$docs/licences/$wheel"
  find "$venv"/lib/python3*/site-packages/"$wheel"-*.dist-info \( -iname 'license*' -o -iname 'notice*' \) -type f \
    -exec cp {} "$docs/licences/$wheel/" \;
done

# bundle_system_libraries TREE: beside TREE's own libraries come all that they need, but for glibc's, which belong to the
# kernel's side of a machine. licences/debian has their licences, and which Debian package has the source of each.
bundle_system_libraries() {
  local own=$1/lib/swiftavatar licences=$1/share/doc/swiftavatar/licences/debian soname path package
  mkdir -p "$licences"
  ldd "$1/bin/swiftavatar" "$1"/libexec/swiftavatar/* "$own"/*.so* | awk '$2 == "=>" { print $1, $3 }' | sort -u | while read -r soname path; do
    [[ $path != not ]] || { say "a library is missing: $soname"; return 1; }
    [[ $path != "$own"/* ]] || continue
    package=$(dpkg-query -S "*/$(basename "$(readlink -f "$path")")" | sed -n '1s/: .*//p')
    [[ ${package%%:*} != libc6 ]] || continue
    install -m 644 "$(readlink -f "$path")" "$own/$soname"
    install -D -m 644 "/usr/share/doc/${package%%:*}/copyright" "$licences/${package%%:*}.txt"
    dpkg-query -W -f "$soname: source package \${source:Package} \${source:Version}\n" "$package" >>"$licences/sources.txt"
  done
}

make_tarball() {
  cp -al "$work/deb/usr" "$work/$name"
  bundle_system_libraries "$work/$name"
  tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -c "$name" |
    gzip -n -9 >"build/package/$name.tar.gz"
}

# dpkg-shlibdeps names the packages that the program's own files need; it wants a debian/control to stand in.
make_deb() {
  local depends
  mkdir "$work/debian" "$work/deb/DEBIAN"
  printf 'Source: swiftavatar\n\nPackage: swiftavatar\nArchitecture: amd64\n' >"$work/debian/control"
  depends=$(cd "$work" && dpkg-shlibdeps -O --ignore-missing-info -l"$libraries" deb/usr/bin/swiftavatar \
    deb/usr/libexec/swiftavatar/* "$libraries"/*.so* \
    2>shlibdeps.log | sed -n 's/^shlibs:Depends=//p') || { cat "$work/shlibdeps.log" >&2; return 1; }
  cat >"$work/deb/DEBIAN/control" <<CONTROL
Package: swiftavatar
Version: $version
Architecture: amd64
Maintainer: the swiftavatar authors <swiftavatar@localhost>
Installed-Size: $(du -sk "$work/deb/usr" | cut -f1)
Depends: $depends
Section: graphics
Priority: optional
Description: face photos to editable cartoon avatars
 Every parameter of an avatar engine from a photo of a face, as a careful person would have set it. Works offline; models
 and LibTorch (CPU) are contained.
CONTROL
  quietly build/package/deb.log dpkg-deb --root-owner-group -Zxz --build "$work/deb" "build/package/$name.deb"
}

make_tarball
make_deb
(cd build/package && sha256sum "$name.deb" "$name.tar.gz" >SHA256SUMS)
printf 'build/package/%s\n' "$name.deb" "$name.tar.gz" SHA256SUMS
