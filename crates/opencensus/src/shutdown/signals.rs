//! Receives the signals that end a process.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

/// Listens for the signals, which lose their default effect. That cannot be undone.
pub(super) struct Signals(platform::Signals);

/// A signal that arrived.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Signal {
    /// The exit code of a process that the signal ends at once: 128 and the signal's number on Unix.
    pub(super) exit_code: i32,
}

impl Signals {
    /// Must be called in the context of a runtime with I/O.
    pub(super) fn listen() -> io::Result<Self> {
        platform::Signals::listen().map(Self)
    }

    /// The next signal.
    pub(super) async fn next(&mut self) -> Signal {
        poll_fn(|cx| self.0.poll_next(cx)).await
    }
}

#[cfg(unix)]
mod platform {
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    use super::{Context, Poll, Signal, io};

    /// Ctrl-C (SIGINT) and SIGTERM.
    pub(super) struct Signals([(Stream, Signal); 2]);

    impl Signals {
        pub(super) fn listen() -> io::Result<Self> {
            let stream = |kind: SignalKind| {
                let exit_code = 128 + kind.as_raw_value();
                signal(kind).map(|stream| (stream, Signal { exit_code }))
            };
            Ok(Self([stream(SignalKind::interrupt())?, stream(SignalKind::terminate())?]))
        }

        pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Signal> {
            let mut streams = self.0.iter_mut();
            let arrived = streams.find_map(|(stream, signal)| stream.poll_recv(cx).is_ready().then_some(*signal));
            arrived.map_or(Poll::Pending, Poll::Ready)
        }
    }
}

#[cfg(windows)]
mod platform {
    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
    };

    use super::{Context, Poll, Signal, io};

    /// Ctrl-C, Ctrl-Break, the end of the console, and the shutdown of the system.
    pub(super) struct Signals(CtrlC, CtrlBreak, CtrlClose, CtrlShutdown);

    impl Signals {
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self(ctrl_c()?, ctrl_break()?, ctrl_close()?, ctrl_shutdown()?))
        }

        pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Signal> {
            let Self(interrupt, stop, close, shutdown) = self;
            let has_arrived = interrupt.poll_recv(cx).is_ready()
                || stop.poll_recv(cx).is_ready()
                || close.poll_recv(cx).is_ready()
                || shutdown.poll_recv(cx).is_ready();
            // STATUS_CONTROL_C_EXIT
            if has_arrived { Poll::Ready(Signal { exit_code: 0xC000_013A_u32.cast_signed() }) } else { Poll::Pending }
        }
    }
}
