//! Links: those made once open for ever, what is written is read back, and of what can't be read as
//! much is shown as can be.
//!
//! `BLESS=1 cargo test --test links` adds to `tests/links/made.txt` what is new in [`made`]. It never
//! changes what is there: a link that somebody has sent can't be called back.

#![allow(clippy::unwrap_used, clippy::panic)]

#[allow(dead_code)]
#[path = "properties/generate.rs"]
mod generate;
#[path = "links/made.rs"]
mod made;

use std::fmt::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use generate::any_scenario;
use made::{first_version, made, scenario, scenes};
use time_wait_lab::tcp::event::HostId;
use time_wait_lab::tcp::profile::{Base, Profile, Switch};
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::{
    Difference, End, Expected, Fault, Link, Scenario, Trace, Verdict, parting, simulate, verdicts,
};

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/links/made.txt")
}

/// The blocks of the file, each from its line `link …` on, with the name that stands there.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let body = text.split_once("\nlink ").map_or("", |(_, body)| body);
    let blocks = body.split("\nlink ").map(|block| (block.lines().next().unwrap_or(""), block));
    blocks.filter(|(name, _)| !name.is_empty()).collect()
}

/// What a link gives, as the file has it.
fn block(name: &str, text: &str) -> String {
    let (link, error) = Link::parse(text);
    let mut block = format!("{name}\n{text}\n");
    if let Some(error) = error {
        writeln!(block, "error {error}, left out {:?}", error.left_out).unwrap();
    }
    if let Some(time) = link.time {
        writeln!(block, "moment {time}").unwrap();
    }
    if let Some(language) = link.language {
        writeln!(block, "language {language}").unwrap();
    }
    let Some(scenario) = link.scenario else { return block };
    for line in scenario.to_string().lines() {
        writeln!(block, "| {line}").unwrap();
    }
    let trace = simulate(&scenario);
    block.push_str(&outcome(&trace));
    if let Some(other) = link.other {
        let beside = simulate(&other.apply(&scenario));
        write!(block, "other world {other}\n{}", outcome(&beside)).unwrap();
        if let Some(parting) = parting(&trace, &beside) {
            let place = |event: Option<usize>| event.map_or("-".to_owned(), |at| at.to_string());
            let [one, two] = parting.events.map(place);
            writeln!(block, "parting {} at {one} and {two}", parting.time).unwrap();
        }
    }
    block
}

/// How a run ended. The runs themselves are held by `tests/golden`.
fn outcome(trace: &Trace) -> String {
    let end = match trace.end {
        End::Quiet => "quiet",
        End::Horizon => "horizon",
        End::Limit => "limit",
    };
    let mut outcome = format!("events {} {end}\n", trace.events.len());
    for one in verdicts(trace) {
        writeln!(outcome, "{}{} {}", one.host, one.incarnation.0, word(one.verdict)).unwrap();
    }
    outcome
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::ForeignOctets => "foreign octets",
        Verdict::ForeignFin => "foreign FIN",
        Verdict::OldRst => "old RST",
        Verdict::SpuriousRst => "spurious RST",
        Verdict::TimeWaitCutShort => "TIME-WAIT cut short",
        Verdict::Aborted => "aborted",
        Verdict::AbortedByPeer => "aborted by its peer",
        Verdict::Refused => "refused",
        Verdict::GivenUp => "given up",
        Verdict::Stuck => "stuck",
        Verdict::ClosedInOrder => "closed in order",
        Verdict::Open => "open",
    }
}

#[test]
fn links_that_were_made_open_as_they_did() {
    let mut text = std::fs::read_to_string(file()).unwrap();
    if std::env::var_os("BLESS").is_some() {
        let old: Vec<String> = blocks(&text).iter().map(|(name, _)| (*name).to_owned()).collect();
        for (name, link) in made().iter().filter(|(name, _)| !old.contains(name)) {
            write!(text, "\nlink {}", block(name, link)).unwrap();
        }
        std::fs::write(file(), &text).unwrap();
    }
    let blocks = blocks(&text);
    assert!(blocks.len() >= 30, "{} links", blocks.len());
    for (name, was) in &blocks {
        let link = was.lines().nth(1).unwrap_or("");
        assert_eq!(block(name, link).trim_end(), was.trim_end(), "{name}");
    }
    for (name, _) in made() {
        assert!(blocks.iter().any(|(old, _)| *old == name), "BLESS=1 adds: {name}");
    }
}

