//! `cargo xtask fuzz [MINUTES] [SEED]`: scenes, links, traces and lessons with changes, and random
//! scenarios, through everything that reads or runs them; `cargo xtask fuzz FILE`: one input again;
//! `cargo xtask fuzz input SEED NUMBER` prints one that the table names.

mod check;
mod dice;
#[path = "../../tests/properties/generate.rs"]
#[allow(dead_code, unreachable_pub)]
mod generate;
mod inputs;
#[path = "../../tests/lesson_checker/mod.rs"]
#[allow(dead_code, unused_imports)]
mod lesson_checker;
mod mutate;
#[path = "../../xtask/src/recordings.rs"]
#[allow(dead_code)]
mod recordings;
mod shrink;
mod table;
mod worker;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use check::Kind;
use inputs::{Input, Inputs};
use table::Table;
use worker::{Outcome, Worker};

/// The root of the project.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

const USAGE: &str = "usage: fuzz MINUTES [SEED] | FILE | input SEED NUMBER";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        [worker::WORD] => worker::work().map(|()| true),
        [minutes] if let Ok(minutes) = minutes.parse() => fuzz(minutes, by_the_clock()),
        [minutes, seed] if let (Ok(minutes), Ok(seed)) = (minutes.parse(), seed.parse()) => {
            fuzz(minutes, seed)
        }
        ["input", seed, number] => match (seed.parse(), number.parse()) {
            (Ok(seed), Ok(number)) => Inputs::read(Path::new(ROOT)).map(|inputs| {
                print!("{}", inputs.make(seed, number).text);
                true
            }),
            (Ok(_) | Err(_), Ok(_) | Err(_)) => Err(USAGE.into()),
        },
        [file] => again(Path::new(file)),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("fuzz: {why}");
            ExitCode::from(2)
        }
    }
}

fn by_the_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_secs())
}

/// Runs one input again.
fn again(path: &Path) -> Result<bool, String> {
    let text =
        fs::read_to_string(path).map_err(|why| format!("cannot read {}: {why}", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let kinds = Kind::ALL.map(Kind::name).join("-, ");
    let kind = Kind::of_file(&name)
        .ok_or_else(|| format!("{name}: expected a name that begins with {kinds}-"))?;
    let mut worker = Worker::start()?;
    let outcome = worker.run(kind, &text)?;
    worker.end();
    match outcome {
        Outcome::Held(is_read, time) => {
            println!("{}, {:.3} s", if is_read { "read" } else { "refused" }, time.as_secs_f64());
            Ok(true)
        }
        Outcome::Failed(failure) => {
            println!("{failure}");
            Ok(false)
        }
    }
}

/// What the threads share.
struct Run {
    inputs: Inputs,
    seed: u64,
    number: AtomicU64,
    end: Instant,
    table: Mutex<Table>,
}

/// Tries inputs for so many minutes, two at a time where there are two cores.
fn fuzz(minutes: f64, seed: u64) -> Result<bool, String> {
    println!("seed {seed}, {minutes} minutes: `cargo xtask fuzz {minutes} {seed}` tries the same");
    let run = Run {
        inputs: Inputs::read(Path::new(ROOT))?,
        seed,
        number: AtomicU64::new(0),
        end: Instant::now() + Duration::from_secs_f64((minutes * 60.0).clamp(0.0, 1e6)),
        table: Mutex::new(Table::default()),
    };
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get().min(2));
    let outcome: Result<(), String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| run.go_on())).collect();
        threads.into_iter().try_for_each(|one| {
            one.join().unwrap_or_else(|_| Err("an input couldn't be made".into()))
        })
    });
    outcome?;
    let table = run.table.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    print!("{table}");
    Ok(table.failures.is_empty())
}

impl Run {
    fn go_on(&self) -> Result<(), String> {
        let mut worker = Worker::start()?;
        while Instant::now() < self.end {
            let number = self.number.fetch_add(1, Ordering::Relaxed);
            let input = self.inputs.make(self.seed, number);
            let outcome = worker.run(input.kind, &input.text)?;
            if self.note(&input, number, &outcome)
                && let Outcome::Failed(failure) = &outcome
            {
                self.keep(&mut worker, &input, number, failure)?;
            }
        }
        worker.end();
        Ok(())
    }

    /// Counts it. Whether it failed as none did before.
    fn note(&self, input: &Input, number: u64, outcome: &Outcome) -> bool {
        let mut table = self.table.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        table.note(input.from, number, outcome)
    }

    /// Writes a failing input, made small, to a file, and says how to run it again.
    fn keep(
        &self,
        worker: &mut Worker,
        input: &Input,
        number: u64,
        failure: &str,
    ) -> Result<(), String> {
        let folder = PathBuf::from(ROOT).join("fuzz/artifacts");
        fs::create_dir_all(&folder).map_err(|why| why.to_string())?;
        let name = format!("{}-{}-{number}.txt", input.kind.name(), self.seed);
        let write = |text: &str| fs::write(folder.join(&name), text).map_err(|why| why.to_string());
        // As it is first: somebody may stop us.
        write(&input.text)?;
        println!("\nFAILED {failure}\n  cargo xtask fuzz fuzz/artifacts/{name}");
        let small = shrink::smallest(worker, input.kind, &input.text, failure)?;
        write(&small)?;
        println!("\nthe smallest input found, in fuzz/artifacts/{name}:\n{small}");
        Ok(())
    }
}
