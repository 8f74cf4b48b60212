//! The stacks, each as what it changes of another (PROTOCOL §18).

use super::{
    AckAcceptance, AckRule, Answer, BadAck, Base, DuplicateSyn, Isn, Ports, Profile, ReopenIss,
    Resend, ResetErrors, RstAcceptance, RtoRule, SequenceCheck, SynInConnection, TimeWaitRestart,
    TimeWaitRst, TimeWaitSyn, TwRecycle, TwReuse,
};
use crate::tcp::time::Span;

/// RFC 9293 with RFC 5961. R2 of 100 s is about seven retransmissions (§3.8.3).
pub(super) fn rfc9293() -> Profile {
    Profile {
        base: Base::Rfc9293,
        time_wait: Some(Span::from_secs(240)),
        max_time_wait: None,
        time_wait_restart: TimeWaitRestart::FinOrText,
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
        zero_window_fin: false,
        early_fin: true,
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
        syn_ack_retries: Some(8),
        retries: Some(7),
        orphan_retries: Some(7),
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
        tw_reuse: TwReuse::Loopback,
        bind_over_time_wait: true,
        port_beside_listener: false,
        syn_echo: true,
        isn: Isn::Clock64ns,
        ephemeral_ports: Ports { first: 32768, last: 60999 },
        reset_errors: ResetErrors::Linux,
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

/// FreeBSD 14 and 15.
pub(super) fn freebsd() -> Profile {
    Profile {
        base: Base::FreeBsd,
        time_wait: Some(Span::from_secs(60)),
        time_wait_restart: TimeWaitRestart::Fin,
        time_wait_rst: TimeWaitRst::Ignored,
        time_wait_syn: TimeWaitSyn::GreaterOrSilent,
        time_wait_return: false,
        reopen_iss: ReopenIss::Generator,
        rst_acceptance: RstAcceptance::LastAckSent,
        sequence_check: SequenceCheck::TableUseAck,
        data_after_close: Answer::Rst,
        late_linger: Answer::Rst,
        abort_ack: true,
        fin_wait_2: Some(Span::from_secs(600)),
        duplicate_syn: DuplicateSyn::SynAck,
        rto_min: Span::from_millis(230),
        rto_max: Span::from_secs(64),
        retries: Some(12),
        orphan_retries: Some(12),
        ephemeral_ports: Ports { first: 10000, last: 65535 },
        timestamps: true,
        ..rfc9293()
    }
}

/// macOS.
pub(super) fn macos() -> Profile {
    Profile {
        base: Base::MacOs,
        time_wait: Some(Span::from_secs(30)),
        time_wait_rst: TimeWaitRst::IgnoredChallenge,
        time_wait_syn: TimeWaitSyn::GreaterEnds,
        fin_wait_2: Some(Span::from_secs(60)),
        rto_min: Span::from_secs(1),
        ephemeral_ports: Ports { first: 49152, last: 65535 },
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
