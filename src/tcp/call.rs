//! The socket API: what a program calls, what it sees, and what it does by itself.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::rule::Rule;
use super::time::Span;
use crate::packed::packed;

/// A descriptor of a host, numbered from 1 in the order in which its calls made them; a call that
/// fails after socket() has used its number up, as on a real host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fd(pub u32);

packed!(Fd(number));

/// How a connection looks whether its peer is still there (RFC 9293 §3.8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeepAlive {
    /// How long nothing must have been heard before it asks (TCP_KEEPIDLE).
    pub idle: Span,
    /// How long it waits for an answer before it asks again (TCP_KEEPINTVL).
    pub interval: Span,
    /// How many probes in a row may stay without an answer (TCP_KEEPCNT); none: any number.
    pub count: Option<u32>,
}

packed!(KeepAlive { idle, interval, count });

/// A call of the socket API, or something done to the whole host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Call {
    /// socket(), bind() and listen().
    Listen {
        /// The local port.
        port: u16,
        /// SO_REUSEADDR.
        reuse_address: bool,
        /// SO_RCVBUF, octets; 0 leaves it as the profile has it.
        receive_buffer: u32,
    },
    /// socket(), bind() where a local port is given, and connect(), without blocking.
    Connect {
        /// The local port; 0 lets the host choose one of its ephemeral ports.
        local_port: u16,
        /// The peer's port.
        remote_port: u16,
        /// SO_REUSEADDR.
        reuse_address: bool,
    },
    /// accept() on a listener.
    Accept,
    /// send(). `more` holds the octets back until the next call (MSG_MORE).
    Send {
        /// The octets.
        data: Vec<u8>,
        /// MSG_MORE.
        more: bool,
    },
    /// recv() without blocking, of all that is there.
    Recv,
    /// shutdown(SHUT_WR): the RFC's CLOSE, receiving goes on.
    ShutdownWrite,
    /// shutdown(SHUT_RD).
    ShutdownRead,
    /// shutdown(SHUT_RDWR).
    ShutdownBoth,
    /// close().
    Close,
    /// setsockopt(SO_LINGER, {on, 0}): the next close() aborts.
    LingerZero,
    /// The RFC's ABORT: SO_LINGER {on, 0} and close() in one.
    Abort,
    /// getsockopt(SO_ERROR): the pending error, which is cleared by reading it.
    SoError,
    /// poll() for everything.
    Poll,
    /// The program ends: every descriptor of the host is closed.
    Exit,
    /// The host loses all state of its connections silently; listeners, clock and chosen ISNs stay.
    Reboot,
    /// setsockopt(SO_KEEPALIVE), on with TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT, or off.
    KeepAlive(Option<KeepAlive>),
    /// setsockopt(TCP_USER_TIMEOUT); none is the system's own way to give up.
    UserTimeout(Option<Span>),
    /// setsockopt(TCP_LINGER2): how long the connection may stay in FIN-WAIT-2 once it is an
    /// orphan; zero is the host's own time, none not at all (-1).
    Linger2(Option<Span>),
    /// setsockopt(SO_RCVBUF) on a connection, octets.
    ReceiveBuffer(u32),
}

packed!(enum Call {
    0 Listen { port, reuse_address, receive_buffer },
    1 Connect { local_port, remote_port, reuse_address },
    2 Accept,
    3 Send { data, more },
    4 Recv,
    5 ShutdownWrite,
    6 ShutdownRead,
    7 ShutdownBoth,
    8 Close,
    9 LingerZero,
    10 Abort,
    11 SoError,
    12 Poll,
    13 Exit,
    14 Reboot,
    15 KeepAlive(options),
    16 UserTimeout(timeout),
    17 Linger2(time),
    20 ReceiveBuffer(octets),
});

