#pragma once
// What a process that handles untrusted bytes gives up before it sees the first of them.

#include <cstddef>
#include <string>

namespace swiftavatar {

/// What holds a process in.
struct Sandbox {
  bool seccomp = false;  ///< only the system calls that computing needs are left
  int landlock = 0;      ///< version of the kernel's interface by which files and TCP are shut off too; 0: none
  std::string missing;   ///< why there is no seccomp; empty where there is

  /// "seccomp, landlock v7"; "landlock v7, no seccomp (Operation not permitted)"
  std::string text() const;
};

/// Gives up, for this process and for good: core dumps, writing to files, and address space beyond `memory` bytes more
/// than it has now; opening anything by a path, sockets, programs, processes of its own, signals to others and
/// executable memory. Left are memory, threads, clocks, and reading from and writing to what is open already, so close
/// before what is not needed, and load before what is: libraries, fonts, plug-ins. A call that is gone fails with
/// EPERM.
///
/// Works by seccomp, an allow-list, and beside it by Landlock. Where the kernel or a container has neither, the limits
/// on memory, files and core dumps still hold; the answer says what does.
Sandbox enter_sandbox(size_t memory);

}  // namespace swiftavatar
