//! What the text form promises: printing and reading are inverse, and reading never fails badly.

use proptest::prelude::*;

use time_wait_lab::world::{parse_scenario, parse_trace, simulate};

use crate::cases;
use crate::generate::{ALL, any_scenario, scenario};

/// A text with some of its characters replaced, left out or doubled.
fn damaged(text: &str, wounds: &[(prop::sample::Index, u8, char)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (place, how, char) in wounds {
        if chars.is_empty() {
            break;
        }
        let at = place.index(chars.len());
        match how % 4 {
            0 => chars[at] = *char,
            1 => drop(chars.remove(at)),
            2 => chars.insert(at, *char),
            _ => chars.truncate(at),
        }
    }
    chars.into_iter().collect()
}

fn wounds() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, char)>> {
    let char = prop_oneof![
        3 => prop::sample::select("0123456789 \n\"\\#=.-<>[]AB,xé\u{2028}".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), char), 1..6)
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn text_scenarios_read_back(scenario in any_scenario()) {
        let text = scenario.to_string();
        prop_assert_eq!(parse_scenario(&text), Ok(scenario), "{}", text);
    }

    #[test]
    fn text_traces_read_back(scenario in scenario(ALL)) {
        let trace = simulate(&scenario);
        prop_assert_eq!(parse_trace(&trace.to_string()), Ok(trace));
    }

    #[test]
    fn text_that_is_damaged_is_read_or_refused_with_a_place(
        scenario in any_scenario(),
        wounds in wounds(),
    ) {
        let text = damaged(&scenario.to_string(), &wounds);
        match parse_scenario(&text) {
            Ok(read) => prop_assert_eq!(parse_scenario(&read.to_string()), Ok(read)),
            Err(error) => {
                let line = text.lines().nth(error.line as usize - 1).unwrap_or("");
                prop_assert!(error.column as usize <= line.chars().count() + 1, "{error}\n{text}");
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn text_of_a_trace_that_is_damaged_is_read_or_refused(
        scenario in scenario(ALL),
        wounds in wounds(),
    ) {
        let mut short = scenario;
        short.until = time_wait_lab::tcp::time::Time::from_millis(1_500);
        let text = damaged(&simulate(&short).to_string(), &wounds);
        if let Ok(read) = parse_trace(&text) {
            prop_assert_eq!(parse_trace(&read.to_string()), Ok(read));
        }
    }

    #[test]
    fn text_of_any_kind_never_panics(text in any::<String>(), lines in "([AB] |drop |[0-9]{1,3}[mu]?s? |[a-z-]{1,9} |\"[^\"]*\"?|[0-9]{1,12}|[<>\\[\\]=,.#]|\n){0,40}") {
        let _ = (parse_scenario(&text), parse_trace(&text));
        let text = format!("time-wait-lab 1\n{lines}");
        let _ = (parse_scenario(&text), parse_trace(&text));
    }
}

#[test]
fn text_of_the_greatest_length_is_read_quickly() {
    let started = std::time::Instant::now();
    for line in ["keep A1\n", "#\n", "0s A send \"", "A linux a=b ", "sack 1-2 ", "\"\"\"\"", "é "]
    {
        let text = format!("time-wait-lab 1\n{}", line.repeat(65_000 / line.len()));
        let _ = (parse_scenario(&text), parse_trace(&text));
    }
    assert!(started.elapsed().as_secs() < 2);
}
