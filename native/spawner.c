// Starts programs for a server, which says on fd 0 what to start and hears on fd 1 what became of it (src/executors/spawner.ts).
// A fork of the server itself copies its page tables, and holds it until the program is loaded; this process is small, and nobody
// waits for it. It decides nothing: argv, environment and directory come as they are to be. It ends with its server, and kills what
// it runs then.
//
// Heard: the length of what follows in bytes, then words, then strings that end with NUL.
//   PIPES call hasInput              START call argc envc cwd\0 arg\0... variable\0...              DONE call
// Told: four words after the first.
//   PIPES call in out err            STARTED call pid 0 0      REFUSED call errno 0 0      ENDED call code signal 0
// Words are 32 bits, in the order of the machine. A server that says anything else is not ours.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIPES = 1, START = 2, DONE = 3 };
enum { STARTED = 2, REFUSED = 3, ENDED = 4 };
enum { MOST_WORDS = 4, MOST_BYTES = 16 << 20, ROOM = 64 << 10, KEPT = 1 << 20 };

struct program {
  int32_t call;
  // 0: it has not begun. It is collected when the server is done with it: until then nobody else gets its number.
  pid_t pid;
  int has_ended;
  // Both ends of each pipe, until it has begun: the server opens its own by the number of ours. -1: there is none.
  int in[2], out[2], err[2];
};

static struct program *programs;
static size_t count, capacity;
static int ends;

static void stop(void) {
  for (size_t i = 0; i < count; i++)
    if (programs[i].pid > 0) kill(-programs[i].pid, SIGKILL);
  _exit(1);
}

static void tell(int32_t kind, int32_t call, int32_t a, int32_t b, int32_t c) {
  const int32_t words[] = {kind, call, a, b, c};
  // A pipe takes so little as a whole.
  while (write(1, words, sizeof words) != sizeof words)
    if (errno != EINTR) stop();
}

static struct program *find(int32_t call) {
  for (size_t i = 0; i < count; i++)
    if (programs[i].call == call) return &programs[i];
  stop();
  return NULL;
}

