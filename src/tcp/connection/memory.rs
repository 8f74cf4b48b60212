//! The receive buffer as Linux counts it where SO_RCVBUF is set: not by octets, but by the memory
//! that segments take (tcp_input.c, tcp_output.c). As recorded from 6.18 with segments from a TUN
//! device.

use serde::{Deserialize, Serialize};

use super::arrives::octets;
use super::{Connection, Context};
use crate::tcp::call::Returned;
use crate::tcp::profile::SequenceCheck;
use crate::tcp::rule::Rule;
use crate::tcp::seq::{MOST_WINDOW, Seq};

/// SOCK_MIN_RCVBUF.
const LEAST_BUFFER: u32 = 2_304;

/// The memory of a receive buffer, in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Memory {
    /// The buffer: twice what the program asked for (sk_rcvbuf).
    size: u32,
    /// What part of the memory is text, of 256 (scaling_ratio).
    ratio: u32,
    /// The most that is ever offered (window_clamp).
    clamp: u32,
    /// The most that is offered now (rcv_ssthresh).
    most: u32,
    /// What the segments in the queue take (sk_rmem_alloc).
    used: u32,
    /// The right edge of the window that was told; it never moves back.
    edge: Seq,
}

impl Memory {
    fn text_in(&self, memory: u32) -> u32 {
        let text = u64::from(memory) * u64::from(self.ratio) / 256;
        u32::try_from(text).unwrap_or(u32::MAX)
    }

    /// tcp_full_space.
    fn full(&self) -> u32 {
        self.text_in(self.size)
    }

    /// tcp_space.
    fn free(&self) -> u32 {
        self.text_in(self.size.saturating_sub(self.used))
    }
}

/// What a segment with so much text takes: a piece of a power of two, and its descriptor.
fn memory_of(text: u32) -> u32 {
    let piece = (text.min(1 << 24) + 52 + 66).next_multiple_of(64) + 320;
    piece.next_power_of_two() + 256
}

impl Connection {
    /// The window that begins a connection with this SO_RCVBUF. Linux tcp_select_initial_window,
    /// tcp_init_buffer_space.
    pub(in crate::tcp) fn limit_memory(&mut self, asked: u32, cx: &Context<'_>) {
        let asked = asked.min(MOST_WINDOW);
        self.window = asked;
        if cx.profile.sequence_check != SequenceCheck::Linux {
            return;
        }
        let size = asked.saturating_mul(2).max(LEAST_BUFFER);
        let mss = self.segment_size(cx).max(1);
        let space = size / 2;
        let window = if space > mss { space - space % mss } else { space };
        let two = mss.saturating_mul(2);
        let reserved = two.max(space.saturating_sub(mss));
        let clamp = if space > two { reserved } else { space };
        let edge = self.rcv_nxt + window;
        self.memory =
            Some(Memory { size, ratio: 128, clamp, most: window.min(clamp), used: 0, edge });
    }

    /// setsockopt(SO_RCVBUF) on a connection. What was told of the window stays told: Linux refuses
    /// text when the memory is used up, other stacks here keep the room that they told of.
    pub(in crate::tcp) fn set_receive_buffer(&mut self, asked: u32, cx: &Context<'_>) -> Returned {
        let edge = (self.last_ack_sent + self.told_window).later(self.rcv_nxt);
        let told = edge - self.rcv_nxt;
        let asked = asked.min(MOST_WINDOW);
        let lengths = self.unread.iter().map(|chunk| octets(&chunk.octets));
        if cx.profile.sequence_check != SequenceCheck::Linux {
            self.window = asked.max(lengths.fold(told, u32::saturating_add)).min(MOST_WINDOW);
            return Returned::Done;
        }
        let size = asked.saturating_mul(2).max(LEAST_BUFFER);
        self.memory = Some(match self.memory {
            Some(memory) => Memory { size, ..memory },
            None => {
                let used = lengths.map(memory_of).fold(0, u32::saturating_add);
                Memory { size, ratio: 128, clamp: told, most: told, used, edge }
            }
        });
        Returned::Done
    }

    /// The peer's numbers are known only now: what its SYN was told of the window begins there.
    pub(super) fn anchor_memory(&mut self) {
        let begin = self.rcv_nxt;
        if let Some(memory) = &mut self.memory {
            memory.edge = begin + memory.most;
        }
    }

