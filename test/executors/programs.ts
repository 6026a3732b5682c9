// What the commands of the tests do: real programs, each with a word in its command line by which it is found.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { folder } from "../rig.ts";

/** The kinds of descendant in failures.md 3.1. */
export const KINDS = ["plain", "deaf", "session", "double", "bare"] as const;

const STAY = String.raw`open(my $up, ">", "up-$ARGV[0]"); close $up; my $end = time + 60; sleep 1 while time < $end`;

export const FILES = {
  // tree.sh WORD END: starts all kinds, waits until each is there, then exits with END or, at \`stay\`, stays.
  "tree.sh": String.raw`#!/bin/sh
word=$1
perl=$(command -v perl)
setsid=$(command -v setsid)
perl stay.pl "$word-plain" &
perl -e '$SIG{TERM} = "IGNORE"; do "./stay.pl"' "$word-deaf" &
setsid perl stay.pl "$word-session" &
(setsid perl stay.pl "$word-double" >/dev/null 2>&1 </dev/null &)
env -i "$setsid" "$perl" stay.pl "$word-bare" &
for kind in plain deaf session double bare; do
  until [ -e "up-$word-$kind" ]; do sleep 0.02; done
done
echo hi
: > "ready-$word"
[ "$2" = stay ] || exit "$2"
while :; do sleep 0.05; done
`,
  "stay.pl": STAY,
  // A chain of processes of which each lives for a moment only, in sessions of their own.
  "hop.pl": String.raw`use POSIX ();
my $end = time + 20;
while (time < $end) { my $child = fork; exit 0 if $child; POSIX::setsid(); select undef, undef, undef, 0.0007 }
`,
  // Counts how often it is asked to stop, itself and in a child, and says so.
  "asked.pl": String.raw`my ($asked, $name) = (0, "child");
$SIG{TERM} = sub { $asked++ };
my $child = fork;
$name = "parent" if $child;
open(my $up, ">", "asked-$name"); close $up;
my $end = time + 20;
select undef, undef, undef, 0.05 until $asked or time > $end;
select undef, undef, undef, 0.05 for 1 .. 8;
waitpid $child, 0 if $child;
syswrite STDOUT, "$name $asked\n";
`,
  // A child that another thread than the first one started.
  "threads.py": `import subprocess, sys, threading
child = []
def start():
    child.append(subprocess.Popen(["sh", "-c", "trap 'echo asked; exit 0' TERM; : > up-thread; while :; do sleep 0.05; done"]))
    child[0].wait()
thread = threading.Thread(target=start)
thread.start()
import signal
signal.signal(signal.SIGTERM, lambda *_: None)
thread.join()
`,
  "not-executable": "#!/bin/sh\n",
  "bad-shebang": "#!/no/such/interpreter\n",
  "deaf-shebang": "#!/etc/passwd\n",
  "no-shebang": "echo hi\n",
};

/** A folder with the programs, in which everybody may write. */
export function programs(): string {
  const where = folder(FILES);
  chmodSync(where, 0o777);
  for (const name of ["bad-shebang", "deaf-shebang", "no-shebang"]) chmodSync(join(where, name), 0o755);
  return where;
}
