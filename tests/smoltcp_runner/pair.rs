//! Two of smoltcp's stacks, each with a card, and a wire between them that jumps to the next
//! wake-up.

use std::collections::VecDeque;

use smoltcp::iface::{Config, Interface, PollResult, SocketHandle, SocketSet};
use smoltcp::socket::tcp;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr, Ipv4Packet, TcpPacket};
use time_wait_lab::tcp::event::HostId;
use time_wait_lab::tcp::segment::Flags;
use time_wait_lab::tcp::state::State;

use super::card::Card;
use super::{DELAY, Fate, Op, Script, Sent, Side, Tuning, UNTIL, text};

fn address(host: HostId) -> IpAddress {
    IpAddress::v4(10, 0, 0, u8::try_from(host.index()).unwrap() + 1)
}

fn instant(micros: u64) -> Instant {
    Instant::from_micros(i64::try_from(micros).unwrap())
}

/// A socket and the number of the connection that it last had; 0: none yet.
struct Held {
    handle: SocketHandle,
    connection: u32,
    /// How many of the octets in its buffer are noted already.
    noted: usize,
}

/// One host with smoltcp on it.
struct Peer {
    host: HostId,
    tuning: Tuning,
    card: Card,
    interface: Interface,
    sockets: SocketSet<'static>,
    held: Vec<Held>,
    /// The buffer of the listener, where one waits.
    listens: Option<u32>,
    connections: u32,
    texted: usize,
    side: Side,
}

impl Peer {
    fn new(host: HostId, tuning: Tuning, seed: u64) -> Peer {
        let mut card = Card::new(1_460);
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = seed;
        let mut interface = Interface::new(config, &mut card, Instant::ZERO);
        interface.update_ip_addrs(|list| list.push(IpCidr::new(address(host), 24)).unwrap());
        Peer {
            host,
            tuning,
            card,
            interface,
            sockets: SocketSet::new(Vec::new()),
            held: Vec::new(),
            listens: None,
            connections: 0,
            texted: 0,
            side: Side::default(),
        }
    }

    fn socket(&mut self, buffer: u32) -> SocketHandle {
        let receive = tcp::SocketBuffer::new(vec![0; usize::try_from(buffer).unwrap()]);
        let mut socket = tcp::Socket::new(receive, tcp::SocketBuffer::new(vec![0; 65_535]));
        socket.set_ack_delay(self.tuning.ack_delay.map(Duration::from_millis));
        socket.set_nagle_enabled(self.tuning.nagle);
        socket.set_congestion_control(tcp::CongestionControl::None);
        let handle = self.sockets.add(socket);
        self.held.push(Held { handle, connection: 0, noted: 0 });
        handle
    }

    /// A smoltcp listener becomes the connection; the next one takes its place, behind it in the
    /// set, so that a connection gets its own segments first.
    fn keep_listening(&mut self) {
        let Some(buffer) = self.listens else { return };
        let waiting = self
            .held
            .iter()
            .any(|h| self.sockets.get::<tcp::Socket>(h.handle).state() == tcp::State::Listen);
        if !waiting {
            let handle = self.socket(buffer);
            self.sockets.get_mut::<tcp::Socket>(handle).listen(super::PORT).unwrap();
        }
    }

