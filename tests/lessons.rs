//! Every lesson of content/lessons: complete, true to its runs, and fit to be taught from.
//! `cargo test --no-default-features --test lessons`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::wildcard_enum_match_arm)]

mod lesson_checker;
#[path = "../xtask/src/recordings.rs"]
#[allow(unreachable_pub)]
mod recordings;

use std::path::{Path, PathBuf};

use lesson_checker::{Fault, faults, report};

/// The root of the project.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn files() -> Vec<PathBuf> {
    let folder = Path::new(ROOT).join("content/lessons");
    let entries = std::fs::read_dir(folder).expect("content/lessons can be read");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// `LESSON=NAME` checks the files with that in their names alone.
#[test]
fn lessons_are_in_order() {
    let only = std::env::var("LESSON").unwrap_or_default();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for path in files() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.contains(&only) {
            let text = std::fs::read_to_string(&path).expect("a lesson can be read");
            wrong.extend(report(&format!("content/lessons/{name}"), &text));
            checked += 1;
        }
    }
    println!("{checked} lessons");
    assert!(checked > 0, "no lesson found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn lessons_have_a_number_and_a_name_of_their_own() {
    let (mut numbers, mut names) = (Vec::new(), Vec::new());
    for path in files() {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (number, name) = stem.split_once('-').expect("NN-name.toml");
        assert!(path.extension().is_some_and(|end| end == "toml"), "{}", path.display());
        assert!(number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit()), "{stem}");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
        assert!(!numbers.contains(&number.to_owned()), "two lessons have the number {number}");
        assert!(!names.contains(&name.to_owned()), "two lessons have the name {name}");
        numbers.push(number.to_owned());
        names.push(name.to_owned());
    }
}

/// A lesson without fault, from which each test takes something away.
const GOOD: &str = r#"minutes = 8
title = { en = "The lost last ACK", zh = "丢失的最后一个 ACK" }
summary = { en = "What it shows.", zh = "内容。" }

[[part]]
title = { en = "Without TIME_WAIT", zh = "没有 TIME_WAIT" }
scene = "lost-last-ack"
other = "A time-wait=60s"
recorded = "kernel last_ack_lost_no_time_wait"

  [[part.beat]]
  at = "parting"
  text = { en = "One. Two. Three, in RFC 9293 §3.4.", zh = "一。二。三。" }

  [[part.beat]]
  at = "B6 arrives"
  text = { en = "A RST.", zh = "一个 RST。" }
  cites = ["RFC 9293 §3.10.7.1"]

    [part.beat.question]
    about = "A sends"
    ask = { en = "What will HOST1 send?", zh = "HOST1 会发送什么？" }
    [part.beat.question.tempting]
    ACK = { en = "It has forgotten.", zh = "它已经忘记。" }
    nothing = { en = "It must answer.", zh = "它必须应答。" }

[[puzzle]]
scene = "close-no-time-wait"
ask = { en = "Make HOST2 receive a RST.", zh = "使 HOST2 收到 RST。" }
goal = ["B receives RST", "network acts = 1", "program acts = 0", "rules unchanged"]
hints = [ { en = "One.", zh = "一。" }, { en = "Two.", zh = "二。" } ]
solution = "drop A6"

[[reading]]
cite = "article 2"
text = { en = "The first reason.", zh = "第一个原因。" }
"#;

/// The good lesson with something in the place of something else, and the line where that stands.
fn broken(old: &str, new: &str) -> (String, usize) {
    let place = GOOD.find(old).unwrap_or_else(|| panic!("the lesson has no {old}"));
    let line = GOOD[..place].matches('\n').count() + 1;
    (GOOD.replacen(old, new, 1), line)
}

/// Such a lesson has one fault, on that line, with these words.
fn finds(old: &str, new: &str, words: &str) {
    let (text, line) = broken(old, new);
    finds_at(&text, line, words);
}

