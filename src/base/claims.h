#pragma once
// Several processes that write to one folder share the items among themselves: each item is done by the one that claims
// it.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

namespace swiftavatar {

/// A process's part in the claims of a folder. They are locks on bytes of one hidden file in it (".swiftavatar.lock"),
/// one byte for each item: the system gives them up when their process ends, however it ends. Who leaves last removes
/// the file. On a file system without locks every claim succeeds. Threads may share one object.
class Claims {
 public:
  /// An item that is ours until this goes, or the Claims.
  class Claim {
   public:
    Claim(Claim&& other) noexcept : file_(std::exchange(other.file_, -1)), place_(other.place_) {}
    Claim& operator=(Claim&& other) noexcept {
      std::swap(file_, other.file_);
      std::swap(place_, other.place_);
      return *this;
    }
    ~Claim();

   private:
    friend class Claims;
    Claim(int file, int64_t place) : file_(file), place_(place) {}
    int file_;  // -1: nothing to give up
    int64_t place_;
  };

  /// `folder` must exist.
  explicit Claims(const std::filesystem::path& folder);
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;
  ~Claims();

  /// Claims an item by its name; nothing while another process has it. Within one process the same item is never
  /// refused.
  std::optional<Claim> take(std::string_view name) const;

 private:
  std::filesystem::path path_;
  int file_ = -1;  // -1: no locks here
};

}  // namespace swiftavatar
