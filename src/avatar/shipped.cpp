#include "avatar/shipped.h"

#include <set>

namespace swiftavatar {

bool is_shipped(const std::string& sha256) {
  static const std::set<std::string> shipped = {
#include "definitions.inc"  // cmake/ShippedDefinitions.cmake makes it
  };
  return shipped.contains(sha256);
}

}  // namespace swiftavatar
