//! The calls of a program on one connection (RFC 9293 §3.10.2 to §3.10.5; PROTOCOL §16).

use super::{Connection, Context, Descriptor};
use crate::tcp::call::{Call, Errno, Readiness, Returned};
use crate::tcp::event::EventKind;
use crate::tcp::profile::{Answer, ResetErrors};
use crate::tcp::rule::Rule;
use crate::tcp::segment::{Chunk, Segment};
use crate::tcp::state::State;

impl Connection {
    /// send(): takes everything, as a socket with a large buffer would.
    pub(in crate::tcp) fn send(
        &mut self,
        data: &[u8],
        more: bool,
        cx: &mut Context<'_>,
    ) -> Returned {
        if let Some(errno) = self.pending_error.take() {
            return Returned::Failed(errno);
        }
        let open = matches!(self.state, State::Established | State::CloseWait);
        let opening = matches!(self.state, State::SynSent | State::SynReceived);
        if self.write_shut || !(open || opening) {
            return Returned::Failed(Errno::EPIPE);
        }
        if opening && Self::errors_as_linux(cx) {
            // Linux sk_stream_wait_connect, without blocking.
            return Returned::Failed(Errno::EAGAIN);
        }
        self.unsent.extend(data);
        self.held_back = more;
        if open {
            self.output(cx);
        }
        Returned::Taken(super::arrives::octets(data))
    }

    /// recv(): what is there, then end of file, then the pending error.
    pub(in crate::tcp) fn recv(&mut self, cx: &mut Context<'_>) -> Returned {
        if !self.unread.is_empty() {
            let before = self.rcv_wnd();
            let chunks: Vec<Chunk> = core::mem::take(&mut self.unread);
            if self.memory.is_some() {
                self.memory_read(cx);
            } else {
                self.tell_window(before, cx);
            }
            self.ack_on_read(cx);
            return Returned::Octets(chunks);
        }
        // Linux tcp_recvmsg: an error comes before shutdown(SHUT_RD), after the peer's FIN.
        let shut = self.read_shut && !(Self::errors_as_linux(cx) && self.pending_error.is_some());
        if self.fin_received || shut {
            return Returned::EndOfFile;
        }
        if let Some(errno) = self.pending_error.take() {
            return Returned::Failed(errno);
        }
        if self.state == State::Closed {
            Returned::EndOfFile
        } else {
            Returned::Failed(Errno::EAGAIN)
        }
    }

    /// Whether the calls fail as Linux's do.
    fn errors_as_linux(cx: &Context<'_>) -> bool {
        cx.profile.reset_errors == ResetErrors::Linux
    }

    /// A window that a read opens is told to the peer (RFC 9293 §3.8.6.2.2).
    fn tell_window(&mut self, before: u32, cx: &mut Context<'_>) {
        let opened =
            before < cx.profile.mss && self.rcv_wnd() >= cx.profile.mss.min(self.window / 2);
        if cx.profile.window_update && opened && self.state.receives() {
            self.send_ack(Rule::WindowUpdate, cx);
        }
    }

    /// getsockopt(SO_ERROR).
    pub(in crate::tcp) fn so_error(&mut self) -> Returned {
        self.pending_error.take().map_or(Returned::Done, Returned::Failed)
    }

