//! A process that runs inputs: under a bound on memory, with the stack that a browser gives, watched by
//! the process that sends them. Whatever becomes of it is an outcome.

use std::cell::RefCell;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::check::{Kind, check};

/// The word that makes a worker of this program.
pub(crate) const WORD: &str = "worker";

/// How much memory an input may take, with all that was there before it: KiB.
const MEMORY: u64 = 2_000_000;

/// How long an input may take: of the processor, so that a busy machine is no fault of an input.
const TIME: Duration = Duration::from_secs(10);

/// As much as the page has in a browser.
const STACK: usize = 1 << 20;

/// What became of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Every promise was kept. Whether it could be read, and how long it took.
    Held(bool, Duration),
    /// A promise was broken, or the process ended: the same words for the same fault.
    Failed(String),
}

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The worker: reads inputs, answers with outcomes, until there are no more.
pub(crate) fn work() -> Result<(), String> {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let words = info.payload_as_str().unwrap_or("");
        PANIC.with_borrow_mut(|told| *told = format!("panic at {place}: {words}"));
    }));
    let worker = thread::Builder::new().name("input".into()).stack_size(STACK).spawn(|| {
        let mut inputs = io::stdin().lock();
        while let Some((kind, text)) = read(&mut inputs) {
            println!("{}", answer(kind, &text));
        }
    });
    let worker = worker.map_err(|why| why.to_string())?;
    worker.join().map_err(|_| "the worker panicked".to_owned())
}

fn read(inputs: &mut impl BufRead) -> Option<(Kind, String)> {
    let mut head = String::new();
    inputs.read_line(&mut head).ok()?;
    let (kind, length) = head.trim_end().split_once(' ')?;
    let mut octets = vec![0; length.parse().ok()?];
    inputs.read_exact(&mut octets).ok()?;
    Some((Kind::of_file(kind)?, String::from_utf8(octets).ok()?))
}

fn answer(kind: Kind, text: &str) -> String {
    let start = Instant::now();
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| check(kind, text)));
    let micros = start.elapsed().as_micros();
    match outcome {
        Ok(Ok(is_read)) => format!("held {} {micros}", u8::from(is_read)),
        Ok(Err(broken)) => format!("failed {}", broken.escape_debug()),
        Err(_) => format!("failed {}", PANIC.with_borrow(|told| told.escape_debug().to_string())),
    }
}

/// A worker that runs, from outside.
pub(crate) struct Worker {
    child: Child,
    inputs: ChildStdin,
    answers: Receiver<String>,
}

impl Worker {
    pub(crate) fn start() -> Result<Worker, String> {
        let program = std::env::current_exe().map_err(|why| why.to_string())?;
        // Not every system has a bound on memory; it has then that of the machine.
        let bounded = format!("ulimit -v {MEMORY} 2>/dev/null; exec \"$0\" {WORD}");
        let mut command = if cfg!(unix) { Command::new("sh") } else { Command::new(&program) };
        if cfg!(unix) {
            command.args(["-c", &bounded]).arg(&program);
        } else {
            command.arg(WORD);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|why| format!("cannot start a worker: {why}"))?;
        let (Some(inputs), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a worker without pipes".into());
        };
        let (sender, answers) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Worker { child, inputs, answers })
    }

    /// Runs an input. Where the worker doesn't outlive it there is a new one.
    pub(crate) fn run(&mut self, kind: Kind, text: &str) -> Result<Outcome, String> {
        let head = format!("{} {}\n", kind.name(), text.len());
        // A worker that is gone says so below.
        let _sent = self.inputs.write_all(head.as_bytes()).and_then(|()| {
            self.inputs.write_all(text.as_bytes()).and_then(|()| self.inputs.flush())
        });
        let outcome = match self.answer() {
            Ok(line) => return Ok(read_answer(&line)),
            Err(RecvTimeoutError::Timeout) => {
                format!("it takes longer than {} s", TIME.as_secs())
            }
            Err(RecvTimeoutError::Disconnected) => self.last_words(),
        };
        self.end();
        *self = Worker::start()?;
        Ok(Outcome::Failed(outcome))
    }

    /// Waits for an answer.
    fn answer(&self) -> Result<String, RecvTimeoutError> {
        let before = worked(self.child.id());
        let mut left = TIME;
        loop {
            let answer = self.answers.recv_timeout(left);
            if answer != Err(RecvTimeoutError::Timeout) {
                return answer;
            }
            let used = worked(self.child.id()).zip(before).map(|(now, before)| now - before);
            match used {
                Some(used) if used < TIME => left = TIME - used,
                _ => return answer,
            }
        }
    }

    /// What a worker that is gone said, and how it ended.
    fn last_words(&mut self) -> String {
        let mut words = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            let _read = stderr.read_to_string(&mut words);
        }
        let ended = self.child.wait().map(|status| status.to_string()).unwrap_or_default();
        // The number of a thread, and of octets that weren't to be had, differ each time.
        let said = words.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        let said = said.split(|char: char| char.is_ascii_digit()).next().unwrap_or("");
        let what = if words.contains("overflowed its stack") { "stack overflow" } else { said };
        format!("the process ended, {ended}: {}", what.trim_end_matches([' ', '(']))
    }

    /// Ends it.
    pub(crate) fn end(&mut self) {
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// How long a process had the processor, where the system says it.
fn worked(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may hold anything: proc(5), utime and stime, in hundredths of a second.
    let (_, rest) = stat.rsplit_once(')')?;
    let ticks: Vec<u64> = rest.split(' ').skip(12).take(2).map_while(|n| n.parse().ok()).collect();
    Some(Duration::from_millis(ticks.iter().sum::<u64>() * 10))
}

fn read_answer(line: &str) -> Outcome {
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["held", is_read, micros] => Outcome::Held(
            *is_read == "1",
            Duration::from_micros(micros.parse().unwrap_or_default()),
        ),
        _ => Outcome::Failed(line.strip_prefix("failed ").unwrap_or(line).to_owned()),
    }
}
