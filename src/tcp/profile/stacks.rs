//! The stacks, each as what it changes of another (PROTOCOL §18).

use super::{
    AckAcceptance, AckRule, Answer, BadAck, Base, DuplicateSyn, FinInAcks, Isn, OpenRequests,
    Ports, Profile, ReopenIss, Resend, ResetErrors, RstAcceptance, RtoRule, SequenceCheck,
    SynInConnection, TimeWaitCheck, TimeWaitRestart, TimeWaitRst, TimeWaitSyn, TwRecycle, TwReuse,
    UnacceptedReset,
};
use crate::tcp::time::Span;

/// RFC 9293 with RFC 5961. R2 of 100 s is about seven retransmissions (§3.8.3).
pub(super) fn rfc9293() -> Profile {
    Profile {
        base: Base::Rfc9293,
        time_wait: Some(Span::from_secs(240)),
        max_time_wait: None,
        time_wait_restart: TimeWaitRestart::FinOrText,
        time_wait_check: TimeWaitCheck::Window,
        time_wait_rst: TimeWaitRst::Exact,
        time_wait_paws_rst: false,
        time_wait_syn: TimeWaitSyn::Challenge,
        time_wait_return: true,
        reopen_iss: ReopenIss::Step,
        syn_in_connection: SynInConnection::Challenge,
        rst_acceptance: RstAcceptance::Exact,
        rst_challenge: true,
        ack_acceptance: AckAcceptance::Rfc5961,
        sequence_check: SequenceCheck::Table,
        close_unread: Answer::Simplex,
        data_after_close: Answer::Simplex,
        late_linger: Answer::Simplex,
        abort_ack: false,
        abort_always: false,
        fin_wait_2: None,
        fin_wait_2_mini: false,
        fin_in_acks: FinInAcks::Never,
        zero_window_fin: false,
        early_fin: true,
        open_requests: OpenRequests::Connections,
        duplicate_syn: DuplicateSyn::Ack,
        bad_ack: BadAck::Rst,
        last_ack_answers: false,
        rto: RtoRule::Rfc6298,
        rto_initial: Span::from_secs(1),
        rto_min: Span::from_secs(1),
        rto_max: Span::from_secs(60),
        resend: Resend::First,
        fast_resend: false,
        syn_retries: Some(8),
        syn_linear: 0,
        connect_timeout: None,
        syn_ack_retries: Some(8),
        retries: Some(7),
        orphan_retries: Some(7),
        // RFC 9293 §3.8.4, MUST-25, MUST-28: off, and not before two hours. How often to ask it
        // leaves open: as BSD and Linux do.
        keep_alive: false,
        keep_alive_idle: Span::from_secs(7200),
        keep_alive_interval: Span::from_secs(75),
        keep_alive_count: Some(8),
        user_timeout: None,
        tw_reuse: TwReuse::Off,
        tw_reuse_delay: Span::from_secs(1),
        tw_recycle: TwRecycle::Off,
        bind_over_time_wait: false,
        port_beside_listener: true,
        syn_echo: false,
        isn: Isn::Clock4us,
        isn_secret: 1,
        ephemeral_ports: Ports { first: 49152, last: 65535 },
        reset_errors: ResetErrors::Rfc,
        unaccepted_reset: UnacceptedReset::Forgotten,
        challenge_limit: None,
        limit_fin: false,
        timestamps: false,
        delayed_ack: None,
        ack_rule: AckRule::Linux,
        sack: false,
        tail_loss_probe: false,
        nagle: false,
        ack_takes_text: false,
        window_probe: true,
        window_update: true,
        window: 65535,
        mss: 1460,
    }
}

/// RFC 793 before RFC 5961 and 1122's tightening.
pub(super) fn rfc793() -> Profile {
    Profile {
        base: Base::Rfc793,
        time_wait_rst: TimeWaitRst::Window,
        time_wait_syn: TimeWaitSyn::Rfc793,
        syn_in_connection: SynInConnection::Rfc793,
        rst_acceptance: RstAcceptance::Window,
        rst_challenge: false,
        ack_acceptance: AckAcceptance::Rfc793,
        ..rfc9293()
    }
}

/// Linux 6, as recorded from 6.18 (PROTOCOL §17).
pub(super) fn linux() -> Profile {
    Profile {
        base: Base::Linux,
        time_wait: Some(Span::from_secs(60)),
        time_wait_restart: TimeWaitRestart::AnyAck,
        time_wait_rst: TimeWaitRst::ExactSilent,
        time_wait_paws_rst: true,
        time_wait_syn: TimeWaitSyn::GreaterOrNewer,
        time_wait_return: false,
        rst_acceptance: RstAcceptance::Linux,
        ack_acceptance: AckAcceptance::Linux,
        sequence_check: SequenceCheck::Linux,
        close_unread: Answer::Rst,
        data_after_close: Answer::Rst,
        abort_ack: true,
        fin_wait_2: Some(Span::from_secs(60)),
        fin_wait_2_mini: true,
        zero_window_fin: true,
        duplicate_syn: DuplicateSyn::SynAck,
        bad_ack: BadAck::RstAndSyn,
        rto: RtoRule::Linux,
        rto_min: Span::from_millis(200),
        rto_max: Span::from_secs(120),
        syn_retries: Some(6),
        syn_linear: 4,
        syn_ack_retries: Some(5),
        retries: Some(15),
        orphan_retries: Some(8),
        keep_alive_count: Some(9),
        tw_reuse: TwReuse::Loopback,
        bind_over_time_wait: true,
        port_beside_listener: false,
        syn_echo: true,
        isn: Isn::Clock64ns,
        ephemeral_ports: Ports { first: 32768, last: 60999 },
        reset_errors: ResetErrors::Linux,
        unaccepted_reset: UnacceptedReset::Kept,
        challenge_limit: Some(Span::from_millis(500)),
        timestamps: true,
        delayed_ack: Some(Span::from_millis(40)),
        sack: true,
        tail_loss_probe: true,
        nagle: true,
        ..rfc9293()
    }
}

