//! Random scenarios.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use time_wait_lab::tcp::call::{Accepts, Application};
use time_wait_lab::tcp::call::{Call, Fd, KeepAlive};
use time_wait_lab::tcp::event::{HostId, SegmentName};
use time_wait_lab::tcp::profile::{Base, Profile, Switch, TimeWaitSyn};
use time_wait_lab::tcp::segment::{Flags, Incarnation, Segment, Timestamps};
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::time::{Span, Time};
use time_wait_lab::world::{Act, During, Fate, HostSetup, Scenario, Start, Target, When, Wire};

/// What may happen in a generated scenario.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Menu {
    /// Forged segments.
    pub(crate) forged: bool,
    /// Abort, exit and reboot.
    pub(crate) violent: bool,
    /// Drops, delays and copies.
    pub(crate) weather: bool,
    /// A connection may be there from the start.
    pub(crate) established: bool,
}

/// Everything.
pub(crate) const ALL: Menu = Menu { forged: true, violent: true, weather: true, established: true };

/// Sequence numbers, many of them near the wrap and near each other.
pub(crate) fn number() -> impl Strategy<Value = Seq> {
    prop_oneof![
        2 => any::<u32>(),
        2 => (u32::MAX - 40)..=u32::MAX,
        1 => 0u32..40,
        3 => 90u32..320,
    ]
    .prop_map(Seq)
}

/// Moments of the first seconds, many of them the same.
pub(crate) fn moment() -> impl Strategy<Value = Time> {
    prop_oneof![(0u64..120).prop_map(|n| n * 50), 0u64..6_000].prop_map(Time::from_millis)
}

/// Lengths of time that decide something.
pub(crate) fn length() -> impl Strategy<Value = Span> {
    prop_oneof![0u64..200, 200u64..4_000].prop_map(Span::from_millis)
}

fn values(switch: Switch) -> Vec<String> {
    let mut profile = Profile::new(Base::Rfc9293);
    let words = switch.expected();
    let more = ["0", "1", "3", "7", "1000", "2147483647", "200ms", "1s", "2s", "40000-40003"];
    words
        .split(", ")
        .filter(|word| *word != "5us")
        .chain(more)
        .filter(|word| profile.set(switch, word))
        .map(str::to_owned)
        .collect()
}

/// A stack with up to four switches changed.
pub(crate) fn profile() -> impl Strategy<Value = Profile> {
    let change = (select(Switch::ALL), any::<prop::sample::Index>());
    (select(Base::ALL), vec(change, 0..=4)).prop_map(|(base, changes)| {
        let mut profile = Profile::new(base);
        for (switch, index) in changes {
            // A segment of no octets or a handful of them makes a run long, not interesting.
            let values = values(switch);
            let done = profile.set(switch, index.get::<String>(&values));
            assert!(done);
        }
        profile.mss = profile.mss.max(3);
        profile
    })
}

pub(crate) fn application() -> impl Strategy<Value = Application> {
    let accepts = prop_oneof![
        1 => Just(Accepts::ByCall),
        4 => Just(Accepts::Established),
        1 => Just(Accepts::AtSyn)
    ];
    (prop::bool::weighted(0.8), accepts, prop::bool::weighted(0.3))
        .prop_map(|(reads, accepts, closes)| Application { reads, accepts, closes })
}

pub(crate) fn host() -> impl Strategy<Value = HostSetup> {
    let clock = prop_oneof![0u32..10_000, (u32::MAX - 2_000)..=u32::MAX];
    (profile(), application(), vec(number(), 0..4), clock).prop_map(
        |(profile, application, iss, clock)| HostSetup { profile, application, iss, clock },
    )
}

pub(crate) fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => vec(any::<u8>(), 0..12), 1 => vec(any::<u8>(), 0..3_000)]
}