fn english(time: Time, scenario: Scenario, other: Option<Difference>) -> Link {
    let (time, language, scenario) = (Some(time), Some("en".to_owned()), Some(scenario));
    Link { time, language, other, scenario, ..Link::default() }
}

#[test]
fn links_of_one_world_are_written_as_the_first_version_wrote_them() {
    for (name, scenario) in scenes() {
        let time = Time::from_millis(1_272);
        let first = first_version(time, "en", &scenario);
        let link = english(time, scenario, None).to_string();
        assert_eq!(link, first, "{name}");
    }
}

#[test]
fn links_are_short() {
    let mut lengths: Vec<(usize, &str)> = Vec::new();
    for (name, scenario) in scenes() {
        let other = Some(Difference::usual(&scenario));
        let time = Some(Time(61_250_417));
        let language = Some("en".to_owned());
        let lesson = Some(("half-closed".to_owned(), 12));
        let link = Link { time, language, lesson, show: None, other, scenario: Some(scenario) };
        assert_eq!(link.length(), link.to_string().chars().count());
        lengths.push((link.length(), name));
    }
    lengths.sort_unstable();
    println!("{lengths:?}");
    let (longest, name) = lengths.last().unwrap();
    assert!(*longest < 800, "{name}: {longest}");
}

#[test]
fn links_of_many_acts_still_fit() {
    let acts = "drop A12 FIN,ACK 4294967295\ndelay B11 ACK 4294967295 1500ms\n\
                duplicate A10 ACK 4294967295 at 61250ms\nkeep B9 ACK 4294967295\n\
                61250417us release B9\n61250417us A send \"some more words\"\n\
                61250417us A connect 80 from 40000 reuse\n61250417us B close fd 12\n\
                61250417us forge B ACK 4294967295 ack 4294967295 window 65535 timestamps \
                4294967295 4294967295 data \"EVIL\"\n61250417us A shutdown\n61250417us B reboot\n\
                drop A13 ACK 4294967295\ndrop B13 RST,ACK 4294967295\n\
                61250417us A linger-zero\n61250417us A close\n";
    assert_eq!(acts.lines().count(), 15);
    let more = scenario(&format!("time-wait-lab 1\n{acts}")).acts;
    let mut longest = 0;
    for (name, mut scenario) in scenes() {
        scenario.acts.extend(more.clone());
        let other = Difference::usual(&scenario);
        let length = english(Time(61_250_417), scenario, Some(other)).length();
        assert!(length < 1_900, "{name}: {length}");
        longest = longest.max(length);
    }
    println!("with 15 more acts: {longest}");
}

/// What a damaged link gives: the fault, the lines left out, and whether a scene is shown.
fn damaged(text: &str) -> (Option<Fault>, Vec<u32>, Option<String>) {
    let (link, error) = Link::parse(text);
    let (fault, left_out) = error.map(|error| (error.fault, error.left_out)).unzip();
    (fault, left_out.unwrap_or_default(), link.scenario.map(|scenario| scenario.to_string()))
}

fn place(fault: Option<Fault>) -> (u32, u32, Expected) {
    match fault {
        Some(Fault::Scenario(error) | Fault::Other(error)) => {
            (error.line, error.column, error.expected)
        }
        Some(Fault::Later(_) | Fault::Address) | None => panic!("{fault:?}"),
    }
}

#[test]
fn links_without_a_readable_line_give_no_scene() {
    for text in ["what", "#what", "t=1s&what", "%", "s=%ff"] {
        assert_eq!(damaged(text), (Some(Fault::Address), Vec::new(), None), "{text}");
    }
    for text in ["", "#", "&&", "lang=zh", "t=1s&w=A+linux", "later=1"] {
        assert_eq!(damaged(text), (None, Vec::new(), None), "{text}");
    }
    let (fault, left_out, scene) = damaged("t=1s&s=time-wait-lab+1;A+nonsense");
    assert_eq!(place(fault), (2, 3, Expected::Base));
    assert_eq!((left_out, scene), (Vec::new(), None));
    let (fault, ..) = damaged("s=time-wait-lab+1;drop+what");
    assert_eq!(place(fault), (2, 6, Expected::Segment));
    let (fault, ..) = damaged("s=");
    assert_eq!(place(fault), (1, 1, Expected::Version));
}

