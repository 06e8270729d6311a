#include "escape.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <nlohmann/json.hpp>

namespace {

/// Where the user's own files are.
std::string home() {
  const char* const folder = std::getenv("HOME");
  return folder && *folder ? folder : "/";
}

/// 0 or the error's number of a call that gives -1 where it fails.
template <class Call>
int error_of(const Call& call) {
  errno = 0;
  return call() == -1 ? (errno ? errno : -1) : 0;
}

int connect_to(int family, const sockaddr* address, socklen_t size) {
  const int socket = ::socket(family, SOCK_STREAM, 0);
  return socket < 0 ? socket : connect(socket, address, size);
}

}  // namespace

void keep_a_file_open() {
  char name[] = "/tmp/swiftavatar-escape-XXXXXX";
  const int file = mkstemp(name);
  if (file < 0 || ftruncate(file, 4096) != 0) std::abort();
  unlink(name);
  dup2(file, STDERR_FILENO);
}

std::string try_to_escape() {
  const char* const named = std::getenv("ESCAPE_FOLDER");
  const std::string folder = named ? named : "/tmp";
  const std::string here = folder + "/here", made = folder + "/made";
  const char* const file = here.c_str();
  nlohmann::json tries;
  const auto attempt = [&tries](const char* what, const auto& call) { tries[what] = error_of(call); };

  attempt("open for reading", [&] { return open(file, O_RDONLY); });
  attempt("open for writing", [&] { return open(file, O_WRONLY); });
  attempt("open a file of the system", [] { return open("/etc/passwd", O_RDONLY); });
  attempt("open the home folder", [] { return open(home().c_str(), O_RDONLY | O_DIRECTORY); });
  attempt("open its own memory", [] { return open("/proc/self/mem", O_RDWR); });
  attempt("openat2", [&] {
    uint64_t how[3] = {};
    return syscall(SYS_openat2, AT_FDCWD, file, how, sizeof how);
  });
  attempt("create", [&] { return open(made.c_str(), O_WRONLY | O_CREAT, 0600); });
  attempt("create without a name", [&] { return open(folder.c_str(), O_TMPFILE | O_RDWR, 0600); });
  attempt("unlink", [&] { return unlink(file); });
  attempt("rename", [&] { return rename(file, made.c_str()); });
  attempt("link", [&] { return link(file, made.c_str()); });
  attempt("symlink", [&] { return symlink(file, made.c_str()); });
  attempt("mkdir", [&] { return mkdir((folder + "/folder").c_str(), 0700); });
  attempt("truncate", [&] { return truncate(file, 0); });
  attempt("chmod", [&] { return chmod(file, 0777); });
  attempt("stat", [&] {
    struct stat status {};
    return stat(folder.c_str(), &status);
  });
  attempt("chdir", [] { return chdir("/"); });
  attempt("chroot", [] { return chroot("/"); });

  // An open file: its bytes by write and by memory.
  attempt("write to an open file", [] { return write(STDERR_FILENO, "x", 1); });
  attempt("map an open file", [] {
    return mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, STDERR_FILENO, 0) == MAP_FAILED ? -1 : 0;
  });
  attempt("map an open file privately",
          [] { return mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, STDERR_FILENO, 0) == MAP_FAILED ? -1 : 0; });
  attempt("truncate an open file", [] { return ftruncate(STDERR_FILENO, 0); });
  attempt("send an open file", [] { return sendmsg(STDIN_FILENO, nullptr, 0); });
  attempt("control a terminal", [] { return ioctl(STDERR_FILENO, TIOCGWINSZ, nullptr); });

  attempt("TCP", [] {
    sockaddr_in address{AF_INET, htons(9), {htonl(INADDR_LOOPBACK)}, {}};
    return connect_to(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  });
  attempt("UDP", [] { return socket(AF_INET, SOCK_DGRAM, 0); });
  attempt("IPv6", [] { return socket(AF_INET6, SOCK_STREAM, 0); });
  attempt("netlink", [] { return socket(AF_NETLINK, SOCK_RAW, 0); });
  attempt("a socket of this machine", [] { return socket(AF_UNIX, SOCK_STREAM, 0); });
  attempt("a pair of sockets", [] {
    int ends[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  });

  attempt("exec", [] {
    char name[] = "/nonexistent/program";  // outside the sandbox: ENOENT
    char* arguments[] = {name, nullptr};
    return execv(name, arguments);
  });
  attempt("fork", [] {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    return child;
  });
  attempt("clone of a process", [] {
    const long child = syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (child == 0) _exit(0);
    return child;
  });
  attempt("clone3", [] { return syscall(SYS_clone3, nullptr, 0); });
  attempt("memfd", [] { return memfd_create("code", 0); });
  attempt("executable memory", [] {
    return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
  });
  attempt("memory made executable", [] {
    void* const page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : mprotect(page, 4096, PROT_READ | PROT_EXEC);
  });

  const pid_t parent = getppid();
  attempt("kill the parent", [&] { return kill(parent, 0); });
  attempt("kill a group", [] { return kill(0, 0); });
  attempt("signal to another process", [&] { return syscall(SYS_tgkill, parent, parent, 0); });
  attempt("trace the parent", [&] { return ptrace(PTRACE_SEIZE, parent, nullptr, nullptr); });
  attempt("read the parent's memory", [&] {
    char byte = 0;
    iovec mine{&byte, 1}, theirs{&byte, 1};
    return process_vm_readv(parent, &mine, 1, &theirs, 1, 0);
  });
  attempt("hold of the parent", [&] { return syscall(SYS_pidfd_open, parent, 0); });
  attempt("limits of the parent", [&] {
    rlimit limit{};
    return prlimit(parent, RLIMIT_NOFILE, nullptr, &limit);
  });
  attempt("other limits", [] {
    const rlimit limit{0, 0};
    return setrlimit(RLIMIT_CORE, &limit);
  });

  attempt("namespaces", [] { return unshare(CLONE_NEWUSER); });
  attempt("mount", [] { return syscall(SYS_mount, nullptr, "/", nullptr, 0, nullptr); });
  attempt("BPF", [] { return syscall(SYS_bpf, 0, nullptr, 0); });
  attempt("io_uring", [] {
    io_uring_params parameters{};
    return syscall(SYS_io_uring_setup, 1, &parameters);
  });
  attempt("userfaultfd", [] { return syscall(SYS_userfaultfd, 0); });
  attempt("perf", [] {
    perf_event_attr attributes{};
    return syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
  });
  attempt("keys", [] { return syscall(SYS_keyctl, 0, 0, 0, 0, 0); });
  attempt("open by handle", [] { return syscall(SYS_open_by_handle_at, AT_FDCWD, nullptr, O_RDONLY); });
  attempt("prctl", [] { return prctl(PR_GET_DUMPABLE); });
  attempt("another user", [] { return setuid(getuid()); });

  // And what has to go on.
  attempt("(allowed) a thread", [] {
    std::thread([] {}).join();
    return 0;
  });
  attempt("(allowed) memory", [] {
    void* const memory = std::malloc(size_t{64} << 20);
    std::free(memory);
    return memory ? 0 : -1;
  });
  return tries.dump();
}
