#include "avatar/read_text.h"

#include "avatar/json_view.h"
#include "base/files.h"

namespace swiftavatar {

std::string read_definition_text(const std::filesystem::path& file) {
  const auto bytes = read_file(file, kMaxDefinitionBytes);
  if (!bytes.ok()) throw Failure(ErrorCode::engine_invalid, bytes.error().message);
  return {bytes.value().begin(), bytes.value().end()};
}

}  // namespace swiftavatar
