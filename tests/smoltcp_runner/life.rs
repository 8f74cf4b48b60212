//! A connection's life on two of smoltcp's stacks with nothing written down: for the bench.

use std::collections::VecDeque;

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::socket::tcp::{CongestionControl, Socket, SocketBuffer, State};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr};

use super::card::Card;

const DELAY: Duration = Duration::from_millis(50);

struct Peer {
    card: Card,
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    received: Vec<u8>,
}

fn address(number: u8) -> IpAddress {
    IpAddress::v4(10, 0, 0, number)
}

impl Peer {
    fn new(number: u8, mss: usize) -> Peer {
        let mut card = Card::new(mss);
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = u64::from(number);
        let mut interface = Interface::new(config, &mut card, Instant::ZERO);
        interface.update_ip_addrs(|list| list.push(IpCidr::new(address(number), 24)).unwrap());
        let buffer = || SocketBuffer::new(vec![0; 65_535]);
        let mut socket = Socket::new(buffer(), buffer());
        socket.set_congestion_control(CongestionControl::None);
        let mut sockets = SocketSet::new(Vec::new());
        let handle = sockets.add(socket);
        Peer { card, interface, sockets, handle, received: Vec::new() }
    }

    fn socket(&mut self) -> &mut Socket<'static> {
        self.sockets.get_mut(self.handle)
    }

    fn poll(&mut self, now: Instant) {
        let _ = self.interface.poll_ingress_single(now, &mut self.card, &mut self.sockets);
        let received = &mut self.received;
        let _ = self.sockets.get_mut::<Socket>(self.handle).recv(|octets| {
            received.extend_from_slice(octets);
            (octets.len(), ())
        });
        let _ = self.interface.poll(now, &mut self.card, &mut self.sockets);
    }
}

/// The stacks and what is between them.
struct Pair {
    peers: [Peer; 2],
    flying: VecDeque<(Instant, usize, Vec<u8>)>,
    /// When, and what: 0 and 1 close, 2 sends.
    calls: VecDeque<(Instant, usize)>,
    data: Vec<u8>,
}

impl Pair {
    /// Jumps to the next wake-up; `None` if there is none.
    fn step(&mut self, now: Instant) -> Option<Instant> {
        for (number, peer) in self.peers.iter_mut().enumerate() {
            let frames = peer.card.departing.drain(..);
            self.flying.extend(frames.map(|frame| (now + DELAY, 1 - number, frame)));
        }
        let [a, b] = &mut self.peers;
        let timers = [a, b].map(|p| p.interface.poll_at(now, &p.sockets).map(|at| at.max(now)));
        let arrival = self.flying.front().map(|(at, _, _)| *at);
        let call = self.calls.front().map(|(at, _)| *at);
        let next = [call, arrival, timers[0], timers[1]].into_iter().flatten().min()?;
        if call == Some(next) {
            let (_, what) = self.calls.pop_front()?;
            self.call(next, what);
        } else if arrival == Some(next) {
            let (_, to, frame) = self.flying.pop_front()?;
            self.peers[to].card.arrived.push_back(frame);
            self.peers[to].poll(next);
        } else {
            self.peers[usize::from(timers[0] != Some(next))].poll(next);
        }
        Some(next)
    }

    fn call(&mut self, now: Instant, what: usize) {
        for (number, peer) in self.peers.iter_mut().enumerate() {
            if what == 2 {
                peer.socket().send_slice(&self.data).unwrap();
            } else if what == number {
                peer.socket().close();
            } else {
                continue;
            }
            peer.poll(now);
        }
    }
}

/// Opens, sends so many octets each way in segments of `mss`, closes, and waits until both are
/// CLOSED. How many octets arrived.
pub fn life(mss: usize, octets: usize) -> usize {
    let mut peers = [Peer::new(1, mss), Peer::new(2, mss)];
    peers[1].socket().listen(80).unwrap();
    let [a, _] = &mut peers;
    let socket = a.sockets.get_mut::<Socket>(a.handle);
    socket.connect(a.interface.context(), (address(2), 80), 40_000).unwrap();
    let calls = [(200, 2), (100_000, 0), (101_000, 1)];
    let mut pair = Pair {
        peers,
        flying: VecDeque::new(),
        calls: calls.map(|(ms, what)| (Instant::from_millis(ms), what)).into(),
        data: vec![7; octets],
    };
    let mut now = Instant::ZERO;
    while let Some(next) = pair.step(now) {
        now = next;
    }
    assert!(pair.peers.iter_mut().all(|p| p.socket().state() == State::Closed));
    pair.peers.iter().map(|p| p.received.len()).sum()
}
