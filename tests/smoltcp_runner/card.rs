//! The card between one of smoltcp's stacks and the wire.

use std::collections::VecDeque;

use smoltcp::phy::{self, ChecksumCapabilities, Device, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

/// A card. Checksums are neither written nor read: nothing on this wire damages a frame.
pub struct Card {
    /// The octets of the largest packet.
    pub mtu: usize,
    /// What has come.
    pub arrived: VecDeque<Vec<u8>>,
    /// What is to go.
    pub departing: Vec<Vec<u8>>,
}

impl Card {
    /// A card for text of so many octets in a segment.
    pub fn new(mss: usize) -> Card {
        Card { mtu: mss + 40, arrived: VecDeque::new(), departing: Vec::new() }
    }
}

/// A frame that has come.
pub struct Frame(Vec<u8>);

/// Room for a frame that is to go.
pub struct Slot<'a>(&'a mut Vec<Vec<u8>>);

impl phy::RxToken for Frame {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl phy::TxToken for Slot<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = vec![0; len];
        let result = f(&mut frame);
        self.0.push(frame);
        result
    }
}

impl Device for Card {
    type RxToken<'a> = Frame;
    type TxToken<'a> = Slot<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Frame, Slot<'_>)> {
        let frame = self.arrived.pop_front()?;
        Some((Frame(frame), Slot(&mut self.departing)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Slot<'_>> {
        Some(Slot(&mut self.departing))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = self.mtu;
        capabilities.checksum = ChecksumCapabilities::ignored();
        capabilities
    }
}