/// A call that fits the connection between ports 40000 and 80.
pub(crate) fn call(menu: Menu, host: HostId) -> BoxedStrategy<Call> {
    let connect = match host {
        HostId::A => (prop_oneof![3 => Just(40_000u16), 1 => Just(0)], Just(80u16)).boxed(),
        HostId::B => (Just(80u16), Just(40_000u16)).boxed(),
    };
    let connect =
        (connect, any::<bool>()).prop_map(|((local_port, remote_port), reuse_address)| {
            Call::Connect { local_port, remote_port, reuse_address }
        });
    let port = if host == HostId::A { 40_000 } else { 80 };
    let listen = (any::<bool>(), prop_oneof![3 => Just(0u32), 1 => 1u32..9]).prop_map(
        move |(reuse_address, receive_buffer)| Call::Listen { port, reuse_address, receive_buffer },
    );
    let plain = select(vec![
        Call::Accept,
        Call::Recv,
        Call::ShutdownWrite,
        Call::ShutdownWrite,
        Call::ShutdownRead,
        Call::ShutdownBoth,
        Call::Close,
        Call::Close,
        Call::Close,
        Call::SoError,
        Call::ReceiveBuffer(3_000),
        Call::Poll,
    ]);
    let violent = select(vec![Call::LingerZero, Call::Abort, Call::Exit, Call::Reboot]);
    let send = (octets(), prop::bool::weighted(0.1));
    let wait = || option::weighted(0.8, (0u64..8_000).prop_map(Span::from_millis));
    let count = option::weighted(0.8, 0u32..4);
    let keep_alive = option::weighted(0.8, (wait(), wait(), count)).prop_map(|options| {
        options.map(|(idle, interval, count)| KeepAlive {
            idle: idle.unwrap_or(Span::from_secs(1)),
            interval: interval.unwrap_or(Span::from_secs(1)),
            count,
        })
    });
    let silent = prop_oneof![
        2 => keep_alive.prop_map(Call::KeepAlive),
        1 => wait().prop_map(Call::UserTimeout),
        1 => wait().prop_map(Call::Linger2),
    ];
    prop_oneof![
        3 => connect,
        1 => listen,
        7 => plain,
        4 => send.prop_map(|(data, more)| Call::Send { data, more }),
        if menu.violent { 1 } else { 0 } => violent,
        if menu.violent { 1 } else { 0 } => silent,
    ]
    .boxed()
}

/// The name of a segment that a host probably sends.
pub(crate) fn name() -> impl Strategy<Value = SegmentName> {
    let copy = prop_oneof![8 => Just(1u32), 1 => Just(2u32)];
    (any::<bool>(), prop::bool::weighted(0.1), 1u32..16, copy).prop_map(
        |(a, forged, number, copy)| {
            let sender = if a { HostId::A } else { HostId::B };
            SegmentName { sender, forged, number, copy }
        },
    )
}

pub(crate) fn fate() -> impl Strategy<Value = Act> {
    let when = || prop_oneof![length().prop_map(When::After), moment().prop_map(When::At)];
    let fate = prop_oneof![
        3 => Just(Fate::Drop),
        3 => when().prop_map(Fate::Delay),
        3 => when().prop_map(Fate::Duplicate),
        1 => Just(Fate::Keep),
    ];
    let bit = || option::weighted(0.2, any::<bool>());
    let during = prop_oneof![
        2 => Just(None),
        1 => (moment(), length()).prop_map(|(from, length)| During::new(from, from + length)),
        1 => moment().prop_map(|from| Some(During::rest(from))),
    ];
    let target = prop_oneof![
        9 => name().prop_map(|name| Target::Named { name, expected: None }),
        1 => (host_id(), [bit(), bit(), bit(), bit(), bit()], during).prop_map(
            |(sender, [ack, rst, syn, fin, data], during)| {
                Target::Every { sender, seq: None, ack, rst, syn, fin, data, during }
            },
        ),
    ];
    (target, fate).prop_map(|(target, fate)| Act::Fate { target, fate })
}

/// A segment between the two ports, with numbers that may fit.
pub(crate) fn segment(to: HostId) -> impl Strategy<Value = Segment> {
    let bits = (any::<bool>(), any::<bool>(), any::<bool>());
    let stamps = option::weighted(0.3, (any::<u32>(), any::<u32>()));
    let window = prop_oneof![
        8 => any::<u16>().prop_map(u32::from),
        1 => (1u32 << 31) - 9..1 << 31,
        1 => 0u32..1 << 31
    ];
    (number(), option::weighted(0.8, number()), bits, window, stamps, octets()).prop_map(
        move |(seq, ack, (syn, fin, rst), window, stamps, data)| {
            let (source_port, destination_port) =
                if to == HostId::B { (40_000, 80) } else { (80, 40_000) };
            Segment {
                source_port,
                destination_port,
                seq,
                ack,
                syn,
                fin: fin && !rst,
                rst: rst && !syn,
                window,
                timestamps: stamps.map(|(value, echo)| Timestamps { value, echo }),
                data,
                ..Segment::default()
            }
        },
    )
}

pub(crate) fn host_id() -> impl Strategy<Value = HostId> {
    any::<bool>().prop_map(|a| if a { HostId::A } else { HostId::B })
}

