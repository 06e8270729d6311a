#include "base/claims.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <span>
#include <string>
#include <thread>

#include "base/sha256.h"

namespace swiftavatar {
namespace {

constexpr int64_t kPresence = 0;  // the byte that every process has a shared lock on; items come after it
constexpr const char* kName = ".swiftavatar.lock";

/// Locks of the open file (not of the process, which would lose them with any other descriptor of the file): `kind` is
/// F_RDLCK, F_WRLCK or F_UNLCK. Never waits; sets errno.
bool lock(int file, short kind, int64_t place) {
  struct flock range {};
  range.l_type = kind;
  range.l_whence = SEEK_SET;
  range.l_start = place;
  range.l_len = 1;
  return ::fcntl(file, F_OFD_SETLK, &range) == 0;
}

bool held_by_another() { return errno == EAGAIN || errno == EACCES; }

/// Whether the path still leads to the open file.
bool is_at(int file, const std::filesystem::path& path) {
  struct stat open {
  }, named{};
  return ::fstat(file, &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_ino == named.st_ino &&
         open.st_dev == named.st_dev;
}

int64_t place_of(std::string_view name) {
  const std::string digest = sha256_hex(std::span<const char>(name.data(), name.size()));
  int64_t place = 0;
  std::from_chars(digest.data(), digest.data() + 15, place, 16);  // 60 bits
  return 1 + place;
}

}  // namespace

Claims::Claims(const std::filesystem::path& folder) : path_(folder / kName) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file_ < 0) return;
    if (lock(file_, F_RDLCK, kPresence)) {
      if (is_at(file_, path_)) return;  // else its last user has just removed it
    } else if (!held_by_another()) {
      ::unlink(path_.c_str());
      ::close(std::exchange(file_, -1));
      return;
    }
    ::close(std::exchange(file_, -1));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Claims::~Claims() {
  if (file_ < 0) return;
  // Of several that leave at once, the last one to give up its share gets the whole.
  lock(file_, F_UNLCK, kPresence);
  if (lock(file_, F_WRLCK, kPresence) && is_at(file_, path_)) ::unlink(path_.c_str());
  ::close(file_);
}

std::optional<Claims::Claim> Claims::take(std::string_view name) const {
  if (file_ < 0) return Claim(-1, 0);
  const int64_t place = place_of(name);
  if (lock(file_, F_WRLCK, place)) return Claim(file_, place);
  if (held_by_another()) return std::nullopt;
  return Claim(-1, 0);
}

Claims::Claim::~Claim() {
  if (file_ >= 0) lock(file_, F_UNLCK, place_);
}

}  // namespace swiftavatar
