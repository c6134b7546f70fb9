# Runs a program in a terminal of its own inside this one, and stops reading it at SIGUSR1 until SIGUSR2: what Ctrl+S or a stalled ssh does.
import fcntl, os, pty, select, signal, sys, termios, tty

pid, inner = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(inner, termios.TIOCSWINSZ, fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8))
tty.setraw(0)
reading = True
wake, waker = os.pipe()


def turn(number, frame):
    os.write(waker, {signal.SIGUSR1: b"h", signal.SIGUSR2: b"r"}.get(number, b"c"))


for number in signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD:
    signal.signal(number, turn)
while True:
    ready, _, _ = select.select([0, wake] + ([inner] if reading else []), [], [])
    told = os.read(wake, 1) if wake in ready else b""
    if told in (b"h", b"r"):
        reading = told == b"r"
        # The window's title tells that it is so.
        os.write(1, b"\x1b]2;reading\x07" if reading else b"\x1b]2;held\x07")
    if 0 in ready:
        os.write(inner, os.read(0, 4096))
    if reading and inner in ready:
        try:
            os.write(1, os.read(inner, 65536))
        except OSError:
            break
    if not reading and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        break
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
