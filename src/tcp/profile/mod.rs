//! The switches in which real stacks differ from the RFC, and the stacks as sets of switches.
//!
//! The rows D01 to D30 are those of the profile table in PROTOCOL §18. A cell that nobody has
//! verified behaves as the RFC does and is listed by [`Base::unverified`].

mod stacks;
mod values;

use core::fmt;

use serde::{Deserialize, Serialize};

use super::seq::MOST_WINDOW;
use super::time::Span;
use crate::packed::packed;
use stacks::{freebsd, linux, linux49, macos, rfc793, rfc9293, smoltcp};

/// A value that a switch can take, with one text form.
pub trait Value: Sized {
    /// Reads the text form; `None` if it isn't one.
    fn read(text: &str) -> Option<Self>;
    /// Writes the text form.
    fn text(&self) -> String;
    /// What a reader expected, for an error message: the words, or the shape of a number.
    fn expected() -> String;
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        packed!(choice $name);

        impl $name {
            /// Every choice, in the order of the table.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
        }

        impl Value for $name {
            fn read(text: &str) -> Option<Self> {
                match text { $($word => Some($name::$variant),)+ _ => None }
            }
            fn text(&self) -> String {
                match self { $($name::$variant => $word),+ }.to_owned()
            }
            fn expected() -> String {
                [$($word),+].join(", ")
            }
        }
    };
}

choice! {
    /// A stack, or a text, that a profile starts from.
    Base {
        /// RFC 9293 with RFC 5961, as recommended.
        Rfc9293 = "rfc9293",
        /// RFC 793, the textbook of before 2010.
        Rfc793 = "rfc793",
        /// Linux 6.
        Linux = "linux",
        /// Linux 4.9, one of the last with tcp_tw_recycle.
        Linux49 = "linux-4.9",
        /// FreeBSD 14 and 15.
        FreeBsd = "freebsd",
        /// macOS.
        MacOs = "macos",
        /// smoltcp 0.14.
        Smoltcp = "smoltcp",
        /// RFC 9293 on a host that keeps no TIME-WAIT.
        NoTimeWait = "no-time-wait",
    }
}

choice! {
    /// What restarts the 2MSL timer (D02).
    TimeWaitRestart {
        /// A retransmitted FIN, and text in the window (RFC 9293 §3.10.7.4, fifth; PROTOCOL A01, A03).
        FinOrText = "fin-or-text",
        /// A retransmitted FIN only.
        Fin = "fin",
        /// Every segment that TIME-WAIT answers, SYNs included: the premise of PROTOCOL §8.6.
        Answered = "answered",
        /// Linux: every segment with an ACK bit except RST, and every one that fails PAWS.
        AnyAck = "any-ack",
        /// smoltcp: every unacceptable segment except RST.
        OutOfWindow = "out-of-window",
        /// Nothing.
        Nothing = "nothing",
    }
}

choice! {
    /// What TIME-WAIT looks at where neither a RST nor a new SYN came (PROTOCOL §8.2).
    TimeWaitCheck {
        /// The timestamp, the window, then the ACK, as every state does.
        Window = "window",
        /// FreeBSD tcp_twcheck: without an ACK nothing, and no answer to the last ACK once more;
        /// to all else an ACK.
        FreeBsd = "freebsd",
        /// XNU tcp_input: as in the window, and new text draws RST and ends TIME-WAIT.
        MacOs = "macos",
    }
}

choice! {
    /// What a RST does to TIME-WAIT (D03, RFC 1337).
    TimeWaitRst {
        /// Exactly at RCV.NXT it kills, elsewhere in the window it is challenged.
        Exact = "exact",
        /// Exactly at RCV.NXT it kills, elsewhere it's ignored.
        ExactSilent = "exact-silent",
        /// Anywhere in the window it kills.
        Window = "window",
        /// Always ignored (RFC 1337, fix F1).
        Ignored = "ignored",
        /// Ignored where it is exact, challenged elsewhere in the window.
        IgnoredChallenge = "ignored-challenge",
    }
}

