//! What the text form takes, what it refuses, and what it says then.

use super::*;
use crate::world::{Scenario, simulate};

/// The error of a scenario whose first line is right.
fn error(rest: &str) -> (u32, u32, Expected) {
    let text = format!("{VERSION}\n{rest}");
    match parse_scenario(&text) {
        Ok(scenario) => panic!("read:\n{scenario}"),
        Err(TextError { line, column, expected }) => (line, column, expected),
    }
}

#[test]
fn an_error_says_where_and_what() {
    assert_eq!(error("Alpha"), (2, 1, Expected::Line));
    assert_eq!(error("# a comment\n\nA linux\nA linux"), (5, 1, Expected::Once));
    assert_eq!(error("B windows"), (2, 3, Expected::Base));
    assert_eq!(error("B linux fast"), (2, 9, Expected::Setting));
    assert_eq!(error("B linux nagle=off nagle=on"), (2, 19, Expected::Once));
    assert_eq!(error("B linux nagle=maybe"), (2, 9, Expected::Value(Switch::nagle)));
    assert_eq!(error("B linux iss=1,"), (2, 9, Expected::Number(u32::MAX)));
    let window = Expected::Number(2_147_483_647);
    assert_eq!(error("B linux window=2147483648"), (2, 9, Expected::Value(Switch::window)));
    assert_eq!(Switch::window.expected(), "0..2147483647");
    assert_eq!(error("1s forge A SYN 1 window 2147483648"), (2, 25, window.clone()));
    assert_eq!(error("1s A receive-buffer 2147483648"), (2, 21, window.clone()));
    assert_eq!(error("1s A listen 80 buffer 4294967295"), (2, 23, window));
    assert_eq!(error("drop C1"), (2, 6, Expected::Segment));
    assert_eq!(error("drop A1 FIN"), (2, 12, Expected::Number(u32::MAX)));
    assert_eq!(error("delay A1"), (2, 9, Expected::Time));
    assert_eq!(error("5m A close"), (2, 1, Expected::Time));
    assert_eq!(error("0s A send \"x"), (2, 13, Expected::QuotesEnd));
    assert_eq!(error("0s A send \"é\\q\""), (2, 13, Expected::Escape));
    assert_eq!(error("0s A connect 70000"), (2, 14, Expected::Number(65_535)));
    assert_eq!(error("wire A 50ms"), (2, 12, Expected::Words(vec!["B"])));
    let after = Expected::End(vec!["reuse", "buffer", "fd"]);
    assert_eq!(error("0s A listen 80 again"), (2, 16, after));
}

/// An act as it's printed after it was read.
fn printed(act: &str) -> String {
    let scenario = parse_scenario(&format!("{VERSION}\n{act}"));
    let text = scenario.map(|scenario| scenario.to_string()).map_err(|error| error.to_string());
    let line = text.as_ref().map(|text| text.lines().nth(4).unwrap_or("").to_owned());
    line.unwrap_or_else(|error| error.clone())
}

#[test]
fn every_segment_of_a_kind_or_of_a_stretch_of_time_is_said_in_one_way() {
    for same in [
        "drop every A",
        "drop every B seq 306 ack on rst off",
        "drop every A from 2s to 5s",
        "keep every B from 0s",
        "drop every B fin",
        "delay every A syn fin data seq 0 ack off rst on from 1us to 2us 300ms",
        "duplicate every A syn off fin off data off from 1s at 5s",
        "delay every A from 5s 2s",
    ] {
        assert_eq!(printed(same), same);
    }
    assert_eq!(printed("drop every B  fin on"), "drop every B fin");
    assert_eq!(printed("drop every B rst"), "drop every B rst on");
    // In any order, and the time in any unit.
    let loose = "delay every B from 2000ms to 5000000us rst off ack seq 7 fin at 9s";
    assert_eq!(printed(loose), "delay every B fin seq 7 ack on rst off from 2s to 5s at 9s");
}

