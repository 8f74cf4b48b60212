//! A segment as text: `FIN,ACK 104 ack 300 window 1000 data "x" of 1`.
//!
//! What is left out is at its default: the ports are those of a connection that is there from the
//! start, everything else is zero or absent.

use core::fmt;

use crate::tcp::event::HostId;
use crate::tcp::segment::{Incarnation, Segment, Timestamps};
use crate::tcp::seq::Seq;
use crate::world::scenario::{A_PORT, B_PORT};

use super::cursor::{Cursor, number};
use super::words::Quoted;
use super::{Expected, TextError};

/// The ports of a segment of that sender, where none are given.
fn usual_ports(sender: HostId) -> (u16, u16) {
    match sender {
        HostId::A => (A_PORT, B_PORT),
        HostId::B => (B_PORT, A_PORT),
    }
}

/// A segment of that sender, as it's printed.
pub(super) struct Written<'a>(pub(super) HostId, pub(super) &'a Segment);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Written(sender, segment) = self;
        write!(f, "{} {}", segment.flags(), segment.seq)?;
        if let Some(ack) = segment.ack {
            write!(f, " ack {ack}")?;
        }
        if segment.window != 0 {
            write!(f, " window {}", segment.window)?;
        }
        if let Some(stamps) = segment.timestamps {
            write!(f, " timestamps {} {}", stamps.value, stamps.echo)?;
        }
        if let Some(mss) = segment.mss {
            write!(f, " mss {mss}")?;
        }
        if segment.sack_permitted {
            f.write_str(" sack-permitted")?;
        }
        if !segment.sack.is_empty() {
            f.write_str(" sack")?;
        }
        for (start, end) in &segment.sack {
            write!(f, " {start}-{end}")?;
        }
        if !segment.data.is_empty() {
            write!(f, " data {}", Quoted(&segment.data))?;
        }
        let (source, destination) = usual_ports(*sender);
        if segment.source_port != source {
            write!(f, " from {}", segment.source_port)?;
        }
        if segment.destination_port != destination {
            write!(f, " to {}", segment.destination_port)?;
        }
        if segment.origin != Incarnation::FORGED {
            write!(f, " of {}", segment.origin.0)?;
        }
        Ok(())
    }
}

/// Reads a segment of that sender.
pub(super) fn read(cursor: &mut Cursor<'_>, sender: HostId) -> Result<Segment, TextError> {
    let flags = cursor.flags()?;
    let (source_port, destination_port) = usual_ports(sender);
    let mut segment = Segment {
        source_port,
        destination_port,
        seq: cursor.seq()?,
        syn: flags.syn,
        fin: flags.fin,
        rst: flags.rst,
        ..Segment::default()
    };
    if flags.ack {
        cursor.expect("ack")?;
        segment.ack = Some(cursor.seq()?);
    }
    if cursor.eat("window") {
        segment.window = cursor.window()?;
    }
    read_options(cursor, &mut segment)?;
    if cursor.eat("data") {
        segment.data = cursor.quoted()?;
    }
    if cursor.eat("from") {
        segment.source_port = cursor.port()?;
    }
    if cursor.eat("to") {
        segment.destination_port = cursor.port()?;
    }
    if cursor.eat("of") {
        segment.origin = Incarnation(cursor.number()?);
    }
    Ok(segment)
}

fn read_options(cursor: &mut Cursor<'_>, segment: &mut Segment) -> Result<(), TextError> {
    if cursor.eat("timestamps") {
        segment.timestamps = Some(Timestamps { value: cursor.number()?, echo: cursor.number()? });
    }
    if cursor.eat("mss") {
        segment.mss = Some(cursor.number()?);
    }
    segment.sack_permitted = cursor.eat("sack-permitted");
    if cursor.eat("sack") {
        segment.sack.push(cursor.take(Expected::Block, block)?);
        while let Some(next) = block(cursor.word()) {
            cursor.advance();
            segment.sack.push(next);
        }
    }
    Ok(())
}

fn block(word: &str) -> Option<(Seq, Seq)> {
    let (start, end) = word.split_once('-')?;
    Some((Seq(number(start)?), Seq(number(end)?)))
}