    fn newest(&mut self) -> Option<&mut tcp::Socket<'static>> {
        let held = self.held.iter().max_by_key(|h| h.connection).filter(|h| h.connection > 0)?;
        Some(self.sockets.get_mut(held.handle))
    }

    /// Whether a timer is due in the instant of an arrival or a call: one poll serves both.
    fn watch_timers(&mut self, now: u64) {
        let due = self.interface.poll_at(instant(now), &self.sockets);
        if due.is_some_and(|due| due == instant(now)) {
            self.side.met.push((now, super::TIMER_IN_THE_SAME_INSTANT));
        }
    }

    /// Whether another socket still has the 4-tuple that a connect() takes.
    fn watch_tuple(&mut self, now: u64, local: u16, remote: u16) {
        let taken = self.held.iter().any(|held| {
            let socket = self.sockets.get::<tcp::Socket>(held.handle);
            socket.local_endpoint().is_some_and(|end| end.port == local)
                && socket.remote_endpoint().is_some_and(|end| end.port == remote)
        });
        if taken {
            self.side.met.push((now, super::CONNECT_OVER_A_LIVE_SOCKET));
        }
    }

    fn call(&mut self, now: u64, place: usize, op: Op) {
        self.watch_timers(now);
        match op {
            Op::Listen(buffer) => self.listens = Some(buffer),
            Op::Connect(local, remote) => {
                self.watch_tuple(now, local, remote);
                let handle = self.socket(65_535);
                let to = (address(self.host.other()), remote);
                let socket = self.sockets.get_mut::<tcp::Socket>(handle);
                socket.connect(self.interface.context(), to, local).unwrap();
            }
            Op::Send(length) => {
                let data = text(self.texted, length);
                let socket = self.newest();
                let opening = socket.as_ref().is_some_and(|s| {
                    matches!(s.state(), tcp::State::SynSent | tcp::State::SynReceived)
                });
                if let Some(taken) = socket.and_then(|s| s.send_slice(&data).ok()) {
                    assert_eq!(taken, length, "the buffer is too small for the script");
                    self.texted += length;
                } else if opening {
                    self.side.early.push(place);
                }
            }
            Op::Recv => {
                let newest = self.connections;
                self.read(|connection| connection == newest);
            }
            Op::Close => {
                let Some(socket) = self.newest() else { return };
                let opening = socket.state() == tcp::State::SynReceived;
                socket.close();
                if opening {
                    self.side.met.push((now, super::CLOSE_IN_SYN_RECEIVED));
                }
            }
            Op::Abort => {
                if let Some(socket) = self.newest() {
                    socket.abort();
                }
            }
        }
        self.keep_listening();
        self.watch(now);
        self.send(now);
    }

    /// Notes what is new in the receive buffers, and empties those that the program reads.
    fn read(&mut self, takes: impl Fn(u32) -> bool) {
        for held in &mut self.held {
            let socket = self.sockets.get_mut::<tcp::Socket>(held.handle);
            let mut octets = vec![0; socket.recv_queue()];
            let Ok(count) = socket.peek_slice(&mut octets) else { continue };
            if count > held.noted {
                self.side.receive(held.connection, &octets[held.noted..count]);
            }
            held.noted = count;
            if takes(held.connection) {
                let _ = socket.recv_slice(&mut octets);
                held.noted = 0;
            }
        }
    }

    fn watch(&mut self, now: u64) {
        for held in &mut self.held {
            let state = state(self.sockets.get::<tcp::Socket>(held.handle).state());
            let resting = matches!(state, State::Closed | State::Listen);
            let known = self.side.states.iter().rev().find(|s| s.1 == held.connection);
            let rested = known.is_none_or(|s| s.2 == State::Closed);
            if !resting && (held.connection == 0 || rested) {
                self.connections += 1;
                held.connection = self.connections;
                held.noted = 0;
            }
            if held.connection > 0 {
                self.side.enter(now, held.connection, state);
            }
        }
    }

    fn arrive(&mut self, now: u64, frame: Vec<u8>) {
        self.watch_timers(now);
        self.card.arrived.push_back(frame);
        let _ = self.interface.poll_ingress_single(instant(now), &mut self.card, &mut self.sockets);
        self.watch(now);
        let reads = self.tuning.reads;
        self.read(|_| reads);
        self.keep_listening();
        self.send(now);
    }

    fn send(&mut self, now: u64) {
        let at = instant(now);
        while self.interface.poll_egress(at, &mut self.card, &mut self.sockets) != PollResult::None
        {
            self.watch(now);
        }
        self.watch(now);
    }

    fn wakes(&mut self, now: u64) -> Option<u64> {
        let at = self.interface.poll_at(instant(now), &self.sockets)?;
        Some(u64::try_from(at.total_micros()).unwrap().max(now))
    }

    fn note(&mut self, at: u64, frame: &[u8]) {
        let packet = Ipv4Packet::new_checked(frame).unwrap();
        let tcp = TcpPacket::new_checked(packet.payload()).unwrap();
        let flags = Flags { syn: tcp.syn(), fin: tcp.fin(), rst: tcp.rst(), ack: tcp.ack() };
        let number = |n: smoltcp::wire::TcpSeqNumber| n.0.cast_unsigned();
        let sent = Sent {
            at,
            flags,
            seq: number(tcp.seq_number()),
            ack: tcp.ack().then(|| number(tcp.ack_number())),
            len: tcp.payload().len(),
            window: u32::from(tcp.window_len()),
        };
        if flags.syn && !self.side.isns.contains(&sent.seq) {
            self.side.isns.push(sent.seq);
        }
        self.side.sent.push(sent);
    }
}

