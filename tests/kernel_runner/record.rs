//! The records of real kernels, as they lie in `tests/kernel` (its README says what each field is).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use time_wait_lab::tcp::event::HostId;

/// One recorded trace.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// The wire's delay in seconds, each way.
    pub one_way_delay_s: f64,
    /// What was set on each host.
    #[serde(default)]
    pub sysctls: BTreeMap<HostId, BTreeMap<String, Value>>,
    /// Where the record, and the comparison, stop.
    pub ended: f64,
    /// What was seen.
    pub events: Vec<Event>,
}

/// Something seen at a moment, in seconds.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// When.
    pub t: f64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What was seen.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum What {
    /// A segment entered the wire.
    Segment(Box<Seg>),
    /// A call returned.
    Call(Called),
    /// A host's sockets, polled.
    State {
        /// The host.
        host: HostId,
        /// `local-remote:STATE`.
        sockets: Vec<String>,
    },
}

/// A call of a program.
#[derive(Clone, Debug, Deserialize)]
pub struct Called {
    /// The host.
    pub host: HostId,
    /// The call's name.
    pub call: String,
    /// Its arguments.
    pub args: Vec<Value>,
    /// What it returned.
    pub result: Value,
}

/// The options that matter here.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Opts {
    /// TSval.
    pub tsval: Option<u32>,
    /// TSecr.
    pub tsecr: Option<u32>,
    /// The window scale of a SYN.
    pub wscale: Option<u32>,
    /// The maximum segment size of a SYN.
    pub mss: Option<u32>,
    /// SACK-permitted.
    #[serde(default)]
    pub sackok: bool,
}

/// A segment as it entered the wire.
#[derive(Clone, Debug, Deserialize)]
pub struct Seg {
    /// The sender, or whose address it pretends to come from.
    pub from: HostId,
    /// Its control bits.
    pub flags: Vec<String>,
    /// SEQ relative to the sender's ISN.
    pub seq: u32,
    /// ACK relative to the receiver's ISN.
    pub ack: Option<u32>,
    /// The octets of text.
    pub len: u32,
    /// The window as it stands in the header.
    pub win: u32,
    /// Options.
    #[serde(default)]
    pub opts: Opts,
    /// SEQ as sent.
    pub abs_seq: u32,
    /// ACK as sent.
    pub abs_ack: u32,
    /// Source port.
    pub sport: u16,
    /// Destination port.
    pub dport: u16,
    /// How many SYNs had been sent.
    pub incarnation: u32,
    /// What the wire did to it.
    pub fate: Vec<Value>,
    /// The text.
    #[serde(default)]
    pub data: String,
}

impl Seg {
    /// Whether a bit is set.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }

    /// The word that names its fate.
    pub fn fate(&self) -> &str {
        self.fate.first().and_then(Value::as_str).unwrap_or("deliver")
    }

    /// The label of a kept copy or of an injected segment.
    pub fn label(&self) -> &str {
        self.fate.get(1).and_then(Value::as_str).unwrap_or("")
    }

    /// The delays that its fate names, in seconds: one for each copy.
    pub fn delays(&self) -> Vec<f64> {
        let numbers = |v: &Value| match v {
            Value::Array(list) => list.iter().filter_map(Value::as_f64).collect(),
            other => other.as_f64().into_iter().collect::<Vec<f64>>(),
        };
        self.fate.iter().skip(1).flat_map(numbers).collect()
    }

    /// Its flags in the order in which the model writes them, without PSH.
    pub fn flags(&self) -> String {
        let known = ["SYN", "FIN", "RST", "ACK"].into_iter().filter(|f| self.has(f));
        known.collect::<Vec<_>>().join(",")
    }
}

/// Microseconds of a moment or a length.
pub fn micros(seconds: f64) -> u64 {
    (seconds.max(0.0) * 1e6).round() as u64
}

/// Every record of a folder, in the order of the names.
pub fn load(folder: &Path) -> Vec<Record> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "json"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// One record.
pub fn read(path: &Path) -> Record {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