pub(crate) fn act(menu: Menu) -> BoxedStrategy<Act> {
    let call = host_id().prop_flat_map(move |host| {
        (moment(), call(menu, host)).prop_map(move |(at, call)| Act::Call {
            at,
            host,
            fd: None,
            call,
        })
    });
    let release = (moment(), name()).prop_map(|(at, name)| Act::Release { at, name });
    let forge = host_id().prop_flat_map(|to| {
        (moment(), segment(to)).prop_map(move |(at, segment)| Act::Forge { at, to, segment })
    });
    prop_oneof![
        8 => call,
        if menu.weather { 6 } else { 0 } => fate(),
        if menu.weather { 1 } else { 0 } => release,
        if menu.forged { 2 } else { 0 } => forge,
    ]
    .boxed()
}

fn opening() -> Vec<Act> {
    let call =
        |millis, host, call| Act::Call { at: Time::from_millis(millis), host, fd: None, call };
    let listen = Call::Listen { port: 80, reuse_address: true, receive_buffer: 0 };
    let connect = Call::Connect { local_port: 40_000, remote_port: 80, reuse_address: true };
    vec![call(0, HostId::B, listen), call(10, HostId::A, connect)]
}

/// A scenario in which a connection comes to be, and then anything on the menu.
pub(crate) fn scenario(menu: Menu) -> impl Strategy<Value = Scenario> {
    let delay =
        (1u64..100, 1u64..100).prop_map(|(a, b)| [Span::from_millis(a), Span::from_millis(b)]);
    let lifetime = option::of((500u64..5_000).prop_map(Span::from_millis));
    let start =
        (prop::bool::weighted(if menu.established { 0.5 } else { 0.0 }), number(), number())
            .prop_map(
                |(there, a_next, b_next)| {
                    if there { Start::Established { a_next, b_next } } else { Start::Closed }
                },
            );
    (host(), host(), delay, lifetime, start, vec(act(menu), 2..20)).prop_map(
        |(a, b, delay, lifetime, start, more)| {
            let mut acts = opening();
            acts.extend(more);
            let wire = Wire { delay, lifetime };
            Scenario { hosts: [a, b], wire, start, acts, until: Time::from_millis(30_000) }
        },
    )
}

/// A connection whose programs close it, and open it again, at any time while what the hosts send
/// is lost, late or doubled.
pub(crate) fn closing() -> impl Strategy<Value = Scenario> {
    let at = || (0u64..60).prop_map(|n| Time::from_millis(n * 25 + 1));
    let connect = |host| {
        let (local_port, remote_port) = if host == HostId::A { (40_000, 80) } else { (80, 40_000) };
        Call::Connect { local_port, remote_port, reuse_address: true }
    };
    let call = (at(), host_id(), 0u32..12).prop_map(move |(at, host, kind)| {
        let call = match kind {
            0..=4 => Call::ShutdownWrite,
            5..=7 => Call::Close,
            8..=10 => connect(host),
            _ => Call::Reboot,
        };
        Act::Call { at, host, fd: None, call }
    });
    let stack = || prop_oneof![3 => Just(Base::Rfc9293), 1 => select(Base::ALL)];
    let acts = (vec(call, 2..9), vec(fate(), 0..5));
    (stack(), stack(), any::<bool>(), at(), acts).prop_map(
        move |(a, b, established, crossed, (calls, fates))| {
            let mut scenario = Scenario::new(Base::Rfc9293);
            scenario.hosts = [HostSetup::new(a), HostSetup::new(b)];
            if established {
                scenario.start = Start::Established { a_next: Seq(100), b_next: Seq(300) };
            } else {
                scenario.acts = opening();
                let call = connect(HostId::B);
                scenario.acts.push(Act::Call { at: crossed, host: HostId::B, fd: None, call });
            }
            scenario.acts.extend(calls);
            scenario.acts.extend(fates);
            scenario.until = Time::from_millis(5_000);
            scenario
        },
    )
}

/// A scenario with hundreds of connections, and then anything.
pub(crate) fn crowd() -> impl Strategy<Value = Scenario> {
    (scenario(ALL), 20u64..300, 1u64..200).prop_map(|(mut scenario, count, apart)| {
        let connect = Call::Connect { local_port: 0, remote_port: 80, reuse_address: false };
        let calls = (0..count).map(|n| Act::Call {
            at: Time::from_millis(10 + n * apart % 700),
            host: HostId::A,
            fd: None,
            call: connect.clone(),
        });
        scenario.acts.extend(calls);
        scenario.until = Time::from_millis(9_000);
        scenario
    })
}