fn state(state: tcp::State) -> State {
    match state {
        tcp::State::Closed => State::Closed,
        tcp::State::Listen => State::Listen,
        tcp::State::SynSent => State::SynSent,
        tcp::State::SynReceived => State::SynReceived,
        tcp::State::Established => State::Established,
        tcp::State::FinWait1 => State::FinWait1,
        tcp::State::FinWait2 => State::FinWait2,
        tcp::State::CloseWait => State::CloseWait,
        tcp::State::Closing => State::Closing,
        tcp::State::LastAck => State::LastAck,
        tcp::State::TimeWait => State::TimeWait,
    }
}

/// A frame on its way.
struct Flying {
    at: u64,
    serial: u64,
    to: HostId,
    frame: Vec<u8>,
}

/// Runs a script on two of smoltcp's stacks.
pub fn run(script: &Script) -> [Side; 2] {
    let seed = script.name.bytes().fold(7_u64, |n, b| n.wrapping_mul(131) + u64::from(b));
    let mut peers =
        HostId::BOTH.map(|host| Peer::new(host, script.tuning, seed + host.index() as u64));
    let mut flying: Vec<Flying> = Vec::new();
    let mut calls: VecDeque<(usize, (u64, HostId, Op))> =
        script.calls.iter().copied().enumerate().collect();
    let (mut now, mut serial) = (0, 0);
    for _ in 0..100_000 {
        let call = calls.front().map(|(_, c)| (c.0 * 1_000, 0, 0));
        let arrival = flying.iter().map(|f| (f.at, 1, f.serial)).min();
        let wakes = [0, 1].map(|i| peers[i].wakes(now).map(|at| (at, 2 + i as u64, 0)));
        let next = [call, arrival, wakes[0], wakes[1]].into_iter().flatten().min();
        let Some((at, class, order)) = next.filter(|(at, _, _)| *at <= UNTIL) else {
            return peers.map(|peer| peer.side);
        };
        now = at;
        match class {
            0 => {
                let (place, (_, host, op)) = calls.pop_front().unwrap();
                peers[host.index()].call(now, place, op);
            }
            1 => {
                let place = flying.iter().position(|f| f.serial == order).unwrap();
                let arriving = flying.remove(place);
                peers[arriving.to.index()].arrive(now, arriving.frame);
            }
            other => peers[other as usize - 2].send(now),
        }
        for peer in &mut peers {
            depart(peer, now, script, &mut flying, &mut serial);
        }
    }
    panic!("{}: smoltcp doesn't come to rest", script.name);
}

fn depart(peer: &mut Peer, now: u64, script: &Script, flying: &mut Vec<Flying>, serial: &mut u64) {
    for frame in std::mem::take(&mut peer.card.departing) {
        peer.note(now, &frame);
        let number = peer.side.sent.len();
        let (mut at, mut lost) = (now + DELAY, false);
        let mut copies = Vec::new();
        for (host, place, fate) in &script.fates {
            if (*host, *place) != (peer.host, number) {
                continue;
            }
            match fate {
                Fate::Drop => lost = true,
                Fate::Delay(more) => at += more,
                Fate::Duplicate(more) => copies.push(now + DELAY + more),
            }
        }
        let arrivals = (!lost).then_some(at).into_iter().chain(copies);
        for at in arrivals {
            *serial += 1;
            let to = peer.host.other();
            flying.push(Flying { at, serial: *serial, to, frame: frame.clone() });
        }
    }
}
