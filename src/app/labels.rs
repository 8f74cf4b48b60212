//! How the things of the protocol are written, the same in both languages: segments, states,
//! times, calls.

use crate::picture::Line;
use crate::tcp::call::{Call, KeepAlive, Readiness, Returned};
use crate::tcp::profile::Base;
use crate::tcp::segment::{Incarnation, Segment};
use crate::tcp::state::State;
use crate::tcp::time::{Span, Time};

/// A text longer than this is cut on a label.
const LONGEST: usize = 12;

/// A state as `ss` and the article write it: `TIME_WAIT`.
pub(super) fn state(state: State) -> String {
    state.name().replace('-', "_")
}

/// A state as `ss` prints it in its list.
pub(super) fn socket_state(state: State) -> &'static str {
    match state {
        State::Closed => "CLOSED",
        State::Listen => "LISTEN",
        State::SynSent => "SYN-SENT",
        State::SynReceived => "SYN-RECV",
        State::Established => "ESTAB",
        State::FinWait1 => "FIN-WAIT-1",
        State::FinWait2 => "FIN-WAIT-2",
        State::CloseWait => "CLOSE-WAIT",
        State::Closing => "CLOSING",
        State::LastAck => "LAST-ACK",
        State::TimeWait => "TIME-WAIT",
    }
}

/// A segment with the numbers that matter: `FIN,ACK 104/300`, `"OLD!" 100`, `RST 301`.
pub(super) fn segment(segment: &Segment) -> String {
    let both = |word: &str| match segment.ack {
        Some(ack) => format!("{word} {}/{ack}", segment.seq),
        None => format!("{word} {}", segment.seq),
    };
    let is_control = segment.syn || segment.fin || segment.rst;
    match segment.ack {
        _ if !segment.data.is_empty() && !segment.fin => {
            format!("{} {}", quoted(&segment.data), segment.seq)
        }
        _ if !segment.data.is_empty() => both(&format!("FIN {}", quoted(&segment.data))),
        Some(ack) if !is_control => format!("ACK {ack}"),
        Some(_) | None => both(&segment.flags().to_string()),
    }
}

/// The same, as short as a chip needs it: `FIN,ACK 104`.
pub(super) fn short_segment(one: &Segment) -> String {
    let long = segment(one);
    long.split_once('/').map_or(long.clone(), |(before, _)| before.to_owned())
}

/// Octets in quotes, cut where they are many.
pub(super) fn quoted(octets: &[u8]) -> String {
    let mut text = String::from("\"");
    text.push_str(&letters(octets.get(..LONGEST).unwrap_or(octets)));
    if octets.len() > LONGEST {
        text.push('…');
    }
    text.push('"');
    text
}

/// Octets as letters; what is none is a dot.
pub(super) fn letters(octets: &[u8]) -> String {
    let letter = |octet: &u8| {
        if octet.is_ascii_graphic() || *octet == b' ' { char::from(*octet) } else { '·' }
    };
    octets.iter().map(letter).collect()
}

/// The sign of a connection: `①`.
pub(super) fn sign(incarnation: Incarnation) -> &'static str {
    match incarnation.0 {
        0 => "?",
        1 => "①",
        2 => "②",
        3 => "③",
        4 => "④",
        5 => "⑤",
        6 => "⑥",
        _ => "⑦",
    }
}

/// The name of a connection's colour in the style sheets.
pub(super) fn hue(incarnation: Incarnation) -> &'static str {
    match incarnation.0 {
        0 => "forged",
        number => match number % 4 {
            1 => "one",
            2 => "two",
            3 => "three",
            _ => "four",
        },
    }
}

/// A moment: `1.272 s`.
pub(super) fn moment(time: Time) -> String {
    format!("{}.{:03} s", time.0 / 1_000_000, time.0 / 1_000 % 1_000)
}

/// A length of time, as exact as a person wants it: `250 ms`, `1.04 s`, `57.8 s`, `240 s`.
pub(super) fn span(span: Span) -> String {
    let millis = span.0 / 1_000;
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..10_000 => format!("{}.{:02} s", millis / 1_000, millis / 10 % 100),
        10_000..100_000 if millis % 1_000 >= 100 => {
            format!("{}.{} s", millis / 1_000, millis / 100 % 10)
        }
        _ => format!("{} s", millis / 1_000),
    }
}

/// A length of whole seconds, as a person says it: `5 s`.
pub(super) fn whole_span(length: Span) -> String {
    let seconds = length.0 / 1_000_000;
    if length == Span::from_secs(seconds) { format!("{seconds} s") } else { span(length) }
}