/// A scenario in which a TIME-WAIT is taken over, and comes back where the SYN proves to be old:
/// A keeps its descriptor, or closes it at some time.
pub(crate) fn takeover() -> impl Strategy<Value = Scenario> {
    let syn = (moment(), number(), any::<u16>());
    let more = (vec(act(ALL), 0..6), vec(syn, 1..5));
    (host(), host(), more, any::<bool>()).prop_map(|(mut a, b, (more, syns), returns)| {
        a.profile.time_wait = Some(Span::from_secs(20));
        a.profile.time_wait_syn = TimeWaitSyn::Greater;
        a.profile.time_wait_return = returns;
        let mut scenario = Scenario::new(Base::Rfc9293);
        scenario.hosts = [a, b];
        scenario.start = Start::Established { a_next: Seq(100), b_next: Seq(300) };
        let call = |at, host, fd, call| Act::Call { at, host, fd, call };
        let listen = Call::Listen { port: 40_000, reuse_address: true, receive_buffer: 0 };
        scenario.acts = vec![
            call(Time::START, HostId::A, None, listen),
            call(Time::START, HostId::A, Some(Fd(1)), Call::ShutdownWrite),
            call(Time::from_millis(120), HostId::B, Some(Fd(1)), Call::ShutdownWrite),
        ];
        scenario.acts.extend(syns.into_iter().map(|(at, seq, window)| Act::Forge {
            at: at + Span::from_millis(500),
            to: HostId::A,
            segment: Segment {
                source_port: 80,
                destination_port: 40_000,
                seq,
                syn: true,
                window: u32::from(window),
                ..Segment::default()
            },
        }));
        scenario.acts.extend(more);
        scenario.until = Time::from_millis(40_000);
        scenario
    })
}

/// Any act that can be written down, sensible or not.
fn any_act() -> BoxedStrategy<Act> {
    let time = || any::<u64>().prop_map(Time);
    let name = || {
        (host_id(), any::<bool>(), any::<u32>(), any::<u32>())
            .prop_map(|(sender, forged, number, copy)| SegmentName { sender, forged, number, copy })
    };
    let when = || {
        prop_oneof![time().prop_map(When::At), any::<u64>().prop_map(|us| When::After(Span(us)))]
    };
    let fate = prop_oneof![
        Just(Fate::Drop),
        Just(Fate::Keep),
        when().prop_map(Fate::Delay),
        when().prop_map(Fate::Duplicate)
    ];
    let flags =
        any::<[bool; 4]>().prop_map(|[syn, fin, rst, ack]| (Flags { syn, fin, rst, ack }, Seq(7)));
    let bit = || option::of(any::<bool>());
    let during = (time(), option::of(time())).prop_map(|(from, to)| {
        to.and_then(|to| During::new(from, to)).unwrap_or(During::rest(from))
    });
    let target = prop_oneof![
        (name(), option::of(flags)).prop_map(|(name, expected)| Target::Named { name, expected }),
        (host_id(), option::of(number()), [bit(), bit(), bit(), bit(), bit()], option::of(during))
            .prop_map(|(sender, seq, [ack, rst, syn, fin, data], during)| {
                Target::Every { sender, seq, ack, rst, syn, fin, data, during }
            }),
    ];
    let ports = (any::<u16>(), any::<u16>(), any::<bool>(), any::<u32>());
    let forge =
        (time(), host_id(), segment(HostId::A), ports).prop_map(|(at, to, segment, more)| {
            let (source_port, destination_port, sack_permitted, word) = more;
            let sack = if sack_permitted { vec![(Seq(word), Seq(1)); 2] } else { Vec::new() };
            let (origin, mss) = (Incarnation(word & 1), sack_permitted.then_some(word));
            let segment = Segment {
                source_port,
                destination_port,
                sack_permitted,
                sack,
                origin,
                mss,
                ..segment
            };
            Act::Forge { at, to, segment }
        });
    let fd = option::of(any::<u32>().prop_map(Fd));
    let call = prop_oneof![call(ALL, HostId::A), call(ALL, HostId::B)];
    prop_oneof![
        (time(), host_id(), fd, call).prop_map(|(at, host, fd, call)| Act::Call {
            at,
            host,
            fd,
            call
        }),
        (target, fate).prop_map(|(target, fate)| Act::Fate { target, fate }),
        (time(), name()).prop_map(|(at, name)| Act::Release { at, name }),
        forge,
    ]
    .boxed()
}

/// Any scenario that can be written down, sensible or not.
pub(crate) fn any_scenario() -> impl Strategy<Value = Scenario> {
    (scenario(ALL), vec(any_act(), 0..12), any::<u64>(), any::<[u64; 2]>()).prop_map(
        |(mut scenario, acts, until, delay)| {
            scenario.acts = acts;
            scenario.until = Time(until);
            scenario.wire.delay = delay.map(Span);
            scenario
        },
    )
}