choice! {
    /// What a SYN without ACK does to TIME-WAIT (D05, PROTOCOL §8.3).
    TimeWaitSyn {
        /// A challenge ACK, always.
        Challenge = "challenge",
        /// SEG.SEQ after RCV.NXT opens again, else an ACK.
        Greater = "greater",
        /// RFC 6191 §2: timestamps first, then numbers; silence where refused.
        Rfc6191 = "rfc6191",
        /// Linux: SEG.SEQ after RCV.NXT or a newer timestamp opens again, with an older timestamp
        /// nothing does; else an ACK.
        GreaterOrNewer = "greater-or-newer",
        /// FreeBSD: SEG.SEQ after RCV.NXT ends TIME-WAIT and goes to the listener, else silence.
        GreaterOrSilent = "greater-or-silent",
        /// As FreeBSD, with an ACK in place of silence.
        GreaterEnds = "greater-ends",
        /// macOS: only SEG.SEQ beyond the window ends TIME-WAIT and goes to the listener, else an ACK.
        BeyondWindow = "beyond-window",
        /// RFC 793: RST for a SYN in the window, an ACK for one outside.
        Rfc793 = "rfc793",
        /// Silence.
        Silent = "silent",
    }
}

choice! {
    /// The ISS of a connection that takes over a TIME-WAIT (D07).
    ReopenIss {
        /// The old SND.NXT + 65537, never 0.
        Step = "step",
        /// What the host's generator gives.
        Generator = "generator",
    }
}

choice! {
    /// A SYN in a synchronised state (D08).
    SynInConnection {
        /// A challenge ACK (RFC 5961 §4).
        Challenge = "challenge",
        /// In the window: RST, and the connection is gone (RFC 793).
        Rfc793 = "rfc793",
        /// Silence.
        Silent = "silent",
    }
}

choice! {
    /// Where SEG.SEQ of a RST must lie to be believed (D09).
    RstAcceptance {
        /// Exactly at RCV.NXT (RFC 5961 §3).
        Exact = "exact",
        /// Anywhere in the window (RFC 793).
        Window = "window",
        /// At RCV.NXT; one below it once the peer's FIN has come; at the edge of a SACK block.
        Linux = "linux",
        /// At RCV.NXT; at the edge of a SACK block: Linux before 4.11.
        ExactOrSack = "exact-or-sack",
        /// At the last ACK sent.
        LastAckSent = "last-ack-sent",
    }
}

choice! {
    /// Which SEG.ACK a synchronised state accepts (D11).
    AckAcceptance {
        /// Anything not after SND.NXT; old ones are ignored, the rest of the segment is used.
        Rfc793 = "rfc793",
        /// From SND.UNA − MAX.SND.WND to SND.NXT (RFC 5961 §5).
        Rfc5961 = "rfc5961",
        /// RFC 5961, but not for the next segment in order (header prediction, to 6.18).
        Linux = "linux",
        /// From SND.UNA to SND.NXT, checked before SEG.SEQ; older segments are dropped whole.
        Smoltcp = "smoltcp",
    }
}

choice! {
    /// Which segments pass the first check of SEGMENT ARRIVES, and what is used of the others (D12).
    SequenceCheck {
        /// Table 6 of RFC 9293 §3.10.7.4, nothing used of an unacceptable segment.
        Table = "table",
        /// Table 6; the ACK of a segment that ends at RCV.NXT is used (RFC 9293 A.2).
        TableUseAck = "table-use-ack",
        /// Table 6; the ACK of all that lies before the window is used. What fails PAWS draws an
        /// ACK only where it has text.
        Bsd = "bsd",
        /// From the last ACK sent to the right edge of the window, inclusive.
        Linux = "linux",
        /// Table 6 with the text alone: SYN and FIN take no number, and the window is as last told.
        Smoltcp = "smoltcp",
    }
}

choice! {
    /// What a host does where a program gives up what could still come: close() with octets unread
    /// (D13), text after close() (D14), SO_LINGER zero in CLOSING and LAST-ACK (D15).
    Answer {
        /// As the RFC's simplex close: a FIN, an ACK for the text, and nothing at all.
        Simplex = "simplex",
        /// RST: nobody will read it.
        Rst = "rst",
    }
}

choice! {
    /// Which ACKs carry our FIN once more while it isn't acknowledged.
    FinInAcks {
        /// None.
        Never = "never",
        /// All but those that challenge a RST or a SYN: FreeBSD.
        NotInChallenges = "not-in-challenges",
        /// All: macOS.
        Always = "always",
    }
}

choice! {
    /// What is kept of a SYN until its sender is connected.
    OpenRequests {
        /// A connection in SYN-RECEIVED, with the text and the FIN of the SYN.
        Connections = "connections",
        /// FreeBSD's syncache: a listener keeps a note, without text, which outlives it; a SYN,ACK
        /// draws nothing from it. Where SYNs cross, the text of the other one is kept, its FIN lost.
        Syncache = "syncache",
    }
}