    /// Whether there is no memory for one more segment with text: it's refused, and no window is
    /// told any more. Linux tcp_try_rmem_schedule, tcp_select_window (ICSK_ACK_NOMEM).
    pub(super) fn memory_is_full(&mut self) -> bool {
        let edge = self.rcv_nxt;
        let full = self.memory.as_mut().filter(|memory| memory.used > memory.size);
        full.map(|memory| memory.edge = edge).is_some()
    }

    /// What was told of the window and isn't used up yet. Linux tcp_receive_window.
    pub(super) fn told_by_memory(&self, memory: &Memory) -> u32 {
        if memory.edge.after(self.rcv_nxt) { memory.edge - self.rcv_nxt } else { 0 }
    }

    /// Text of one segment joins the queue. Linux tcp_measure_rcv_mss.
    pub(super) fn memory_taken(&mut self, length: u32, largest: u32) {
        let told = self.memory.map_or(0, |memory| self.told_by_memory(&memory)) + length;
        let Some(memory) = &mut self.memory else { return };
        let taken = memory_of(length);
        memory.used = memory.used.saturating_add(taken);
        if length > largest {
            memory.ratio = (length.saturating_mul(256) / taken).max(1);
            let clamp = memory.full();
            if clamp >= memory.clamp {
                memory.most = memory.most.max(told.min(clamp));
            } else {
                memory.most = memory.most.min(clamp);
            }
            memory.clamp = clamp;
        }
    }

    /// What is dense lets more be offered. Linux tcp_grow_window.
    pub(super) fn memory_grows(&mut self, length: u32, mss: u32) {
        let Some(memory) = &mut self.memory else { return };
        let room = memory.clamp.min(memory.free()).saturating_sub(memory.most);
        let dense = memory.text_in(memory_of(length)) <= length;
        if room > 0 && length >= 128 && dense {
            memory.most += room.min(mss.max(length).saturating_mul(2));
            self.habit.quick |= 1;
        }
    }

    /// The window that could be told now. Linux __tcp_select_window.
    fn window_by_memory(&mut self, mss: u32) -> u32 {
        let Some(memory) = self.memory else { return self.rcv_wnd() };
        let full = memory.clamp.min(memory.full());
        let mss = self.habit.segment.clamp(1, mss).min(full.max(1));
        let mut free = memory.free();
        if free < full / 2 {
            self.habit.quick = 0;
            if free < full / 16 || free < mss {
                return 0;
            }
        }
        free = free.min(memory.most);
        let before = memory.edge - self.last_ack_sent;
        if before <= free.saturating_sub(mss) || before > free { free - free % mss } else { before }
    }

    /// The window that a segment tells, with its right edge from now on. Linux tcp_select_window.
    pub(super) fn tell_by_memory(&mut self, cx: &Context<'_>) -> Option<u32> {
        let memory = self.memory?;
        let current = self.told_by_memory(&memory);
        let begins = self.habit.segment == 0;
        let window = if begins {
            current
        } else {
            self.window_by_memory(self.segment_size(cx)).max(current)
        };
        let edge = self.rcv_nxt + window;
        self.memory = Some(Memory { edge, ..memory });
        Some(window)
    }

    /// Whether more than a segment is unacknowledged matters only where the window goes on. Linux
    /// __tcp_ack_snd_check.
    pub(super) fn window_goes_on(&mut self, cx: &Context<'_>) -> bool {
        let Some(memory) = self.memory else { return true };
        let before = memory.edge - self.last_ack_sent;
        self.window_by_memory(self.segment_size(cx)) >= before
    }

    /// The program has read all: the memory is free, and a window that at least doubles is told.
    /// Linux __tcp_cleanup_rbuf.
    pub(super) fn memory_read(&mut self, cx: &mut Context<'_>) {
        let Some(memory) = &mut self.memory else { return };
        memory.used = 0;
        let memory = *memory;
        let told = self.told_by_memory(&memory);
        if told.saturating_mul(2) > memory.clamp || !self.state.receives() {
            return;
        }
        let window = self.window_by_memory(self.segment_size(cx));
        if window > 0 && window >= told.saturating_mul(2) {
            self.send_ack(Rule::WindowUpdate, cx);
        }
    }
}