/// An error number of the socket API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(clippy::upper_case_acronyms)]
pub enum Errno {
    /// Nothing there yet.
    EAGAIN,
    /// The SYN is out, the answer will come.
    EINPROGRESS,
    /// The peer reset the connection.
    ECONNRESET,
    /// The peer refused the connection.
    ECONNREFUSED,
    /// Nobody can receive what is written.
    EPIPE,
    /// The peer didn't answer for too long.
    ETIMEDOUT,
    /// The local port is taken.
    EADDRINUSE,
    /// No local port is left for this peer.
    EADDRNOTAVAIL,
    /// There is no connection.
    ENOTCONN,
    /// There is no such descriptor.
    EBADF,
    /// The call makes no sense on this descriptor.
    EINVAL,
    /// The connection that accept() would have given was reset before.
    ECONNABORTED,
}

packed!(choice Errno);

impl Errno {
    /// All of them.
    pub const ALL: [Errno; 12] = [
        Errno::EAGAIN,
        Errno::EINPROGRESS,
        Errno::ECONNRESET,
        Errno::ECONNREFUSED,
        Errno::EPIPE,
        Errno::ETIMEDOUT,
        Errno::EADDRINUSE,
        Errno::EADDRNOTAVAIL,
        Errno::ENOTCONN,
        Errno::EBADF,
        Errno::EINVAL,
        Errno::ECONNABORTED,
    ];
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What poll() says of a descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Readiness {
    /// POLLIN: a read wouldn't block.
    pub input: bool,
    /// POLLOUT: a write wouldn't block.
    pub output: bool,
    /// POLLRDHUP: the peer won't send more.
    pub read_hangup: bool,
    /// POLLHUP: both directions are over.
    pub hangup: bool,
    /// POLLERR: an error is pending.
    pub error: bool,
}

packed!(Readiness { input, output, read_hangup, hangup, error });

/// What a call returned.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Returned {
    /// 0, or nothing to say.
    Done,
    /// A new descriptor (accept), or the descriptor that a successful listen made.
    Descriptor(Fd),
    /// How many octets send() took.
    Taken(u32),
    /// The octets that recv() returned, each with its origin.
    Octets(Vec<super::segment::Chunk>),
    /// recv() returned 0: end of file.
    EndOfFile,
    /// What poll() found.
    Ready(Readiness),
    /// The call failed. connect() on a non-blocking socket starts with EINPROGRESS.
    Failed(Errno),
}

packed!(enum Returned {
    0 Done,
    1 Descriptor(fd),
    2 Taken(octets),
    3 Octets(chunks),
    4 EndOfFile,
    5 Ready(readiness),
    6 Failed(errno),
});

impl Returned {
    /// The rule by which the call itself was refused. Other errors tell what happened before.
    #[must_use]
    pub fn refusal(&self) -> Option<Rule> {
        match self {
            Returned::Failed(Errno::EADDRINUSE) => Some(Rule::PortInUse),
            Returned::Failed(Errno::EADDRNOTAVAIL) => Some(Rule::FourTupleInUse),
            Returned::Failed(Errno::EPIPE) => Some(Rule::SendRefused),
            Returned::Failed(_)
            | Returned::Done
            | Returned::Descriptor(_)
            | Returned::Taken(_)
            | Returned::Octets(_)
            | Returned::EndOfFile
            | Returned::Ready(_) => None,
        }
    }
}

/// When a program accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Accepts {
    /// When the scenario calls accept().
    ByCall,
    /// As soon as a connection is established.
    Established,
    /// With the SYN: the RFC's passive OPEN, whose user has the connection from the start.
    AtSyn,
}

packed!(enum Accepts { 0 ByCall, 1 Established, 2 AtSyn });

/// What a host's program does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Application {
    /// It reads octets in the instant in which they come.
    pub reads: bool,
    /// When it accepts.
    pub accepts: Accepts,
    /// It closes in the instant in which it sees end of file.
    pub closes: bool,
}

packed!(Application { reads, accepts, closes });