#[test]
fn a_stretch_of_time_that_makes_no_sense_is_refused_where_it_stands() {
    let two = Time::from_millis(2_000);
    assert_eq!(error("drop every A from 2s to 1999999us"), (2, 25, Expected::After(two)));
    assert_eq!(error("drop every A from 2s to 2s"), (2, 25, Expected::After(two)));
    assert_eq!(error("drop every A from 2s to soon"), (2, 25, Expected::Time));
    assert_eq!(error("drop every A from 2s to"), (2, 24, Expected::Time));
    assert_eq!(error("drop every A from"), (2, 18, Expected::Time));
    assert_eq!(error("drop every from 2s"), (2, 12, Expected::Words(vec!["A", "B"])));
    let more = vec!["on", "off", "syn", "data", "ack", "rst", "seq", "from"];
    assert_eq!(error("drop every A fin maybe"), (2, 18, Expected::End(more)));
    let more = vec!["syn", "data", "ack", "rst", "seq"];
    assert_eq!(error("drop every A fin from 2s to 5s fin"), (2, 32, Expected::End(more)));
    let sentence = TextError { line: 2, column: 25, expected: Expected::After(two) };
    assert_eq!(sentence.to_string(), "line 2, column 25: expected a time after 2s");
}

#[test]
fn the_first_line_names_the_version() {
    for text in ["", "# nothing", "time-wait-lab", "time-wait-lab 2", "time-wait-lab 10"] {
        let error = parse_scenario(text).map_err(|error| error.expected);
        assert_eq!(error, Err(Expected::Version), "{text}");
    }
    assert_eq!(parse_scenario(VERSION), Ok(Scenario::new(Base::Rfc9293)));
}

#[test]
fn sizes_are_limited() {
    let long = format!("{VERSION}\n#{}", "x".repeat(MOST_SCENARIO_TEXT));
    let error = parse_scenario(&long).map_err(|error| error.expected);
    assert_eq!(error, Err(Expected::TextUpTo(MOST_SCENARIO_TEXT)));
    // In a scenario's text the octets run out first; a trace's may be longer.
    let acts = |count: usize| {
        let text = format!("{VERSION}\n{}trace quiet", "keep A1\n".repeat(count));
        parse_trace(&text).map(|trace| trace.scenario.acts.len()).map_err(|e| e.expected)
    };
    assert_eq!(acts(MOST_ACTS), Ok(MOST_ACTS));
    assert_eq!(acts(MOST_ACTS + 1), Err(Expected::ActsUpTo(MOST_ACTS)));
}

#[test]
fn a_trace_has_its_reason_and_its_events_in_order() {
    let error = |text: String| parse_trace(&text).map_err(|error| (error.line, error.expected));
    assert_eq!(error(VERSION.to_owned()), Err((1, Expected::Trace)));
    let reasons = Expected::Words(vec!["quiet", "horizon", "limit"]);
    assert_eq!(error(format!("{VERSION}\ntrace done")), Err((2, reasons)));
    let event = "0 0s - <- ignored [wire-drop]";
    assert!(parse_trace(&format!("{VERSION}\ntrace quiet\n{event}")).is_ok());
    let twice = format!("{VERSION}\ntrace quiet\n{event}\n{event}");
    assert_eq!(error(twice), Err((4, Expected::EventNumber(1))));
    let rule = format!("{VERSION}\ntrace quiet\n0 0s - <- ignored [no-rule]");
    assert_eq!(error(rule), Err((3, Expected::Rule)));
}

#[test]
fn order_and_blanks_are_free_and_the_printed_form_is_one() {
    let text = "\u{feff}";
    assert!(parse_scenario(text).is_err());
    let loose = format!("  # first\r\n{VERSION}\r\n0s A close\r\n\tB   linux\tclock=1  iss=2\r\n");
    let scenario = parse_scenario(&loose);
    let printed = scenario.as_ref().map(ToString::to_string);
    let expected = format!(
        "{VERSION}\nA rfc9293\nB linux iss=2 clock=1\nwire A 50ms B 50ms\n0s A close\nuntil 600s\n"
    );
    assert_eq!(printed, Ok(expected));
}

#[test]
fn errors_have_sentences() {
    let error = TextError { line: 3, column: 5, expected: Expected::Words(vec!["on", "off"]) };
    assert_eq!(error.to_string(), "line 3, column 5: expected on, off");
    let trace = simulate(&Scenario::new(Base::Linux));
    assert_eq!(parse_trace(&trace.to_string()), Ok(trace));
}