fn finds_at(text: &str, line: usize, words: &str) {
    let found = faults(text);
    let is_it = |fault: &&Fault| fault.line == line && fault.what.contains(words);
    assert!(found.iter().any(|fault| is_it(&fault)), "line {line}, {words}\n{found:#?}");
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn the_good_lesson_has_no_fault() {
    assert_eq!(faults(GOOD), Vec::new());
}

#[test]
fn a_file_that_cannot_be_read_is_found() {
    finds("minutes = 8\n", "minuets = 9\nminutes = 8\n", "unknown field `minuets`");
    finds("  at = \"parting\"", "  att = \"parting\"", "unknown field `att`");
    finds(", zh = \"一个 RST。\"", "", "missing field `zh`");
    finds("minutes = 8", "minutes = \"8\"", "expected u32");
    finds("zh = \"第一个原因。\" }", "zh = \"第一个原因。\"", "");
    finds("\"parting\"", "\"B6 arrive\"", "expected a moment");
    finds("\"A sends\"", "\"A says\"", "expected what is asked");
    finds("\"network acts = 1\"", "\"network acts: 1\"", "expected a goal");
    finds("\"A time-wait=60s\"", "\"A time-wait=soon\"", "a second world: expected time-wait=");
    finds("\"kernel last_ack_lost_no_time_wait\"", "\"film x\"", "expected a recording");
}

/// What is missing altogether has the line of what should hold it.
#[test]
fn a_missing_key_is_found_near_its_place() {
    for (old, words) in [
        ("minutes = 8\n", "missing field `minutes`"),
        ("  at = \"parting\"\n", "missing field `at`"),
        ("solution = \"drop A6\"\n", "missing field `solution`"),
    ] {
        let (text, line) = broken(old, "");
        let found = faults(&text);
        let near = |fault: &Fault| fault.line <= line && line <= fault.line + 6;
        assert!(found.iter().any(|f| near(f) && f.what.contains(words)), "{line} {found:?}");
    }
}

#[test]
fn texts_that_are_none_are_found() {
    finds("en = \"A RST.\"", "en = \" \"", "an empty text: expected words in \"en\"");
    finds("\"它已经忘记。\"", "\"\"", "an empty text: expected words in \"zh\"");
    finds("Two. Three,", "Two. Three. Four,", "4 sentences: expected 3 at most");
    finds("一。二。三。", "一。二？三！四。", "4 sentences: expected 3 at most");
    finds("\"第一个原因。\"", "\"The very first reason.\"", "expected the text in Chinese");
    finds("\"The first reason.\"", "\"第一个原因。\"", "expected English");
    finds("minutes = 8", "minutes = 31", "expected 1 to 30 minutes");
}

#[test]
fn scenes_worlds_and_recordings_that_are_none_are_found() {
    finds("\"lost-last-ack\"", "\"lost-lost-ack\"", "no scene \"lost-lost-ack\"");
    finds("\"close-no-time-wait\"", "\"shut\"", "no scene \"shut\": expected a file");
    finds("last_ack_lost_no_time_wait", "last_ack", "no recording tests/kernel/last_ack.json");
    finds("kernel last_ack_lost_no_time_wait", "case C99", "no recording tests/cases/scenarios");
    finds("last_ack_lost_no_time_wait", "simultaneous_close", "isn't the same as the scene");
    finds(
        "last_ack_lost_no_time_wait",
        "last_ack_lost",
        "A's segment 3: ACK SEQ 1 ACK 1 of 0 octets, not RST SEQ 1",
    );
    let (text, line) = broken("other = \"A time-wait=60s\"", "other = \"A time-wait=none\"");
    let found = faults(&text);
    assert!(found.iter().any(|f| f.line == line && f.what.contains("the same as the first")));
}

#[test]
fn moments_that_are_none_or_out_of_order_are_found() {
    finds("\"B6 arrives\"", "\"A6 arrives\"", "`A6 arrives` isn't in the run");
    finds("\"parting\"", "\"951ms\"", "`951ms` isn't in the run");
    finds("\"parting\"", "\"A TIME-WAIT\"", "isn't in the run");
    let (text, line) = broken("\"parting\"", "\"end\"");
    finds_at(&text, line + 4, "1250ms is before the last beat's moment: expected 2100ms or later");
    // The second beat has a question: the moment of the beat before it won't do either.
    let (text, line) = broken("\"B6 arrives\"", "\"600ms\"");
    let found = faults(&text);
    assert!(
        found.iter().any(|f| f.line == line && f.what.contains("600ms is before")),
        "{found:?}"
    );
    let (text, line) = broken("\"B6 arrives\"", "\"950ms\"");
    let found = faults(&text);
    let early = "answer is on the screen already: expected a moment after 950ms";
    assert!(found.iter().any(|f| f.line == line && f.what.contains(early)), "{found:?}");
}

#[test]
fn questions_that_cannot_be_asked_are_found() {
    // Without its second world nothing can be asked of it.
    let alone =
        GOOD.replace("other = \"A time-wait=60s\"\n", "").replace("\"parting\"", "\"950ms\"");
    assert_eq!(faults(&alone), Vec::new());
    let line = alone.lines().position(|line| line.contains("about")).unwrap_or(0) + 1;
    let other = alone.replace("\"A sends\"", "\"other A sends\"");
    finds_at(&other, line, "a question without a right answer");
    finds(
        "    nothing = {",
        "    noting = {",
        "no answer to `A sends`: expected nothing, ACK, data",
    );
    let line = GOOD.lines().position(|line| line.contains("question.tempting")).unwrap_or(0) + 1;
    let untold =
        GOOD.replace("    ACK = { en = \"It has forgotten.\", zh = \"它已经忘记。\" }\n", "");
    finds_at(&untold, line, "the wrong answer ACK is offered");
    // A question with an answer that no other rule changes, and none that is tempting.
    let start = untold.find("    [part.beat.question.tempting]").unwrap_or(0);
    let end = untold.find("[[puzzle]]").unwrap_or(0);
    let alone = format!("{}\n{}", &untold[..start], &untold[end..]);
    let alone = alone.replace("\"B6 arrives\"", "\"B so-error\"");
    finds_at(&alone, line - 2, "a question with one answer: expected one more");
    let told = GOOD.replace("\"B6 arrives\"", "\"B so-error\"");
    assert_eq!(faults(&told), Vec::new());
}

#[test]
fn citations_of_what_does_not_exist_are_found() {
    finds("\"RFC 9293 §3.10.7.1\"", "\"RFC 9293 §3.10.7.5\"", "no section \"RFC 9293 §3.10.7.5\"");
    finds("\"RFC 9293 §3.10.7.1\"", "\"RFC 9294\"", "no section");
    finds("\"RFC 9293 §3.10.7.1\"", "\"article 2\"", "no section");
    finds("\"article 2\"", "\"article 8\"", "no section \"article 8\"");
}

#[test]
fn puzzles_that_are_none_are_found() {
    finds("\"drop A6\"", "\"drop A5\"", "it doesn't solve the puzzle: expected `B receives RST`");
    finds("\"drop A6\"", "\"drop A6\\ndrop B1\"", "expected");
    finds("\"drop A6\"", "\"drop A6\\n9s B close\"", "expected `program acts = 0`");
    finds("\"drop A6\"", "\"B time-wait=1s\\ndrop A6\"", "expected `rules unchanged`");
    finds("\"drop A6\"", "\"A time-wait=60s\"", "expected `B receives RST`");
    finds("\"drop A6\"", "\"drop A6\\nlose A7\"", "line 2, column 1");
    finds("\"drop A6\"", "\"A time-wait=maybe\"", "can't be read");
    finds(", { en = \"Two.\", zh = \"二。\" } ]", " ]", "1 hints: expected two");
    finds(
        "{ en = \"One.\", zh = \"一。\" },",
        "{ en = \"One.\", zh = \"一。\" }, { en = \"One.\", zh = \"一。\" },",
        "3 hints",
    );
    let nothing = "goal = [\"not B receives RST\"]";
    let (text, line) = broken(
        "goal = [\"B receives RST\", \"network acts = 1\", \"program acts = 0\", \"rules unchanged\"]",
        nothing,
    );
    finds_at(&text.replace("\"drop A6\"", "\"drop A1\""), line, "solved by doing nothing");
    finds_at(&text.replace(nothing, "goal = []"), line, "no goal");
}

#[test]
fn a_check_names_the_file_and_the_line() {
    let (text, line) = broken("minutes = 8", "minutes = 0");
    let expected = format!("content/lessons/x.toml:{line}: expected 1 to 30 minutes");
    assert_eq!(report("content/lessons/x.toml", &text), [expected]);
}

/// Every section that the engine's own rules cite is one that a lesson may cite.
#[test]
fn the_sections_hold_what_the_rules_cite() {
    let sections = lesson_checker::sections();
    for rule in time_wait_lab::tcp::rule::Rule::ALL {
        for cite in rule.citation().split("; ").filter(|cite| cite.starts_with("RFC ")) {
            let cite = cite.split(',').next().unwrap_or_default();
            assert!(sections.contains(cite), "{}: {cite}", rule.name());
        }
    }
}

#[test]
fn sentences_are_counted() {
    for (text, count) in [
        ("One", 1),
        ("One.", 1),
        ("One. Two!", 2),
        ("RFC 9293 §3.4.1 says 1.5 s.", 1),
        ("Why?! Because.", 2),
        ("read() = 0. Then close().", 2),
        ("一。二", 2),
        ("它说\u{201c}好。\u{201d}", 1),
        ("a, e.g. b, i.e. c.", 1),
        ("", 0),
    ] {
        assert_eq!(lesson_checker::sentences(text), count, "{text}");
    }
}
