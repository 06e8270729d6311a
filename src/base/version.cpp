#include "base/version.h"

namespace swiftavatar {

std::string_view version() { return SWIFTAVATAR_VERSION; }

}  // namespace swiftavatar
