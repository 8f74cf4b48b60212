//! The rules of the house that a compiler doesn't hold: dependencies point upward only, the engine
//! has no floats, no hash order and no clock, and the web has one switch.

#![allow(clippy::expect_used)]

use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source can be read");
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// Lines of code that contain one of the words, comments left out.
fn offences(folder: &str, words: &[&str]) -> Vec<String> {
    let mut offences = Vec::new();
    for (path, text) in sources(folder) {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in words.iter().filter(|word| code.contains(**word)) {
                offences.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    offences
}

const WEB: [&str; 6] =
    ["leptos", "wasm_bindgen", "web_sys", "js_sys", "gloo_timers", "console_error_panic_hook"];

const PAGE: [&str; 2] = ["crate::picture", "crate::app"];

#[test]
fn house_dependencies_point_upward_only() {
    assert!(sources("src/tcp").len() > 10 && sources("src/world").len() > 3);
    let above_tcp =
        [&["crate::world", "crate::adversary", "crate::gauge", "crate::lesson"][..], &PAGE, &WEB]
            .concat();
    let above_world =
        [&["crate::adversary", "crate::gauge", "crate::lesson"][..], &PAGE, &WEB].concat();
    // The adversary, a lesson and a picture stand side by side, and don't know each other; nor
    // does any of them know the gauge, which needs no world.
    let above_adversary = [&["crate::gauge", "crate::lesson"][..], &PAGE, &WEB].concat();
    let above_gauge =
        [&["crate::world", "crate::adversary", "crate::lesson"][..], &PAGE, &WEB].concat();
    let above_lesson = [&["crate::adversary", "crate::gauge"][..], &PAGE, &WEB].concat();
    let above_picture =
        [&["crate::adversary", "crate::gauge", "crate::lesson", "crate::app"][..], &WEB].concat();
    let offences = [
        offences("src/tcp", &above_tcp),
        offences("src/world", &above_world),
        offences("src/adversary", &above_adversary),
        offences("src/gauge", &above_gauge),
        offences("src/lesson", &above_lesson),
        offences("src/picture", &above_picture),
        // How values are packed is for every room to use, and knows none.
        offences("src", &["crate::tcp", "crate::world", "crate::lesson", PAGE[0], PAGE[1]])
            .into_iter()
            .filter(|offence| offence.contains("src/packed.rs"))
            .collect(),
    ]
    .concat();
    assert!(offences.is_empty(), "a room knows what it must not know:\n{}", offences.join("\n"));
}

#[test]
fn house_the_engine_has_no_floats_no_hash_order_and_no_clock() {
    let words =
        ["f32", "f64", "HashMap", "HashSet", "Instant", "SystemTime", "std::env", "std::fs"];
    // The adversary looks up in hashed tables, of which it never reads the order: no iteration.
    let adversary: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| *word != "HashMap")
        .chain([".keys()", ".values()"])
        .collect();
    let offences = [
        offences("src/tcp", &words),
        offences("src/world", &words),
        offences("src/lesson", &words),
        offences("src/gauge", &words),
        offences("src/adversary", &adversary),
    ]
    .concat();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn house_the_web_has_one_switch_and_the_cut_another() {
    let web = offences("src", &["feature = \"web\""]);
    assert!(matches!(&*web, [place] if place.contains("src/lib.rs")), "{}", web.join("\n"));
    // What the cut takes, with it and without it.
    let split = offences("src", &["feature = \"split\""]);
    assert_eq!(split.len(), 3, "{}", split.join("\n"));
    assert!(split.iter().all(|place| place.contains("src/app/later")), "{}", split.join("\n"));
    let all = offences("src", &["feature ="]);
    assert_eq!(all.len(), web.len() + split.len(), "{}", all.join("\n"));
}
