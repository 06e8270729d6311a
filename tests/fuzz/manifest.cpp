// A bundle's manifest: which files it names.

#include "bundle.h"

using namespace swiftavatar;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bundle = fuzz::open_bundle(data, size);
  if (!bundle.ok()) return 0;
  for (const auto& [role, entry] : bundle.value().entries()) {
    fuzz::require(entry.path.parent_path() == fuzz::folder(), "models lie in the bundle's folder");
    const auto bytes = Bundle::read_verified(entry);
    fuzz::require(!bytes.ok() || entry.path.filename() == "manifest.json", "a file that is not there is not read");
  }
  return 0;
}
