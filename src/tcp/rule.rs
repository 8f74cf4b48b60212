//! The rules: why something happened, each with its authority.
//!
//! Every event of a trace names one. The sentences that a person reads are written per rule, so
//! the explanation is the name of the behaviour and can't drift from it.

use serde::{Deserialize, Serialize};

use crate::packed::packed;

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident = $name:literal, $citation:literal;)+) => {
        /// A rule that decides something.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Rule { $($(#[$doc])* $rule),+ }

        packed!(choice Rule);

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$rule),+];

            /// Its name in traces and in the texts.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Rule::$rule => $name),+ }
            }

            /// The rule of that name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Rule> {
                match name { $($name => Some(Rule::$rule),)+ _ => None }
            }

            /// Where it stands: an RFC with its section, or the stack that does so; ≠ where it goes
            /// against the RFC, # for the word "step".
            #[must_use]
            pub fn citation(self) -> &'static str {
                match self { $(Rule::$rule => $citation),+ }
            }
        }
    };
}

rules! {
    /// A program called.
    Call = "call", "RFC 9293 §3.9.1";
    /// A call is refused: a socket of this host has the port.
    PortInUse = "port-in-use", "RFC 9293 §3.9.1.1";
    /// A call is refused: there is a connection with these addresses and ports, or no port is free.
    FourTupleInUse = "four-tuple-in-use", "RFC 9293 §3.10.1";
    /// A call is refused: nothing can be sent on this connection.
    SendRefused = "send-refused", "RFC 9293 §3.10.2";
    /// The program does this by itself.
    Application = "application", "RFC 9293 §3.9.1";
    /// A connection comes to be.
    Open = "open", "RFC 9293 §3.3.1";
    /// connect() sends the SYN.
    ActiveOpen = "active-open", "RFC 9293 §3.10.1";
    /// The host loses all state.
    Reboot = "reboot", "RFC 9293 §3.5.1";

    /// Is there a connection or a listener?
    FourTuple = "four-tuple", "RFC 9293 §3.10.7";
    /// No connection: RST.
    ClosedReset = "closed-reset", "RFC 9293 §3.10.7.1";
    /// No connection: a RST is dropped.
    ClosedRst = "closed-rst", "RFC 9293 §3.10.7.1";
    /// A listener ignores a RST.
    ListenRst = "listen-rst", "RFC 9293 §3.10.7.2, # 1";
    /// A listener answers an ACK with RST.
    ListenAck = "listen-ack", "RFC 9293 §3.10.7.2, # 2";
    /// A listener drops a SYN,ACK.
    ListenSynAck = "listen-syn-ack", "≠ RFC 9293 §3.10.7.2, # 2; FreeBSD tcp-testsuite";
    /// The listener is gone, and a note of the syncache is nothing to the segment.
    SyncacheAlone = "syncache-alone", "FreeBSD syncache_timer";
    /// A listener answers a SYN with SYN,ACK.
    SynArrived = "syn-arrived", "RFC 9293 §3.10.7.2, # 3";
    /// A listener drops everything else.
    ListenIgnores = "listen-ignores", "RFC 9293 §3.10.7.2, # 4";
    /// SYN-SENT checks the ACK.
    SynSentAck = "syn-sent-ack", "RFC 9293 §3.10.7.3, # 1";
    /// A RST with an unacceptable ACK is dropped in SYN-SENT.
    RstBadAck = "rst-bad-ack", "RFC 9293 §3.10.7.3, # 1";
    /// A RST without ACK is dropped in SYN-SENT.
    RstWithoutAck = "rst-without-ack", "RFC 9293 §3.10.7.3, # 2";
    /// The peer refuses the connection.
    Refused = "refused", "RFC 9293 §3.10.7.3, # 2";
    /// SYN,ACK completes the open.
    SynAckArrived = "syn-ack-arrived", "RFC 9293 §3.10.7.3, # 4";
    /// SYNs crossed.
    SimultaneousOpen = "simultaneous-open", "RFC 9293 §3.10.7.3, # 4; RFC 9293 §3.5";
    /// Neither SYN nor RST: dropped in SYN-SENT.
    SynSentIgnores = "syn-sent-ignores", "RFC 9293 §3.10.7.3, # 5";
    /// An unacceptable ACK before the connection is synchronised draws RST.
    BadAckReset = "bad-ack-reset", "RFC 9293 §3.5.2";
    /// Linux sends its SYN again at once after that RST.
    SynAtOnce = "syn-at-once", "Linux tcp_rcv_synsent_state_process";

    /// PAWS.
    Paws = "paws", "RFC 7323 §5.3";
    /// A segment that fails PAWS draws an ACK.
    PawsAck = "paws-ack", "RFC 7323 §5.3, R1";
    /// A segment without text that fails PAWS is dropped.
    PawsSilent = "paws-silent", "≠ RFC 7323 §5.3, R1; FreeBSD; XNU tcp_input";
    /// A RST with an old timestamp is ignored in TIME-WAIT.
    PawsRst = "paws-rst", "Linux tcp_timewait_state_process";
    /// A segment without the timestamps that were agreed on is dropped.
    TimestampMissing = "timestamp-missing", "RFC 7323 §3.2";
    /// The first check.
    SequenceAcceptable = "sequence-acceptable", "RFC 9293 §3.10.7.4, # 1";
    /// An ACK carries the FIN once more.
    FinInAck = "fin-in-ack", "FreeBSD tcp_output; XNU tcp_output";
    /// An unacceptable segment draws an ACK.
    UnacceptableAck = "unacceptable-ack", "RFC 9293 §3.10.7.4, # 1";
    /// A RST outside the window is dropped.
    RstOutsideWindow = "rst-outside-window", "RFC 9293 §3.10.7.4, # 2";
    /// Whether a RST is believed.
    RstAcceptable = "rst-acceptable", "RFC 9293 §3.10.7.4, # 2; RFC 5961 §3.2";
    /// A RST that isn't exact draws a challenge ACK.
    RstChallenge = "rst-challenge", "RFC 5961 §3.2";
    /// A RST that isn't exact is ignored.
    RstIgnored = "rst-ignored", "Linux tcp_timewait_state_process";
    /// A RST ends the connection, and the program is told.
    Reset = "reset", "RFC 9293 §3.10.7.4, # 2";
    /// A RST ends the connection, and nobody is told.
    ResetSilent = "reset-silent", "RFC 9293 §3.10.7.4, # 2";
    /// A RST sends a passive connection back to LISTEN.
    ResetToListen = "reset-to-listen", "RFC 9293 §3.10.7.4, # 2";
    /// A RST refuses an active connection.
    ResetRefused = "reset-refused", "RFC 9293 §3.10.7.4, # 2";
    /// Whether a SYN is believed.
    SynAcceptable = "syn-acceptable", "RFC 9293 §3.10.7.4, # 4";
    /// A SYN draws a challenge ACK.
    SynChallenge = "syn-challenge", "RFC 9293 §3.10.7.4, # 4; RFC 5961 §4.2";
    /// A SYN in the window draws RST and ends the connection.
    SynReset = "syn-reset", "RFC 793 §3.9, p. 71";
    /// A SYN in the window sends a passive connection back to LISTEN.
    SynToListen = "syn-to-listen", "RFC 9293 §3.10.7.4, # 4";
    /// A SYN is ignored.
    SynIgnored = "syn-ignored", "smoltcp";
    /// A duplicate SYN draws the SYN,ACK again.
    DuplicateSynAgain = "duplicate-syn-again", "Linux; FreeBSD; macOS";
    /// A segment without ACK is dropped.
    AckMissing = "ack-missing", "RFC 9293 §3.10.7.4, # 5";
    /// The ACK establishes the connection.
    SynAcked = "syn-acked", "RFC 9293 §3.10.7.4, # 5";
    /// Whether an ACK is acceptable.
    AckAcceptable = "ack-acceptable", "RFC 9293 §3.10.7.4, # 5; RFC 5961 §5.2";
    /// An unacceptable ACK draws an ACK.
    AckChallenge = "ack-challenge", "RFC 9293 §3.10.7.4, # 5; RFC 5961 §5.2";
    /// An old ACK is dropped with all that it carries.
    OldAckDropped = "old-ack-dropped", "smoltcp";
    /// No second challenge ACK so soon.
    ChallengeLimit = "challenge-limit", "RFC 5961 §7";
    /// Our FIN is acknowledged.
    FinAcked = "fin-acked", "RFC 9293 §3.10.7.4, # 5";
    /// The FINs crossed and ours is acknowledged.
    ClosingDone = "closing-done", "RFC 9293 §3.10.7.4, # 5";
    /// The last ACK arrived.
    LastAckDone = "last-ack-done", "RFC 9293 §3.10.7.4, # 5";
    /// A duplicate ACK in LAST-ACK is answered.
    LastAckAgain = "last-ack-again", "smoltcp";

    /// Text in order.
    TextInOrder = "text-in-order", "RFC 9293 §3.10.7.4, # 7";
    /// Text beyond a gap is kept.
    TextQueued = "text-queued", "RFC 9293 §3.10.7.4, # 7; SHLD-31";
    /// A FIN beyond a gap is kept.
    FinQueued = "fin-queued", "RFC 9293 §3.10.7.4, # 7; SHLD-31";
    /// Text is acknowledged.
    TextAck = "text-ack", "RFC 9293 §3.10.7.4, # 7";
    /// Nothing new in order: an ACK at once.
    DuplicateAck = "duplicate-ack", "RFC 9293 §3.10.7.4, # 7; MAY-13";
    /// No memory for text: it's refused, with a closed window.
    BufferFull = "buffer-full", "Linux tcp_try_rmem_schedule";
    /// An ACK waits for company.
    DelayedAck = "delayed-ack", "RFC 9293 §3.8.6.3";
    /// Text after the peer's FIN is ignored.
    TextAfterFin = "text-after-fin", "RFC 9293 §3.10.7.4, # 7";
    /// Text for a program that has closed draws RST.
    TextAfterClose = "text-after-close", "RFC 9293 §3.6.1; SHLD-3";
    /// The peer's FIN takes effect.
    FinArrived = "fin-arrived", "RFC 9293 §3.10.7.4, # 8";
    /// The FINs crossed.
    FinsCrossed = "fins-crossed", "RFC 9293 §3.10.7.4, # 8";
    /// A read opened the window.
    WindowUpdate = "window-update", "RFC 9293 §3.8.6.2.2";

    /// Text is sent.
    SendText = "send-text", "RFC 9293 §3.10.2";
    /// The FIN is sent.
    SendFin = "send-fin", "RFC 9293 §3.10.4";
    /// CLOSE in SYN-SENT.
    CloseSynSent = "close-syn-sent", "RFC 9293 §3.10.4";
    /// CLOSE in SYN-RECEIVED.
    CloseSynReceived = "close-syn-received", "RFC 9293 §3.10.4";
    /// CLOSE in ESTABLISHED.
    CloseEstablished = "close-established", "RFC 9293 §3.10.4";
    /// CLOSE in CLOSE-WAIT.
    CloseCloseWait = "close-close-wait", "RFC 9293 §3.10.4";
    /// close() with octets unread.
    CloseUnread = "close-unread", "RFC 9293 §3.6.1, SHLD-3; RFC 2525 §2.17";
    /// close() of a listener resets what nobody accepted.
    CloseListener = "close-listener", "RFC 9293 §3.10.5";
    /// ABORT sends RST.
    Abort = "abort", "RFC 9293 §3.10.5";
    /// ABORT sends nothing.
    AbortSilent = "abort-silent", "RFC 9293 §3.10.5";

    /// The retransmission timer starts.
    RtoStart = "rto-start", "RFC 6298 §5.1";
    /// It starts anew, or stops.
    RtoRestart = "rto-restart", "RFC 6298 §5.2, §5.3";
    /// It expired: the first unacknowledged segment goes again.
    RtoExpired = "rto-expired", "RFC 9293 §3.10.8; RFC 6298 §5.4";
    /// It doubles.
    RtoBackOff = "rto-back-off", "RFC 6298 §5.5";
    /// connect() has taken too long.
    ConnectTimeout = "connect-timeout", "FreeBSD tcp_timer_keep; XNU tcp_timers";
    /// Too many retransmissions.
    GiveUp = "give-up", "RFC 9293 §3.8.3; §3.10.8";
    /// The last segment goes again before the timeout.
    TailLossProbe = "tail-loss-probe", "RFC 8985 §7";
    /// A hole below what was selectively acknowledged goes again.
    SackResend = "sack-resend", "RFC 8985 §6";
    /// The third duplicate ACK: the first unacknowledged segment again.
    FastResend = "fast-resend", "RFC 5681 §3.2";
    /// A closed window is probed.
    WindowProbe = "window-probe", "RFC 9293 §3.8.6.1";

    /// Nothing was heard for long: the keep-alive timer.
    KeepAliveStart = "keep-alive-start", "RFC 9293 §3.8.4";
    /// The peer is asked whether it's still there.
    KeepAliveProbe = "keep-alive-probe", "RFC 9293 §3.8.4";
    /// Too many probes without an answer: RST, and the connection is over.
    KeepAliveOver = "keep-alive-over", "Linux tcp_keepalive_timer";
    /// The program's own patience is over.
    UserTimeout = "user-timeout", "RFC 9293 §3.10.8; RFC 5482";

    /// TIME-WAIT starts.
    TimeWaitStart = "time-wait-start", "RFC 9293 §3.10.7.4; MUST-13";
    /// This host keeps no TIME-WAIT.
    TimeWaitNone = "time-wait-none", "≠ RFC 9293 §3.6.1, MUST-13";
    /// No room for one more TIME-WAIT.
    TimeWaitTableFull = "time-wait-table-full", "Linux tcp_max_tw_buckets";
    /// 2MSL is over.
    TimeWaitOver = "time-wait-over", "RFC 9293 §3.10.8";
    /// The FIN came again: ACK.
    TimeWaitFinAgain = "time-wait-fin-again", "RFC 9293 §3.10.7.4, # 8";
    /// 2MSL starts anew.
    TimeWaitRestart = "time-wait-restart", "RFC 9293 §3.10.7.4, # 8";
    /// Linux restarts on any segment with an ACK.
    TimeWaitRestartAnyAck = "time-wait-restart-any-ack", "Linux tcp_timewait_state_process";
    /// An old segment draws an ACK.
    TimeWaitOld = "time-wait-old", "RFC 9293 §3.10.7.4, # 1";
    /// Text in the window draws an ACK.
    TimeWaitText = "time-wait-text", "RFC 9293 §3.10.7.4, # 5";
    /// FreeBSD answers what isn't the last ACK once more.
    TimeWaitOther = "time-wait-other", "FreeBSD tcp_twcheck";
    /// macOS answers new text with RST and forgets TIME-WAIT.
    TimeWaitTextReset = "time-wait-text-reset", "≠ RFC 9293 §3.10.7.4, # 7; XNU tcp_input";
    /// A bare ACK isn't answered.
    TimeWaitBareAck = "time-wait-bare-ack", "RFC 9293 §3.10.7.4, # 7";
    /// A RST kills TIME-WAIT.
    TimeWaitAssassinated = "time-wait-assassinated", "RFC 9293 §3.10.7.4, # 2; RFC 1337";
    /// TIME-WAIT ignores the RST.
    TimeWaitKeeps = "time-wait-keeps", "RFC 1337, F1";
    /// Whether a SYN may open again.
    TimeWaitSynTest = "time-wait-syn-test", "RFC 9293 §3.6.1, MAY-2; RFC 6191 §2";
    /// A SYN is refused with an ACK.
    TimeWaitSynRefused = "time-wait-syn-refused", "RFC 9293 §3.10.7.4, # 4";
    /// A SYN is refused with silence.
    TimeWaitSynSilent = "time-wait-syn-silent", "RFC 6191 §2";
    /// A SYN takes TIME-WAIT over.
    TimeWaitReopened = "time-wait-reopened", "RFC 9293 §3.6.1, MAY-2";
    /// That SYN was old: TIME-WAIT comes back.
    TimeWaitReturns = "time-wait-returns", "RFC 9293 §3.6.1, MAY-2 (2)";
    /// connect() takes TIME-WAIT over.
    TimeWaitTakenOver = "time-wait-taken-over", "Linux tcp_tw_reuse";
    /// TIME-WAIT is short: the peer's timestamp is remembered instead.
    TimeWaitRecycled = "time-wait-recycled", "≠ RFC 9293 §3.6.1, MUST-13; Linux tcp_tw_recycle";
    /// Whether the timestamp of a SYN is older than the last one from its address.
    PeerTimestamp = "peer-timestamp", "Linux tcp_tw_recycle; RFC 1323 §B.2";
    /// That SYN isn't answered.
    PeerTimestampOld = "peer-timestamp-old", "Linux tcp_tw_recycle";
    /// Nor is one without a timestamp.
    PeerTimestampMissing = "peer-timestamp-missing", "Linux tcp_tw_recycle, 3.17 to 4.11";
    /// An orphan's FIN-WAIT-2 is limited.
    FinWait2Start = "fin-wait-2-start", "Linux tcp_fin_timeout";
    /// An orphan's FIN-WAIT-2 is over.
    FinWait2Over = "fin-wait-2-over", "Linux tcp_fin_timeout";
    /// The program wants no FIN-WAIT-2 after its close(): RST.
    Linger2None = "linger2-none", "Linux TCP_LINGER2";

    /// It travelled for the wire's delay.
    WireArrival = "wire-arrival", "RFC 9293 §2.2";
    /// The network lost it.
    WireDrop = "wire-drop", "RFC 9293 §2.2";
    /// The network held it up.
    WireDelay = "wire-delay", "RFC 9293 §2.2";
    /// The network doubled it.
    WireDuplicate = "wire-duplicate", "RFC 9293 §2.2";
    /// A copy that was kept goes on.
    WireRelease = "wire-release", "RFC 9293 §2.2";
    /// No segment lives longer than MSL.
    WireLifetime = "wire-lifetime", "RFC 9293 §3.4.2";
    /// A person put it on the wire.
    WireForged = "wire-forged", "RFC 5961 §1.1";
    /// The act's segment isn't in this run.
    ActNoCounterpart = "act-no-counterpart", "scenario";
}

#[cfg(test)]
mod tests {
    use super::Rule;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_an_authority() {
        let names: BTreeSet<&str> = Rule::ALL.iter().map(|r| r.name()).collect();
        assert_eq!(names.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            assert_eq!(Rule::parse(rule.name()), Some(*rule));
            assert!(!rule.citation().is_empty());
        }
    }
}