#[test]
fn links_show_the_nearest_scene() {
    let rest = "A rfc9293\nB linux\nwire A 50ms B 50ms\n0s B listen 80\nuntil 600s\n";
    let rest = Some(format!("time-wait-lab 1\n{rest}"));
    let nearest = |text: &str| {
        let (fault, left_out, scene) = damaged(text);
        assert_eq!(scene, rest, "{text}");
        (fault, left_out)
    };
    // The host's line that fails, another one of the same host, and an act that goes on too long.
    let text = "s=time-wait-lab+1;A+x;B+linux;A+y;0s+B+listen+80;10ms+A+close+at+once;B+linux";
    let (fault, left_out) = nearest(text);
    assert_eq!((place(fault), left_out), ((2, 3, Expected::Base), vec![2, 4, 6, 7]));
    // Cut off in the last line, and within an escape there.
    let (fault, left_out) = nearest("s=time-wait-lab+1;B+linux;0s+B+listen+80;10ms+A+con");
    assert_eq!((place(fault).0, left_out), (4, vec![4]));
    let (fault, left_out) = nearest("s=time-wait-lab+1;B+linux;0s+B+listen+80;1s+A+send+%2");
    assert_eq!((fault, left_out), (Some(Fault::Address), vec![4]));
    // Octets that are no text are left out even where a reader would take them.
    let (fault, left_out) = nearest("s=time-wait-lab+1;B+linux;1s+A+send+%22%ff%22;0s+B+listen+80");
    assert_eq!((fault, left_out), (Some(Fault::Address), vec![3]));
    // The first line missing, or damaged.
    let (fault, left_out) = nearest("s=B+linux;0s+B+listen+80");
    assert_eq!((place(fault), left_out), ((1, 1, Expected::Version), Vec::new()));
    let (fault, left_out) = nearest("s=time-wait-lap+1;B+linux;0s+B+listen+80");
    assert_eq!((place(fault), left_out), ((1, 1, Expected::Version), vec![1]));
    // A later version, with a line that this one doesn't know.
    let (fault, left_out) = nearest("s=time-wait-lab+2;B+linux;C+linux;0s+B+listen+80");
    assert_eq!((fault, left_out), (Some(Fault::Later(2)), vec![3]));
    let (fault, left_out) = nearest("s=time-wait-lab+4294967295;B+linux;0s+B+listen+80");
    assert_eq!((fault, left_out), (Some(Fault::Later(u32::MAX)), Vec::new()));
    for version in ["0", "01", "2+3", "-2", "4294967296", "two"] {
        let (fault, _) = nearest(&format!("s=time-wait-lab+{version};B+linux;0s+B+listen+80"));
        assert_eq!(place(fault), (1, 1, Expected::Version), "{version}");
    }
}

#[test]
fn links_with_more_than_a_hundred_unreadable_lines_give_no_scene() {
    let text = |count: usize| {
        damaged(&format!("s=time-wait-lab+1;0s+B+listen+80{}", ";nonsense".repeat(count)))
    };
    let (_, left_out, scene) = text(100);
    assert_eq!((left_out.len(), scene.is_some()), (100, true));
    let (fault, left_out, scene) = text(101);
    assert_eq!((left_out, scene), (Vec::new(), None));
    assert_eq!(place(fault), (3, 1, Expected::Line));
    let (fault, _, scene) = text(100_000);
    assert_eq!((place(fault), scene), ((1, 1, Expected::TextUpTo(65_536)), None));
}

#[test]
fn links_whose_other_world_or_moment_cannot_be_read_show_the_scene() {
    let scene = "s=time-wait-lab+1;0s+B+listen+80";
    let (link, error) = Link::parse(&format!("t=1s&w=A+time-wait=soon&{scene}"));
    assert!(link.scenario.is_some() && link.other.is_none());
    assert_eq!(link.time, Some(Time::from_millis(1_000)));
    let wrong = place(error.map(|error| error.fault));
    assert_eq!(wrong, (1, 3, Expected::Value(Switch::time_wait)));
    let (link, error) = Link::parse(&format!("t=soon&{scene}"));
    assert!(link.scenario.is_some() && link.time.is_none());
    assert_eq!(error.map(|error| error.fault), Some(Fault::Address));
    // Of several faults the gravest is said.
    let (link, error) = Link::parse(&format!("what&w=A&{scene};what"));
    let error = error.unwrap();
    assert_eq!(place(Some(error.fault)), (3, 1, Expected::Line));
    assert_eq!((error.left_out, link.scenario.is_some()), (vec![3], true));
}

