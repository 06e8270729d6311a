# Libraries of the system (Debian package names in scripts/setup.sh).
find_package(PkgConfig REQUIRED)
find_package(OpenCV 4 REQUIRED COMPONENTS core imgproc imgcodecs)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(RSVG REQUIRED IMPORTED_TARGET librsvg-2.0 cairo fontconfig)
# glib's -pthread, which says nothing to glibc, would keep its users from the precompiled headers of those that have it not.
set_property(TARGET PkgConfig::RSVG PROPERTY INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(LCMS2 REQUIRED IMPORTED_TARGET lcms2)
pkg_check_modules(HEIF IMPORTED_TARGET libheif)  # optional: without it HEIC and AVIF are refused by name
if(HEIF_FOUND)
  target_compile_definitions(PkgConfig::HEIF INTERFACE SWIFTAVATAR_HEIF)
  set(heif_library PkgConfig::HEIF)
endif()
