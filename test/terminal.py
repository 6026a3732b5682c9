# Runs a program on a pseudo-terminal, whose other side are stdin and stdout; ends as the program does.
# terminal.py COLUMNS ROWS PROGRAM ARGUMENT ...
import fcntl, os, select, struct, sys, termios, pty

columns, rows = int(sys.argv[1]), int(sys.argv[2])
pid, master = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.execvp(sys.argv[3], sys.argv[3:])
watched = [master, 0]
while True:
    ready, _, _ = select.select(watched, [], [])
    if 0 in ready:
        typed = os.read(0, 65536)
        if typed:
            os.write(master, typed)
        else:
            watched.remove(0)
    if master in ready:
        try:
            shown = os.read(master, 65536)
        except OSError:  # Linux's way to say that nothing has the terminal open any more.
            shown = b""
        if not shown:
            break
        os.write(1, shown)
_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
