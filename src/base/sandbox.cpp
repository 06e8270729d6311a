#include "base/sandbox.h"

#include <linux/sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <system_error>
#include <type_traits>

namespace swiftavatar {

namespace {

// The undefined-behaviour sanitizer looks with a pipe whether memory can be read.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
// Nothing more can be opened. With a lower limit, poll would fail.
constexpr rlim_t kMostFiles = STDERR_FILENO + 1 + (kSanitized ? 8 : 0);

/// Bytes of address space that the process has; 0 where the system does not tell.
size_t address_space() {
  size_t pages = 0;
  if (std::FILE* const file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%zu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

void lower_limit(__rlimit_resource resource, rlim_t most) {
  rlimit limit{};
  getrlimit(resource, &limit);
  limit.rlim_max = std::min(limit.rlim_max, most);
  limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
  setrlimit(resource, &limit);
}

/// Landlock's calls and numbers, which headers older than the kernel lack.
constexpr long kCreateRuleset = 444, kRestrictSelf = 446;
constexpr uint32_t kAskVersion = 1;
struct Ruleset {
  uint64_t files, network, scopes;
};

/// A set of rules without a rule that allows anything: every kind of access that it names is denied. Gives the version
/// of the kernel's Landlock; 0: it has none, or will not restrict this process.
int restrict_files() {
  const long version = syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  if (version < 1) return 0;
  const auto first = [](int bits) { return (uint64_t{1} << bits) - 1; };
  // By version: of files 13 kinds of access, then refer, truncate, ioctl; TCP bind and connect; signals and sockets.
  const Ruleset all{first(version >= 5   ? 16
                          : version >= 3 ? 15
                          : version == 2 ? 14
                                         : 13),
                    version >= 4 ? first(2) : 0, version >= 6 ? first(2) : 0};
  const size_t size = version >= 6 ? sizeof all : version >= 4 ? offsetof(Ruleset, scopes) : offsetof(Ruleset, network);
  const auto rules = static_cast<int>(syscall(kCreateRuleset, &all, size, 0));
  if (rules < 0) return 0;
  const bool done = syscall(kRestrictSelf, rules, 0) == 0;
  close(rules);
  return done ? static_cast<int>(version) : 0;
}

/// Calls that are allowed whatever their arguments: they change this process, or use what it has open. Those that an
/// architecture lacks (aarch64: poll, time, arch_prctl) are passed over by libseccomp.
constexpr int kAllowed[] = {
    // what is open
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(lseek),
    // memory
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(membarrier),
    // threads
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(getcpu), SCMP_SYS(exit), SCMP_SYS(exit_group),
    // signals of its own
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    // the time, and what the machine is
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrusage),
    SCMP_SYS(getrandom)};

/// Leaves the system calls of computing. Gives 0 or an error's number.
int restrict_calls() {
  const std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, void (*)(scmp_filter_ctx)> filter(
      seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release);
  if (!filter) return EINVAL;
  int error = 0;
  const auto note = [&error](int result) {
    if (result < 0 && error == 0) error = -result;
  };
  const auto allow = [&](int call, auto... conditions) {
    note(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, sizeof...(conditions), conditions...));
  };
  const auto number = [](auto value) { return static_cast<scmp_datum_t>(value); };
  note(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1));  // threads that libraries have started, too
  for (const int call : kAllowed) allow(call);
  if (kSanitized) {
    allow(SCMP_SYS(pipe));
    allow(SCMP_SYS(pipe2));
  }
  // Memory that is no file's and no code.
  allow(SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, number(PROT_EXEC), 0),
        SCMP_A3(SCMP_CMP_MASKED_EQ, number(MAP_ANONYMOUS), number(MAP_ANONYMOUS)));
  allow(SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, number(PROT_EXEC), 0));
  // Threads, no processes. The flags of clone3 lie in memory, where no filter sees them: libraries fall back to clone.
  allow(SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, number(CLONE_THREAD), number(CLONE_THREAD)));
  note(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
  // cairo asks whether a font that it has open may be read. Everything may, without a look: nothing is to be learned.
  for (const int call : {SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2)}) {
    note(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(0), call, 0));
  }
  allow(SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, number(getpid())));  // abort()
  allow(SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, number(PR_SET_NAME)));
  allow(SCMP_SYS(prlimit64), SCMP_A0(SCMP_CMP_EQ, 0), SCMP_A2(SCMP_CMP_EQ, 0));  // to read one
  if (error == 0) note(seccomp_load(filter.get()));
  return error;
}

}  // namespace

std::string Sandbox::text() const {
  const std::string files = landlock > 0 ? "landlock v" + std::to_string(landlock) : "no landlock";
  return seccomp ? "seccomp, " + files : files + ", no seccomp (" + missing + ")";
}

Sandbox enter_sandbox(size_t memory) {
  std::signal(SIGXFSZ, SIG_IGN);  // a write to a file fails, and what needed it with it
  lower_limit(RLIMIT_FSIZE, 0);
  lower_limit(RLIMIT_CORE, 0);
  lower_limit(RLIMIT_AS, address_space() + memory);
  Sandbox sandbox;
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);  // both ask for it
  sandbox.landlock = restrict_files();
  lower_limit(RLIMIT_NOFILE, kMostFiles);
  const int error = restrict_calls();
  sandbox.seccomp = error == 0;
  if (error != 0) sandbox.missing = std::generic_category().message(error);
  return sandbox;
}

}  // namespace swiftavatar