#[test]
fn links_of_the_greatest_length_are_read_quickly() {
    let started = std::time::Instant::now();
    for line in ["keep+A1;", "nonsense;", "A;", "%", "%2", "&", "t=", "0s+A+send+%22", "w=A+", "é"]
    {
        let text = format!("s=time-wait-lab+1;{}", line.repeat(1_000_000 / line.len()));
        let _ = (Link::parse(&text), Link::parse(text.get(..65_000).unwrap_or("")));
        let long = format!("s=time-wait-lab+1;0s+B+listen+80;{}", "keep+A1;".repeat(8_000));
        let _ = Link::parse(&format!("{long}nonsense"));
    }
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

fn difference() -> impl Strategy<Value = Difference> {
    let switch = (prop::sample::select(Switch::ALL), prop::sample::select(Base::ALL));
    let by_switch = switch.prop_map(|(switch, base)| {
        Difference::with_switch(HostId::A, switch, &Profile::new(base).get(switch)).unwrap()
    });
    let by_base =
        prop::sample::select(Base::ALL).prop_map(|base| Difference::with_base(HostId::B, base));
    let by_iss = proptest::collection::vec(any::<u32>().prop_map(Seq), 1..4)
        .prop_map(|iss| Difference::with_iss(HostId::B, iss).unwrap());
    prop_oneof![by_switch, by_base, by_iss]
}

fn link() -> impl Strategy<Value = Link> {
    let time = proptest::option::of(any::<u64>().prop_map(Time));
    let language = proptest::option::of("(en|zh|zh-CN|[ -~]{0,9}|\\PC{0,4})");
    let lesson = proptest::option::of(("([a-z0-9-]{1,9}|\\PC{0,4})", any::<usize>()));
    let show = proptest::option::of("([a-z0-9 .-]{1,30}|\\PC{0,4})");
    let other = proptest::option::of(difference());
    (time, language, lesson, show, other, any_scenario()).prop_map(
        |(time, language, lesson, show, other, scenario)| Link {
            time,
            language,
            lesson,
            show,
            other,
            scenario: Some(scenario),
        },
    )
}

fn cases(cases: u32) -> Config {
    let rng_seed = RngSeed::Fixed(1);
    Config { cases, rng_seed, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn links_read_back(link in link()) {
        let text = link.to_string();
        prop_assert!(text.bytes().all(|octet| octet.is_ascii_graphic()), "{}", text);
        if let Link { time: Some(time), language: Some(tag), lesson: None, show: None, other: None, scenario: Some(scenario) } = &link
            && matches!(&**tag, "en" | "zh")
        {
            prop_assert_eq!(&text, &first_version(*time, tag, scenario));
        }
        prop_assert_eq!(Link::parse(&text), (link, None), "{}", text);
    }

    #[test]
    fn links_that_are_damaged_give_what_can_be_written_again(
        link in link(),
        wounds in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..5, any::<char>()), 1..6),
    ) {
        let mut chars: Vec<char> = link.to_string().chars().collect();
        for (place, how, char) in wounds {
            if chars.is_empty() {
                break;
            }
            let at = place.index(chars.len());
            match how {
                0 => chars[at] = char,
                1 => drop(chars.remove(at)),
                2 => chars.insert(at, char),
                3 => chars[at] = "&=;+%0 #"[..].chars().nth(char as usize % 8).unwrap(),
                _ => chars.truncate(at),
            }
        }
        whole(&chars.into_iter().collect::<String>())?;
    }

    #[test]
    fn links_of_any_kind_never_panic(
        text in any::<String>(),
        parts in "((t|s|w|lang|x)=|[AB]\\+|time-wait-lab\\+[0-9]|;|&|%[0-9a-f]{0,2}|0s\\+|drop\\+|linux|=|\\PC){0,40}",
    ) {
        whole(&text)?;
        whole(&parts)?;
    }
}

/// Whatever was read can be written and is then read without an error, as the same.
fn whole(text: &str) -> Result<(), TestCaseError> {
    let (link, error) = Link::parse(text);
    let again = Link::parse(&link.to_string());
    prop_assert_eq!(again, (link.clone(), None), "{}", text);
    let left_out = error.map(|error| error.left_out).unwrap_or_default();
    prop_assert!(left_out.len() <= 100 && left_out.is_sorted_by(|a, b| a < b), "{}", text);
    prop_assert!(left_out.is_empty() || link.scenario.is_some(), "{}", text);
    Ok(())
}