/// A count, its thousands parted as both languages part them: `1,723,305`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut parted = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            parted.push(',');
        }
        parted.push(digit);
    }
    parted
}

/// So many of 10^`places`: `decimal(1_250, 3)` is `1.250`.
pub(super) fn decimal(number: u64, places: u32) -> String {
    let unit = 10_u64.pow(places);
    let places = usize::try_from(places).unwrap_or(0);
    format!("{}.{:0places$}", number / unit, number % unit)
}

/// A number without its fraction.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn whole(number: f64) -> String {
    (number.round() as i64).to_string()
}

/// A share as a percentage with two decimals, without the cost of printing floats.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn percent(share: f64) -> String {
    let parts = (share * 10_000.0).round() as i64;
    format!("{}.{:02}%", parts / 100, parts.rem_euclid(100))
}

/// A stack or a text by its usual name.
pub(super) fn base(base: Base) -> &'static str {
    match base {
        Base::Rfc9293 | Base::NoTimeWait => "RFC 9293",
        Base::Rfc793 => "RFC 793",
        Base::Linux => "Linux 6",
        Base::Linux49 => "Linux 4.9",
        Base::FreeBsd => "FreeBSD",
        Base::MacOs => "macOS",
        Base::Smoltcp => "smoltcp",
    }
}

/// What a program did or saw, as a trace of its calls would print it.
pub(super) fn line(line: &Line) -> String {
    match line {
        Line::Call(asked, answer) => called(asked, answer.as_ref()),
        Line::EndOfFile => "read() = 0 (EOF)".to_owned(),
        Line::Error(errno) => errno.to_string(),
    }
}

/// A call with what came back, where that says more than that it was done.
pub(super) fn asked(asked: &Call, answer: Option<&Returned>) -> String {
    called(asked, answer.filter(|answer| **answer != Returned::Done))
}

/// A call with what came back.
fn called(asked: &Call, answer: Option<&Returned>) -> String {
    match answer.map(returned) {
        Some(answer) if !answer.is_empty() => format!("{} = {answer}", call(asked)),
        Some(_) | None => call(asked),
    }
}

/// A call: `send("hello")`.
fn call(call: &Call) -> String {
    let plain = match call {
        Call::Listen { port, .. } => return format!("listen({port})"),
        Call::Connect { remote_port, .. } => return format!("connect({remote_port})"),
        Call::Send { data, .. } => return format!("send({})", quoted(data)),
        Call::ReceiveBuffer(octets) => return format!("setsockopt(SO_RCVBUF, {octets})"),
        Call::KeepAlive(Some(KeepAlive { idle, interval, count })) => {
            let count = count.map_or(String::new(), |count| format!(", {count}×"));
            return format!("SO_KEEPALIVE {idle}, {interval}{count}");
        }
        Call::UserTimeout(Some(timeout)) => return format!("TCP_USER_TIMEOUT {timeout}"),
        Call::Linger2(Some(time)) => return format!("TCP_LINGER2 {time}"),
        Call::Accept => "accept()",
        Call::Recv => "read()",
        Call::ShutdownWrite => "shutdown(WR)",
        Call::ShutdownRead => "shutdown(RD)",
        Call::ShutdownBoth => "shutdown(RDWR)",
        Call::Close => "close()",
        Call::LingerZero => "setsockopt(SO_LINGER, 0)",
        Call::Abort => "SO_LINGER 0, close()",
        Call::SoError => "getsockopt(SO_ERROR)",
        Call::Poll => "poll()",
        Call::Exit => "exit()",
        Call::Reboot => "reboot",
        Call::KeepAlive(None) => "SO_KEEPALIVE 0",
        Call::UserTimeout(None) => "TCP_USER_TIMEOUT 0",
        Call::Linger2(None) => "TCP_LINGER2 -1",
    };
    plain.to_owned()
}

fn returned(returned: &Returned) -> String {
    match returned {
        Returned::Done => "0".to_owned(),
        Returned::Descriptor(fd) => format!("fd {}", fd.0),
        Returned::Taken(octets) => octets.to_string(),
        Returned::Octets(chunks) => {
            let octets: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.octets.clone()).collect();
            quoted(&octets)
        }
        Returned::EndOfFile => "0 (EOF)".to_owned(),
        Returned::Ready(readiness) => ready(*readiness),
        Returned::Failed(errno) => errno.to_string(),
    }
}

fn ready(readiness: Readiness) -> String {
    let Readiness { input, output, read_hangup, hangup, error } = readiness;
    let names =
        [(error, "ERR"), (hangup, "HUP"), (read_hangup, "RDHUP"), (input, "IN"), (output, "OUT")];
    let set: Vec<&str> = names.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    set.join(" ")
}