choice! {
    /// The answer to a duplicate SYN in SYN-RECEIVED (D21). With Linux's `sequence-check` a passive
    /// open sends SYN,ACK again whatever stands here.
    DuplicateSyn {
        /// As the text says (PROTOCOL A05): what `syn-in-connection` says, an ACK or silence.
        Ack = "ack",
        /// SYN,ACK again.
        SynAck = "syn-ack",
        /// Silence, as smoltcp.
        Silent = "silent",
    }
}

choice! {
    /// The answer to an unacceptable ACK in SYN-SENT (D22).
    BadAck {
        /// RST.
        Rst = "rst",
        /// RST, and the SYN at once again, once.
        RstAndSyn = "rst-and-syn",
        /// RST for an ACK or a SYN,ACK; a FIN is ignored.
        Smoltcp = "smoltcp",
    }
}

choice! {
    /// How the retransmission timeout comes about (D24).
    RtoRule {
        /// The initial value, doubled at each expiry.
        Fixed = "fixed",
        /// RFC 6298.
        Rfc6298 = "rfc6298",
        /// RFC 6298 with the minimum as a floor of the variance.
        Linux = "linux",
        /// RFC 6298 in milliseconds, one segment timed at a time; the back-off lasts until a new
        /// segment is timed, and a SYN sent again leaves no 3 s behind.
        Smoltcp = "smoltcp",
        /// RFC 6298 with 200 ms more after each doubling, but for a SYN sent for the first time.
        FreeBsd = "freebsd",
        /// RFC 6298 with 200 ms more after each doubling, but for a SYN.
        MacOs = "macos",
    }
}

choice! {
    /// What an expired retransmission timeout sends again.
    Resend {
        /// The first segment that isn't acknowledged (RFC 6298 §5.4).
        First = "first",
        /// Everything that isn't acknowledged, cut anew (go-back-N).
        All = "all",
    }
}

choice! {
    /// Which ACKs a host with delayed ACKs sends at once.
    AckRule {
        /// Linux: the first ones, sixteen at most, and only until the program answers; as many
        /// again after a pause, or where something old shows that an ACK was lost.
        Linux = "linux",
        /// Those of more than a full segment, and of a FIN that comes alone.
        Smoltcp = "smoltcp",
        /// FreeBSD: those for text while another ACK waits already, or for more than a full segment,
        /// and for a FIN.
        FreeBsd = "freebsd",
    }
}

choice! {
    /// Whether connect() may take over a TIME-WAIT (D26, Linux tcp_tw_reuse).
    TwReuse {
        /// Never.
        Off = "off",
        /// With timestamps, after the delay.
        On = "on",
        /// As on, for loopback only: in this lab never.
        Loopback = "loopback",
    }
}

choice! {
    /// Whether a host remembers the last timestamp of each remote address, keeps TIME-WAIT for 3.5
    /// timeouts only, and refuses SYNs with an older timestamp (Linux tcp_tw_recycle, to 4.11;
    /// PROTOCOL §12.3).
    TwRecycle {
        /// No.
        Off = "off",
        /// As from 3.17 on (commit a26552afe894): SYNs without timestamps are refused, too.
        On = "on",
        /// As up to 3.16: SYNs without timestamps pass.
        Stamped = "stamped",
    }
}

choice! {
    /// What the program is told of a RST (D29).
    ResetErrors {
        /// ECONNREFUSED to who opens actively, in SYN-SENT and SYN-RECEIVED; ECONNRESET to
        /// ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2 and CLOSE-WAIT; nothing later.
        Rfc = "rfc",
        /// ECONNREFUSED in SYN-SENT, EPIPE in CLOSE-WAIT, else ECONNRESET, in CLOSING and LAST-ACK
        /// too.
        Linux = "linux",
        /// As the RFC, and ECONNRESET in CLOSING and LAST-ACK.
        FreeBsd = "freebsd",
    }
}

choice! {
    /// What becomes of a connection that is reset before accept() took it.
    UnacceptedReset {
        /// It leaves the queue, and accept() knows nothing of it.
        Forgotten = "forgotten",
        /// It stays there: accept() gives it, and recv() what had come, then the error.
        Kept = "kept",
        /// It stays there, and makes accept() fail once, with ECONNABORTED.
        Aborts = "aborts",
    }
}

