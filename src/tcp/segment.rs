//! A TCP segment as it travels, and where its octets come from.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::seq::Seq;
use crate::packed::packed;

/// Which connection of the run a segment or an octet belongs to: 1 for the first, 2 for the one
/// opened after it; both ends have the same number. No TCP ever reads it: it's what a spectator knows and the hosts can't.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Incarnation(pub u32);

packed!(Incarnation(number));

impl Incarnation {
    /// A segment that no TCP sent.
    pub const FORGED: Incarnation = Incarnation(0);
}

/// Octets in order that come from one incarnation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Chunk {
    /// The incarnation whose sender put them on the wire.
    pub origin: Incarnation,
    /// The octets.
    pub octets: Vec<u8>,
}

packed!(Chunk { origin, octets });

/// The timestamps option (RFC 7323 §3): ticks of the sender's clock, modulo 2³².
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timestamps {
    /// TSval: the sender's clock.
    pub value: u32,
    /// TSecr: the last TSval that the sender remembers of its peer; 0 when the ACK bit is clear.
    pub echo: u32,
}

packed!(Timestamps { value, echo });

/// A TCP segment. URG and PSH don't exist in this model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Segment {
    /// The sender's port.
    pub source_port: u16,
    /// The receiver's port.
    pub destination_port: u16,
    /// SEG.SEQ.
    pub seq: Seq,
    /// SEG.ACK; `None` when the ACK bit is clear.
    pub ack: Option<Seq>,
    /// The SYN bit.
    pub syn: bool,
    /// The FIN bit.
    pub fin: bool,
    /// The RST bit.
    pub rst: bool,
    /// SEG.WND in octets, with the window scale already applied; at most
    /// [`MOST_WINDOW`](super::seq::MOST_WINDOW).
    pub window: u32,
    /// The timestamps option.
    pub timestamps: Option<Timestamps>,
    /// The maximum segment size option, octets, on a SYN (RFC 9293 §3.7.1).
    pub mss: Option<u32>,
    /// SACK-permitted, on a SYN (RFC 2018 §2).
    pub sack_permitted: bool,
    /// SACK blocks, each from its first number to the one after its last (RFC 2018 §3).
    pub sack: Vec<(Seq, Seq)>,
    /// The text.
    pub data: Vec<u8>,
    /// The incarnation that it belongs to.
    pub origin: Incarnation,
}

packed!(Segment {
    source_port,
    destination_port,
    seq,
    ack,
    syn,
    fin,
    rst,
    window,
    timestamps,
    mss,
    sack_permitted,
    sack,
    data,
    origin,
});

impl Segment {
    /// SEG.LEN: the octets of the text, and one each for SYN and FIN (RFC 9293 §3.4).
    #[must_use]
    pub fn len(&self) -> u32 {
        self.text_len() + u32::from(self.syn) + u32::from(self.fin)
    }

    /// Whether it occupies no sequence number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The octets of its text. A text is shorter than 2³² octets: longer ones are cut on reading.
    #[must_use]
    pub fn text_len(&self) -> u32 {
        u32::try_from(self.data.len()).unwrap_or(u32::MAX)
    }

    /// The number of the first octet of text: after the SYN, if there is one.
    #[must_use]
    pub fn text_seq(&self) -> Seq {
        self.seq + u32::from(self.syn)
    }

    /// The number after its last: SEG.SEQ + SEG.LEN.
    #[must_use]
    pub fn end(&self) -> Seq {
        self.seq + self.len()
    }

    /// Its flags as written on the wire and on the screen: `SYN,ACK`, `FIN,ACK`, `RST`, `ACK`.
    #[must_use]
    pub fn flags(&self) -> Flags {
        Flags { syn: self.syn, fin: self.fin, rst: self.rst, ack: self.ack.is_some() }
    }
}

/// The control bits of a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Flags {
    /// SYN.
    pub syn: bool,
    /// FIN.
    pub fin: bool,
    /// RST.
    pub rst: bool,
    /// ACK.
    pub ack: bool,
}

packed!(Flags { syn, fin, rst, ack });

impl Flags {
    /// Reads `SYN,ACK`, or `none` where no bit is set; `None` for a word that is no control bit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Flags> {
        let mut flags = Flags::default();
        if text == "none" {
            return Some(flags);
        }
        for word in text.split(',') {
            let bit = match word {
                "SYN" => &mut flags.syn,
                "FIN" => &mut flags.fin,
                "RST" => &mut flags.rst,
                "ACK" => &mut flags.ack,
                _ => return None,
            };
            if *bit {
                return None;
            }
            *bit = true;
        }
        Some(flags)
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = false;
        for (set, name) in
            [(self.syn, "SYN"), (self.fin, "FIN"), (self.rst, "RST"), (self.ack, "ACK")]
        {
            if set {
                f.write_str(if written { "," } else { "" })?;
                f.write_str(name)?;
                written = true;
            }
        }
        if written { Ok(()) } else { f.write_str("none") }
    }
}