/// Linux 4.9: what sets it off from today's, by its sources. `tcp_tw_recycle` was there, and 0 by
/// default. `tcp_tw_reuse` counted whole seconds, more than one: the delay is the least that it
/// could be.
pub(super) fn linux49() -> Profile {
    Profile {
        base: Base::Linux49,
        rst_acceptance: RstAcceptance::ExactOrSack,
        bad_ack: BadAck::Rst,
        syn_linear: 0,
        tw_reuse: TwReuse::Off,
        ..linux()
    }
}

/// FreeBSD 14 and 15: its source, and its test-suite of 2026-05 where that says more.
pub(super) fn freebsd() -> Profile {
    Profile {
        base: Base::FreeBsd,
        time_wait: Some(Span::from_secs(60)),
        time_wait_restart: TimeWaitRestart::Fin,
        time_wait_check: TimeWaitCheck::FreeBsd,
        time_wait_rst: TimeWaitRst::Ignored,
        time_wait_syn: TimeWaitSyn::GreaterOrSilent,
        time_wait_return: false,
        reopen_iss: ReopenIss::Generator,
        rst_acceptance: RstAcceptance::LastAckSent,
        sequence_check: SequenceCheck::Bsd,
        data_after_close: Answer::Rst,
        late_linger: Answer::Rst,
        abort_ack: true,
        fin_wait_2: Some(Span::from_secs(600)),
        unaccepted_reset: UnacceptedReset::Aborts,
        fin_in_acks: FinInAcks::NotInChallenges,
        // FreeBSD and XNU, tcp_input.c: what lies beyond the window is text and FIN behind it.
        zero_window_fin: true,
        open_requests: OpenRequests::Syncache,
        duplicate_syn: DuplicateSyn::SynAck,
        rto: RtoRule::FreeBsd,
        // FreeBSD tcp_timer.h: TCPTV_MIN, to which TCPTV_CPU_VAR comes.
        rto_min: Span::from_millis(30),
        rto_max: Span::from_secs(64),
        // TCP_MAXRXTSHIFT; SYNCACHE_MAXREXMTS; TCPTV_KEEP_INIT.
        syn_retries: Some(12),
        syn_ack_retries: Some(3),
        retries: Some(12),
        orphan_retries: Some(12),
        connect_timeout: Some(Span::from_secs(75)),
        ephemeral_ports: Ports { first: 10000, last: 65535 },
        reset_errors: ResetErrors::FreeBsd,
        timestamps: true,
        // TCPTV_DELACK.
        delayed_ack: Some(Span::from_millis(40)),
        ack_rule: AckRule::FreeBsd,
        ..rfc9293()
    }
}

/// macOS: the source of XNU.
pub(super) fn macos() -> Profile {
    Profile {
        base: Base::MacOs,
        time_wait: Some(Span::from_secs(30)),
        // XNU tcp_input: a FIN that comes again is trimmed away before anything could restart 2MSL.
        time_wait_restart: TimeWaitRestart::Nothing,
        time_wait_check: TimeWaitCheck::MacOs,
        time_wait_rst: TimeWaitRst::IgnoredChallenge,
        time_wait_syn: TimeWaitSyn::BeyondWindow,
        unaccepted_reset: UnacceptedReset::Kept,
        // XNU tcp_disconnect.
        close_unread: Answer::Rst,
        fin_wait_2: Some(Span::from_secs(60)),
        fin_in_acks: FinInAcks::Always,
        open_requests: OpenRequests::Connections,
        rto: RtoRule::MacOs,
        // XNU tcp_syn_backoff.
        syn_linear: 4,
        syn_ack_retries: Some(12),
        ephemeral_ports: Ports { first: 49152, last: 65535 },
        reset_errors: ResetErrors::Rfc,
        delayed_ack: None,
        ack_rule: AckRule::Linux,
        ..freebsd()
    }
}

/// smoltcp 0.14, its sockets as they are by default; compared with it in tests/smoltcp.rs.
pub(super) fn smoltcp() -> Profile {
    Profile {
        base: Base::Smoltcp,
        time_wait: Some(Span::from_secs(10)),
        time_wait_restart: TimeWaitRestart::OutOfWindow,
        time_wait_rst: TimeWaitRst::Window,
        time_wait_syn: TimeWaitSyn::Silent,
        syn_in_connection: SynInConnection::Silent,
        rst_acceptance: RstAcceptance::Window,
        rst_challenge: false,
        ack_acceptance: AckAcceptance::Smoltcp,
        sequence_check: SequenceCheck::Smoltcp,
        late_linger: Answer::Rst,
        abort_ack: true,
        abort_always: true,
        zero_window_fin: true,
        early_fin: false,
        duplicate_syn: DuplicateSyn::Silent,
        bad_ack: BadAck::Smoltcp,
        last_ack_answers: true,
        rto: RtoRule::Smoltcp,
        resend: Resend::All,
        fast_resend: true,
        syn_retries: None,
        syn_ack_retries: None,
        retries: None,
        orphan_retries: None,
        keep_alive_count: None,
        isn: Isn::Random,
        challenge_limit: Some(Span::from_secs(1)),
        limit_fin: true,
        delayed_ack: Some(Span::from_millis(10)),
        ack_rule: AckRule::Smoltcp,
        nagle: true,
        ack_takes_text: true,
        ..rfc9293()
    }
}