choice! {
    /// Where initial sequence numbers come from (D27).
    Isn {
        /// 1, 64001, 128001, …: the counter of early BSD.
        Counter = "counter",
        /// A clock of 4 µs and a keyed hash of the 4-tuple (RFC 9293 §3.4.1).
        Clock4us = "clock-4us",
        /// A clock of 64 ns and a keyed hash of the 4-tuple (Linux).
        Clock64ns = "clock-64ns",
        /// A random number from the seed.
        Random = "random",
    }
}

/// A range of ports, both ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ports {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

packed!(Ports { first, last });

impl Value for Ports {
    fn read(text: &str) -> Option<Ports> {
        let (first, last) = text.split_once('-')?;
        let port = |t: &str| u32::read(t).and_then(|p| u16::try_from(p).ok());
        let ports = Ports { first: port(first)?, last: port(last)? };
        (ports.first > 0 && ports.first <= ports.last).then_some(ports)
    }
    fn text(&self) -> String {
        format!("{}-{}", self.first, self.last)
    }
    fn expected() -> String {
        "32768-60999".to_owned()
    }
}

macro_rules! switches {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $word:literal),+ $(,)?) => {
        /// How one host's TCP behaves. Spans are microseconds, windows and MSS octets.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub struct Profile {
            /// What it starts from.
            pub base: Base,
            $($(#[$doc])* pub $field: $type),+
        }

        packed!(Profile { base, $($field),+ });

        /// The name of one switch.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[allow(non_camel_case_types)]
        pub enum Switch { $($(#[$doc])* $field),+ }

        impl Switch {
            /// Every switch, in the order of the table.
            pub const ALL: &'static [Switch] = &[$(Switch::$field),+];

            /// Its name in the text form of a scenario.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Switch::$field => $word),+ }
            }

            /// The switch of that name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Switch> {
                match name { $($word => Some(Switch::$field),)+ _ => None }
            }

            /// The values that it takes, for an error message.
            #[must_use]
            pub fn expected(self) -> String {
                if self == Switch::window {
                    return format!("0..{MOST_WINDOW}");
                }
                match self { $(Switch::$field => <$type as Value>::expected()),+ }
            }
        }

        impl Profile {
            /// The value of a switch as text.
            #[must_use]
            pub fn get(&self, switch: Switch) -> String {
                match switch { $(Switch::$field => self.$field.text()),+ }
            }

            /// Sets a switch from text; `false`, and nothing set, if it isn't one of its values.
            #[must_use]
            pub fn set(&mut self, switch: Switch, text: &str) -> bool {
                if switch == Switch::window && u32::read(text) > Some(MOST_WINDOW) {
                    return false;
                }
                match switch {
                    $(Switch::$field => match <$type as Value>::read(text) {
                        Some(value) => { self.$field = value; true }
                        None => false,
                    }),+
                }
            }
        }
    };
}

switches! {
    /// D01: how long TIME-WAIT lasts (2MSL); none: the connection is forgotten at once.
    time_wait: Option<Span> = "time-wait",
    /// D30: how many TIME-WAITs, and orphans in FIN-WAIT-2, the host keeps (tcp_max_tw_buckets).
    max_time_wait: Option<u32> = "max-time-wait",
    /// D02: what restarts it.
    time_wait_restart: TimeWaitRestart = "time-wait-restart",
    /// What it looks at in what is neither a RST nor a new SYN.
    time_wait_check: TimeWaitCheck = "time-wait-check",
    /// D03: what a RST does to it.
    time_wait_rst: TimeWaitRst = "time-wait-rst",
    /// D04: whether a RST with an old timestamp is ignored there, for 60 s after TS.Recent was set.
    time_wait_paws_rst: bool = "time-wait-paws-rst",
    /// D05: what a SYN does to it.
    time_wait_syn: TimeWaitSyn = "time-wait-syn",
    /// D06: whether TIME-WAIT comes back when that SYN proves to be old.
    time_wait_return: bool = "time-wait-return",
    /// D07: the ISS after a takeover.
    reopen_iss: ReopenIss = "reopen-iss",
    /// D08: a SYN in a synchronised state.
    syn_in_connection: SynInConnection = "syn-in-connection",
    /// D09: which RST is believed.
    rst_acceptance: RstAcceptance = "rst-acceptance",
    /// D10: whether a RST in the window that isn't exact draws a challenge ACK.
    rst_challenge: bool = "rst-challenge",
    /// D11: which ACK is acceptable.
    ack_acceptance: AckAcceptance = "ack-acceptance",
    /// D12: which segment is acceptable.
    sequence_check: SequenceCheck = "sequence-check",
    /// D13: close() with octets unread.
    close_unread: Answer = "close-unread",
    /// D14: octets that arrive after close().
    data_after_close: Answer = "data-after-close",
    /// D15: SO_LINGER zero and close() in CLOSING and LAST-ACK.
    late_linger: Answer = "late-linger",
    /// D16: whether the RST of an abort carries an ACK.
    abort_ack: bool = "abort-ack",
    /// D15: whether ABORT in SYN-SENT and TIME-WAIT, and CLOSE in SYN-SENT, send RST; CLOSING and
    /// LAST-ACK obey `late-linger`.
    abort_always: bool = "abort-always",
    /// D17: how long an orphan stays in FIN-WAIT-2; none: for ever.
    fin_wait_2: Option<Span> = "fin-wait-2",
    /// D18: an orphan in FIN-WAIT-2 is a mini-socket: any RST in the window kills it, text and an
    /// early FIN draw RST.
    fin_wait_2_mini: bool = "fin-wait-2-mini",
    /// Which ACKs carry our FIN once more.
    fin_in_acks: FinInAcks = "fin-in-acks",
    /// D19: whether a FIN is accepted where the window is zero.
    zero_window_fin: bool = "zero-window-fin",
    /// D20: whether a FIN beyond a gap is kept.
    early_fin: bool = "early-fin",
    /// What is kept of a SYN until its sender is connected.
    open_requests: OpenRequests = "open-requests",
    /// D21: a duplicate SYN in SYN-RECEIVED.
    duplicate_syn: DuplicateSyn = "duplicate-syn",
    /// D22: an unacceptable ACK in SYN-SENT.
    bad_ack: BadAck = "bad-ack",
    /// D23: whether a duplicate ACK in LAST-ACK is answered.
    last_ack_answers: bool = "last-ack-answers",
    /// D24: how the retransmission timeout comes about.
    rto: RtoRule = "rto",
    /// D24: the timeout before anything is measured.
    rto_initial: Span = "rto-initial",
    /// D24: its minimum.
    rto_min: Span = "rto-min",
    /// D24: its maximum.
    rto_max: Span = "rto-max",
    /// What is sent again when it expires.
    resend: Resend = "resend",
    /// Whether the third duplicate ACK sends the first segment again (RFC 5681 §3.2).
    fast_resend: bool = "fast-resend",
    /// D25: how often a SYN is sent again; none: for ever.
    syn_retries: Option<u32> = "syn-retries",
    /// How many of the SYN's first timeouts aren't doubled.
    syn_linear: u32 = "syn-linear",
    /// How long connect() goes on; none: as long as SYNs are sent.
    connect_timeout: Option<Span> = "connect-timeout",
    /// D25: how often a SYN,ACK is sent again.
    syn_ack_retries: Option<u32> = "syn-ack-retries",
    /// D25: how often data and FIN are sent again while a descriptor is open.
    retries: Option<u32> = "retries",
    /// D25: how often they are sent again by an orphan.
    orphan_retries: Option<u32> = "orphan-retries",
    /// Whether a connection looks if its peer is still there, without being asked to
    /// (SO_KEEPALIVE, RFC 9293 §3.8.4).
    keep_alive: bool = "keep-alive",
    /// How long nothing must have been heard before it does.
    keep_alive_idle: Span = "keep-alive-idle",
    /// How long after an unanswered probe the next one leaves.
    keep_alive_interval: Span = "keep-alive-interval",
    /// How many probes may stay without an answer; none: any number.
    keep_alive_count: Option<u32> = "keep-alive-count",
    /// How long what is sent may stay without an acknowledgment (RFC 5482); none: until `retries`
    /// are used up.
    user_timeout: Option<Span> = "user-timeout",
    /// D26: whether connect() may take over a TIME-WAIT.
    tw_reuse: TwReuse = "tw-reuse",
    /// D26: how long after the entry into TIME-WAIT, restarts not counted.
    tw_reuse_delay: Span = "tw-reuse-delay",
    /// Whether TIME-WAIT is cut short and old timestamps of the peer's address refuse a SYN.
    tw_recycle: TwRecycle = "tw-recycle",
    /// D26: whether a port bound explicitly takes over at once, timestamps provided.
    bind_over_time_wait: bool = "bind-over-time-wait",
    /// D26: whether the SYN of such a takeover echoes the timestamp that was remembered.
    syn_echo: bool = "syn-echo",
    /// Whether connect() may use the port of a listener, where both have SO_REUSEADDR.
    port_beside_listener: bool = "port-beside-listener",
    /// D27: initial sequence numbers.
    isn: Isn = "isn",
    /// D27: the secret of the generator, or its seed.
    isn_secret: u32 = "isn-secret",
    /// D28: the ephemeral ports.
    ephemeral_ports: Ports = "ephemeral-ports",
    /// D29: what the program is told of a RST.
    reset_errors: ResetErrors = "reset-errors",
    /// What becomes of a connection that is reset before accept() took it.
    unaccepted_reset: UnacceptedReset = "unaccepted-reset",
    /// The least time between two challenge ACKs, or answers to empty unacceptable segments.
    challenge_limit: Option<Span> = "challenge-limit",
    /// Whether it limits the answers to all that carries no text, a FIN included.
    limit_fin: bool = "limit-fin",
    /// Timestamps and PAWS (RFC 7323), where both ends have them.
    timestamps: bool = "timestamps",
    /// How long an ACK may wait for company; none: not at all. By Linux's rule this is the least:
    /// the wait follows what comes, up to 200 ms.
    delayed_ack: Option<Span> = "delayed-ack",
    /// Which ACKs don't wait.
    ack_rule: AckRule = "ack-rule",
    /// SACK (RFC 2018) and resending by it (RACK), where both ends have it.
    sack: bool = "sack",
    /// The tail-loss probe; it needs SACK.
    tail_loss_probe: bool = "tail-loss-probe",
    /// Nagle's algorithm.
    nagle: bool = "nagle",
    /// Whether an ACK that is due takes the text along that Nagle's algorithm holds back.
    ack_takes_text: bool = "ack-takes-text",
    /// Whether a closed window is probed.
    window_probe: bool = "window-probe",
    /// Whether a read that opens a closed window tells the peer.
    window_update: bool = "window-update",
    /// The receive buffer: RCV.WND is this less what is unread. At most [`MOST_WINDOW`]; more is
    /// taken for that.
    window: u32 = "window",
    /// The maximum segment size offered to the peer and kept to.
    mss: u32 = "mss",
}

impl Profile {
    /// The profile of a stack, with every switch as that stack has it.
    #[must_use]
    pub fn new(base: Base) -> Profile {
        match base {
            Base::Rfc9293 => rfc9293(),
            Base::Rfc793 => rfc793(),
            Base::Linux => linux(),
            Base::Linux49 => linux49(),
            Base::FreeBsd => freebsd(),
            Base::MacOs => macos(),
            Base::Smoltcp => smoltcp(),
            Base::NoTimeWait => Profile { base, time_wait: None, ..rfc9293() },
        }
    }

    /// The switches that differ from the profile's base.
    #[must_use]
    pub fn changed(&self) -> Vec<Switch> {
        let base = Profile::new(self.base);
        Switch::ALL.iter().copied().filter(|s| self.get(*s) != base.get(*s)).collect()
    }
}

impl Base {
    /// The switches whose value on that stack nobody has verified: they behave as the RFC, or as
    /// remembered, and no text states them as a fact (PROTOCOL §18).
    #[must_use]
    pub fn unverified(self) -> &'static [Switch] {
        match self {
            // RACK had no timer for reordering then, the tail-loss probe another delay; old ACKs
            // while closing and the first ACKs of a connection weren't treated as today's.
            Base::Linux49 => &[
                Switch::ack_acceptance,
                Switch::delayed_ack,
                Switch::ack_rule,
                Switch::sack,
                Switch::tail_loss_probe,
            ],
            Base::FreeBsd => &[Switch::ack_acceptance],
            Base::MacOs => &[Switch::delayed_ack],
            Base::Rfc9293 | Base::Rfc793 | Base::Linux | Base::Smoltcp | Base::NoTimeWait => &[],
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_reads_back_what_it_prints_on_every_profile() {
        for base in Base::ALL {
            let profile = Profile::new(*base);
            assert_eq!(profile.base, *base);
            let mut copy = Profile { base: *base, ..Profile::new(Base::Rfc9293) };
            for switch in Switch::ALL {
                assert_eq!(Switch::parse(switch.name()), Some(*switch));
                assert!(copy.set(*switch, &profile.get(*switch)), "{}", switch.name());
                assert!(!copy.set(*switch, "no such value"), "{}", switch.name());
            }
            assert_eq!(copy, profile);
            assert!(profile.changed().is_empty());
        }
    }
}