    /// poll().
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let over = self.state == State::Closed;
        let ended = self.fin_received || self.read_shut || over;
        Readiness {
            input: !self.unread.is_empty() || ended || self.pending_error.is_some(),
            output: over
                || matches!(self.state, State::Established | State::CloseWait)
                || self.write_shut,
            read_hangup: ended,
            hangup: over || self.write_shut && ended,
            error: self.pending_error.is_some(),
        }
    }

    /// shutdown(SHUT_WR): the RFC's CLOSE. RFC 9293 §3.10.4.
    pub(in crate::tcp) fn shutdown_write(&mut self, cx: &mut Context<'_>) -> Returned {
        match self.state {
            State::SynSent if cx.profile.abort_always => self.reset_peer(Rule::CloseSynSent, cx),
            // Linux tcp_disconnect.
            State::SynSent if Self::errors_as_linux(cx) => {
                self.fail(Errno::ECONNRESET, Rule::CloseSynSent, cx);
            }
            State::SynSent => self.end(Rule::CloseSynSent, cx),
            // Linux inet_shutdown: the socket of a TIME-WAIT is closed.
            State::TimeWait if cx.profile.fin_wait_2_mini => {
                return Returned::Failed(Errno::ENOTCONN);
            }
            State::SynReceived | State::Established | State::CloseWait => {
                self.write_shut = true;
                self.queue_fin(cx);
            }
            State::FinWait1
            | State::FinWait2
            | State::Closing
            | State::LastAck
            | State::TimeWait => {}
            State::Closed | State::Listen => return Returned::Failed(Errno::ENOTCONN),
        }
        Returned::Done
    }

    /// The FIN is queued behind all text; the state changes at once (PROTOCOL §1.6).
    fn queue_fin(&mut self, cx: &mut Context<'_>) {
        self.fin_queued = true;
        self.held_back = false;
        match self.state {
            State::SynReceived if !self.unsent.is_empty() => {}
            State::SynReceived => self.enter(State::FinWait1, Rule::CloseSynReceived, cx),
            State::Established => self.enter(State::FinWait1, Rule::CloseEstablished, cx),
            State::CloseWait => self.enter(State::LastAck, Rule::CloseCloseWait, cx),
            State::Closed
            | State::Listen
            | State::SynSent
            | State::FinWait1
            | State::FinWait2
            | State::Closing
            | State::LastAck
            | State::TimeWait => {}
        }
        self.output(cx);
    }

    /// shutdown(SHUT_RD): no segment, what comes is still taken (S15).
    pub(in crate::tcp) fn shutdown_read(&mut self, cx: &Context<'_>) -> Returned {
        let mini = self.state == State::TimeWait && cx.profile.fin_wait_2_mini;
        if self.state == State::Closed || mini {
            return Returned::Failed(Errno::ENOTCONN);
        }
        self.read_shut = true;
        Returned::Done
    }

    /// shutdown(SHUT_RDWR): later text draws RST where the profile says so (S16).
    pub(in crate::tcp) fn shutdown_both(&mut self, cx: &mut Context<'_>) -> Returned {
        let returned = self.shutdown_write(cx);
        self.read_shut = self.write_shut;
        returned
    }

    /// close() of the last descriptor (PROTOCOL §16).
    pub(in crate::tcp) fn close(&mut self, cx: &mut Context<'_>) {
        self.descriptor = Descriptor::Closed;
        self.pending_error = None;
        let unread = !self.unread.is_empty();
        self.unread.clear();
        if self.linger_zero {
            self.abort(cx);
        } else if unread && cx.profile.close_unread == Answer::Rst && self.resets_unread(cx) {
            self.reset_peer(Rule::CloseUnread, cx);
        } else if !matches!(self.state, State::Closed | State::Listen) {
            self.shutdown_write(cx);
            self.read_shut = true;
            self.write_shut = true;
            self.watch_orphan(cx);
        }
    }

    /// Whether octets unread make close() send RST. Linux tcp_close: in every state, also behind a
    /// FIN of ours.
    fn resets_unread(&self, cx: &Context<'_>) -> bool {
        match self.state {
            State::Established | State::CloseWait | State::FinWait1 | State::FinWait2 => true,
            State::Closing | State::LastAck => Self::errors_as_linux(cx),
            State::Closed
            | State::Listen
            | State::SynSent
            | State::SynReceived
            | State::TimeWait => false,
        }
    }

    /// The program closes in the instant in which it sees end of file.
    pub(super) fn close_now(&mut self, cx: &mut Context<'_>) {
        let fd = match self.descriptor {
            Descriptor::Open(fd) => Some(fd),
            Descriptor::Queued(_) | Descriptor::Closed => None,
        };
        cx.log.note(Rule::Application, EventKind::Call { fd, call: Call::Close });
        self.close(cx);
        cx.log.note(Rule::Application, EventKind::Return { fd, returned: Returned::Done });
    }

    /// ABORT. RFC 9293 §3.10.5.
    pub(in crate::tcp) fn abort(&mut self, cx: &mut Context<'_>) {
        match self.state {
            State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait => self.reset_peer(Rule::Abort, cx),
            // Linux tcp_disconnect: also where something, if only the FIN, wasn't sent yet.
            State::Closing | State::LastAck
                if cx.profile.late_linger == Answer::Rst
                    || Self::errors_as_linux(cx) && self.fin_end.is_none() =>
            {
                self.reset_peer(Rule::Abort, cx);
            }
            State::SynSent | State::TimeWait if cx.profile.abort_always => {
                self.reset_peer(Rule::Abort, cx);
            }
            // S11: Linux's TIME-WAIT is an object of its own, which no descriptor reaches.
            State::TimeWait if cx.profile.fin_wait_2_mini => {}
            State::SynSent | State::Closing | State::LastAck | State::TimeWait => {
                self.end(Rule::AbortSilent, cx);
            }
            State::Closed | State::Listen => {}
        }
    }

    /// <SEQ=SND.NXT><CTL=RST>, with an ACK on real stacks (D16; PROTOCOL A06), and the end.
    pub(in crate::tcp) fn reset_peer(&mut self, rule: Rule, cx: &mut Context<'_>) {
        let with_ack = cx.profile.abort_ack || rule == Rule::CloseUnread;
        let segment = Segment { rst: true, ack: with_ack.then_some(self.rcv_nxt), ..self.blank() };
        self.transmit(segment, None, rule, cx);
        self.end(rule, cx);
    }
}
