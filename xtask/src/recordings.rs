//! The recorded exchanges that lessons name, read from tests/: `cargo xtask build` puts them beside a
//! lesson, and tests/lessons.rs, which shares this file, compares them with the lesson's scene.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use time_wait_lab::lesson::{Bases, Exchanged, Recording};
use time_wait_lab::tcp::event::HostId;
use time_wait_lab::tcp::segment::Segment;
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::Start;

/// Where a recording lies, under the root of the project: in the first of these folders that has it.
fn places(recording: &Recording) -> Vec<PathBuf> {
    match recording {
        Recording::Kernel(name) => ["tests/kernel", "tests/kernel_own"]
            .map(|folder| Path::new(folder).join(format!("{name}.json")))
            .into(),
        Recording::Case(name) => {
            vec![Path::new("tests/cases/scenarios").join(format!("{name}.json"))]
        }
    }
}

/// Reads what the two hosts of a recording sent; an error says which file is missing, or wrong.
pub(crate) fn read_recording(root: &Path, recording: &Recording) -> Result<Vec<Exchanged>, String> {
    let places = places(recording);
    let found = places.iter().find(|place| root.join(place).is_file());
    let found = found.ok_or_else(|| {
        let names: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
        format!("no recording {}", names.join(" or "))
    })?;
    let wrong = |why: String| format!("{}: {why}", found.display());
    let text = fs::read_to_string(root.join(found)).map_err(|why| wrong(why.to_string()))?;
    let value: Value = serde_json::from_str(&text).map_err(|why| wrong(why.to_string()))?;
    let exchange = match recording {
        Recording::Kernel(_) => of_kernel(&value),
        Recording::Case(_) => of_case(&value),
    };
    exchange.ok_or_else(|| wrong("not a recording as its folder's README describes it".to_owned()))
}

/// tests/kernel/README.md says what the fields are. What was put on the wire by hand isn't sent.
fn of_kernel(record: &Value) -> Option<Vec<Exchanged>> {
    let mut bases = Bases::new(Start::Closed);
    let mut exchange = Vec::new();
    for event in record["events"].as_array()? {
        let fate = event["fate"][0].as_str().unwrap_or("");
        if event["kind"] != "segment" || fate == "inject" {
            continue;
        }
        let segment = Segment {
            seq: Seq(number(&event["abs_seq"])?),
            data: vec![0; usize::try_from(number(&event["len"])?).ok()?],
            ..flags(&event["flags"], &event["abs_ack"])?
        };
        // Seconds, with a fraction.
        let micros = (event["t"].as_f64()? * 1e6).round() as u64;
        exchange.push(bases.see(Time(micros), host(&event["from"])?, &segment, fate == "drop"));
    }
    Some(exchange)
}

/// tests/cases/README.md says what the fields are. A segment is lost where the network says so of it,
/// by its place among its sender's; a rule for every one that matches tells by its source, SEQ and bits.
fn of_case(case: &Value) -> Option<Vec<Exchanged>> {
    let start = &case["start"];
    let mut bases = Bases::new(match start["state"].as_str()? {
        "ESTABLISHED" => Start::Established {
            a_next: Seq(number(&start["a_next"])?),
            b_next: Seq(number(&start["b_next"])?),
        },
        _ => Start::Closed,
    });
    let mut exchange: Vec<Exchanged> = Vec::new();
    for sent in case["expect"]["segments"].as_array()? {
        let sender = host(&sent["from"])?;
        let segment = Segment {
            seq: Seq(number(&sent["seq"])?),
            data: sent["data"].as_str()?.as_bytes().to_vec(),
            ..flags(&sent["flags"], &sent["ack"])?
        };
        let nth = exchange.iter().filter(|one| one.sender == sender).count() + 1;
        let rules = case["network"].as_array()?;
        let lost = rules.iter().any(|rule| {
            rule["do"] == "drop" && (is_nth(rule, sender, nth) || is_every(rule, sender, &segment))
        });
        let at = Time::from_millis(sent["t"].as_u64()?);
        exchange.push(bases.see(at, sender, &segment, lost));
    }
    Some(exchange)
}

fn is_nth(rule: &Value, sender: HostId, nth: usize) -> bool {
    host(&rule["from"]) == Some(sender) && rule["nth"].as_u64() == u64::try_from(nth).ok()
}

fn is_every(rule: &Value, sender: HostId, segment: &Segment) -> bool {
    let every = &rule["every"];
    let bit = |key: &str, is: bool| every[key].as_bool().is_none_or(|wanted| wanted == is);
    host(&every["source"]) == Some(sender)
        && number(&every["seq"]).is_none_or(|seq| Seq(seq) == segment.seq)
        && bit("ack", segment.ack.is_some())
        && bit("rst", segment.rst)
}

/// A segment with these bits. PSH and URG don't exist in the model.
fn flags(names: &Value, ack: &Value) -> Option<Segment> {
    let names = names.as_array()?;
    let has = |name: &str| names.iter().any(|one| one == name);
    Some(Segment {
        syn: has("SYN"),
        fin: has("FIN"),
        rst: has("RST"),
        ack: if has("ACK") { Some(Seq(number(ack)?)) } else { None },
        ..Segment::default()
    })
}

fn number(value: &Value) -> Option<u32> {
    u32::try_from(value.as_u64()?).ok()
}

fn host(value: &Value) -> Option<HostId> {
    HostId::BOTH.into_iter().find(|host| value.as_str() == Some(host.to_string().as_str()))
}