static void drop(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static void drop_pipes(struct program *program) {
  for (int end = 0; end < 2; end++) {
    drop(&program->in[end]);
    drop(&program->out[end]);
    drop(&program->err[end]);
  }
}

static void forget(struct program *program) {
  drop_pipes(program);
  if (program->pid > 0) waitpid(program->pid, NULL, 0);
  *program = programs[--count];
}

static void make_pipes(int32_t call, int has_input) {
  if (count == capacity) programs = realloc(programs, (capacity = capacity * 2 + 16) * sizeof *programs);
  if (!programs) stop();
  struct program *program = &programs[count++];
  *program = (struct program){.call = call, .in = {-1, -1}, .out = {-1, -1}, .err = {-1, -1}};
  // Its own nothing: what it does to that file (O_NONBLOCK, say) is no other program's business.
  const int no_input = has_input ? pipe2(program->in, O_CLOEXEC) : (program->in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0;
  if (no_input || pipe2(program->out, O_CLOEXEC) || pipe2(program->err, O_CLOEXEC)) {
    tell(REFUSED, call, errno, 0, 0);
    forget(program);
  } else {
    // Fewer turns between writer and reader. A user may have 64 MiB of pipes: of more programs than these each has the usual 64 KiB.
    if (count <= 64) fcntl(program->out[0], F_SETPIPE_SZ, 256 * 1024);
    tell(PIPES, call, program->in[1], program->out[0], program->err[0]);
  }
}

// What ends a server from outside is often sent to all of its processes (systemd's SIGTERM, say): what runs is the server's to end then.
static void heed(void (*how)(int)) {
  const int ours[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM};
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) signal(ours[i], how);
}

// In the child, which has our memory until it is another program.
static void become(const struct program *program, const char *cwd, char **argv, char **env, volatile int *fault) {
  sigset_t none;
  sigemptyset(&none);
  if (setsid() >= 0 && dup2(program->in[0], 0) >= 0 && dup2(program->out[1], 1) >= 0 && dup2(program->err[1], 2) >= 0 && chdir(cwd) == 0) {
    heed(SIG_DFL);
    // It may not be known to the server yet when this process is killed.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(argv[0], argv, env);
  }
  *fault = errno;
  _exit(127);
}

static void begin(struct program *program, const char *cwd, char **argv, char **env) {
  volatile int fault = 0;
  program->pid = vfork();
  if (program->pid == 0) become(program, cwd, argv, env, &fault);
  if (program->pid < 0) fault = errno;
  if (fault == 0) {
    drop_pipes(program);
    tell(STARTED, program->call, program->pid, 0, 0);
  } else {
    tell(REFUSED, program->call, fault, 0, 0);
    forget(program);
  }
}

// So many strings that stand one after the other, as a list that ends with NULL; gives the place behind the list.
static char **list(char **into, int32_t length, char **text, const char *end) {
  for (; length > 0; length--) {
    char *after = *text < end ? memchr(*text, 0, (size_t)(end - *text)) : NULL;
    if (!after) stop();
    *into++ = *text;
    *text = after + 1;
  }
  *into++ = NULL;
  return into;
}

static void start(int32_t call, int32_t argc, int32_t envc, char *text, const char *end) {
  const int64_t strings = 1 + (int64_t)argc + (int64_t)envc;
  struct program *program = find(call);
  if (argc < 1 || envc < 0 || strings > end - text || program->pid != 0) stop();
  char **lists = malloc(((size_t)strings + 3) * sizeof *lists);
  if (!lists) stop();
  char **argv = list(lists, 1, &text, end);
  char **env = list(argv, argc, &text, end);
  list(env, envc, &text, end);
  if (text != end) stop();
  begin(program, lists[0], argv, env);
  free(lists);
}

static void look_for_ends(void) {
  struct signalfd_siginfo signals[16];
  while (read(ends, signals, sizeof signals) > 0) continue;
  for (struct program *each = programs; each < programs + count; each++) {
    siginfo_t end = {0};
    if (each->pid == 0 || each->has_ended) continue;
    if (waitid(P_PID, (id_t)each->pid, &end, WEXITED | WNOHANG | WNOWAIT) || end.si_pid == 0) continue;
    each->has_ended = 1;
    if (end.si_code == CLD_EXITED) tell(ENDED, each->call, end.si_status, 0, 0);
    else tell(ENDED, each->call, 0, end.si_status, 0);
  }
}

static void hear(char *body, size_t length) {
  int32_t words[MOST_WORDS] = {0};
  memcpy(words, body, length < sizeof words ? length : sizeof words);
  const size_t word = sizeof *words;
  if (words[0] == PIPES && length == 3 * word) make_pipes(words[1], words[2]);
  else if (words[0] == START && length > 4 * word) start(words[1], words[2], words[3], body + 4 * word, body + length);
  else if (words[0] == DONE && length == 2 * word) forget(find(words[1]));
  else stop();
}

static void listen_to_server(void) {
  static char *heard;
  static size_t length, room;
  if (room - length < ROOM) heard = realloc(heard, room = length * 2 + ROOM);
  if (!heard) stop();
  const ssize_t got = read(0, heard + length, room - length);
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) stop();
  length += (size_t)got;
  size_t at = 0;
  for (uint32_t body; length - at >= sizeof body; at += sizeof body + body) {
    memcpy(&body, heard + at, sizeof body);
    if (body > MOST_BYTES) stop();
    if (length - at - sizeof body < body) break;
    hear(heard + at + sizeof body, body);
  }
  memmove(heard, heard + at, length -= at);
  if (length > 0 || room <= KEPT) return;
  free(heard);
  heard = NULL;
  room = 0;
}

// An emulator may make a plain fork of a vfork: then a program that was not started could not be told from one that was.
static int shares_memory(void) {
  volatile int is_shared = 0;
  const pid_t pid = vfork();
  if (pid == 0) {
    is_shared = 1;
    _exit(0);
  }
  if (pid > 0) waitpid(pid, NULL, 0);
  return is_shared;
}

int main(void) {
  heed(SIG_IGN);
  if (!shares_memory()) return 1;
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  ends = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
  if (ends < 0) return 1;
  struct pollfd waits[] = {{.fd = 0, .events = POLLIN}, {.fd = ends, .events = POLLIN}};
  for (;;) {
    if (poll(waits, 2, -1) < 0) {
      if (errno == EINTR) continue;
      stop();
    }
    if (waits[1].revents) look_for_ends();
    if (waits[0].revents) listen_to_server();
  }
}
