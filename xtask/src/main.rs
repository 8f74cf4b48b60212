//! What a person types in this project: `cargo xtask serve`, `test`, `build`, `fuzz`, `audit`.
//!
//! Each command installs what it lacks, says so, and needs nothing to be known beforehand.

mod audit;
mod content;
mod explorer;
mod fuzz;
mod html;
mod install;
mod lessons;
mod opening;
mod poster;
mod recordings;
mod serve;
mod shell;
mod site;
mod split;
mod steps;
mod texts;
mod weight;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  serve [--port N]   build the page, serve it on this machine, open it in a browser
  test               every check: style, lints, tests, the release build, journeys in a browser
  build              build the page into dist/, ready for any server of static files
  content            make what the page has beside its program, in target/content: for Trunk
  theorem [ACTS]     print the safety theorem of TIME_WAIT, premise by premise, searched with
                     so many acts of the network (3): for a handout
  fuzz [MINUTES] [SEED]
                     damage scenes, links, traces and lessons, make random scenarios, and send
                     each through everything that reads or runs it, for so long (10)
  fuzz FILE          the same with one input that failed: a file of fuzz/artifacts
  audit              check licences, sources and known weaknesses of the dependencies
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["serve"] => serve::serve(0),
        ["serve", "--port", port] => match port.parse() {
            Ok(port) => serve::serve(port),
            Err(_) => Err(format!("{port:?} is not a port: a number from 0 to 65535")),
        },
        ["test"] => steps::run_all(),
        ["build"] => install::for_build().and_then(|()| site::build()),
        ["content"] => content::for_trunk(),
        ["theorem"] => explorer::print_theorem("3"),
        ["theorem", acts] => explorer::print_theorem(acts),
        ["fuzz"] => fuzz::fuzz(&["10"]),
        ["fuzz", more @ ..] => fuzz::fuzz(more),
        ["audit"] => audit::audit(),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
