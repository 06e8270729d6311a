#pragma once
// Shared libraries of this program that are loaded when something of them is first needed: what they link takes so long
// to load (LibTorch 0.4 s and 160 MB, the codecs of pictures 55 MB on disk) that the verbs without them should not
// wait.

#include <string>
#include <utility>

#include "base/boundary.h"

namespace swiftavatar {

/// A part of the program in a file of its own. It exports functions with C names; which, the layer says that asks for
/// them.
class LateLibrary {
 public:
  /// `file`: a file name, found by the program's run path; `purpose`: what does not work without it, for the message.
  /// Throws Failure with the loader's own words: out_of_memory where there is no room to load it, else internal (it or
  /// what it links is missing).
  LateLibrary(const std::string& file, const std::string& purpose);

  /// The function `name` of type F. Throws Failure internal where the library is of another version and lacks it.
  template <class F>
  F* function(const char* name) const {
    return reinterpret_cast<F*>(symbol(name));
  }

  /// Calls the function `name` of type F; whatever it throws leaves as a Failure.
  template <class F, class... Args>
  decltype(auto) call(const char* name, Args&&... args) const {
    F* const entry = function<F>(name);
    return at_boundary(fault(name), [&]() -> decltype(auto) { return entry(std::forward<Args>(args)...); });
  }

 private:
  Error fault(const char* name) const;
  void* symbol(const char* name) const;

  std::string file_;
  void* handle_ = nullptr;  // never closed: threads and objects of the library may live until the program ends
};

}  // namespace swiftavatar
