//! The page's template and what is put in it. Every path is relative, so the site works in any folder.

use crate::shell::{Done, node, read};
use crate::texts::hash;

/// How the lines of index.html begin that are Trunk's, and in whose place the release's own stand; and
/// those that only people read.
const TRUNK: &str = "<link data-trunk ";
const COMMENT: &str = "<!--";

/// The words of its policy in whose place the hashes of script and style do.
const NONCES: [&str; 2] = ["script-src 'nonce-TrunkNonce'", "style-src 'self' 'nonce-TrunkNonce'"];

/// Before it stand the posters.
const END: &str = "</body>";

/// Prints the hash of a text as a policy names it (CSP Level 3, section 2.3.1).
const SHA256: &str = "
const { createHash } = require('node:crypto');
process.stdout.write('sha256-' + createHash('sha256').update(process.argv[1]).digest('base64'));";

/// What the first screen needs: the name of the program, and what lies in the page itself.
pub(crate) struct Assets<'a> {
    pub(crate) wasm: &'a str,
    pub(crate) style: &'a str,
    pub(crate) script: &'a str,
    pub(crate) posters: &'a str,
}

/// index.html with all that it is to hold. The browser asks for the program as soon as it has read the
/// first lines; until that begins to come nothing else is on the line, so style and script cost no
/// time there, as they would in files of their own.
pub(crate) fn fill_page(template: &str, assets: &Assets) -> Done<String> {
    let Assets { wasm, style, script, posters } = assets;
    // Their ends would be those of the elements that they stand in.
    if [style, script].iter().any(|text| text.contains("</") || text.contains("<!--")) {
        return Err("the style or the script of the page holds markup".to_owned());
    }
    let head = [
        format!(
            r#"<link rel="preload" href="./{wasm}" as="fetch" type="application/wasm" crossorigin>"#
        ),
        format!("<style>{style}</style>"),
        format!(r#"<script type="module">{script}</script>"#),
    ];
    let head = head.join("\n");
    let mut lines: Vec<&str> = template.lines().filter(|line| !line.starts_with(COMMENT)).collect();
    let place = lines.iter().position(|line| line.starts_with(TRUNK));
    let place = place.ok_or_else(|| format!("index.html has no line {TRUNK}…"))?;
    lines.insert(place, &head);
    lines.retain(|line| !line.starts_with(TRUNK));
    let mut page = lines.join("\n") + "\n";
    for (nonce, text) in NONCES.iter().zip([script, style]) {
        let (words, _) = nonce.rsplit_once(' ').unwrap_or_default();
        let hash = read(node(&["-e", SHA256, "--"]).arg(text))?;
        page = replace_once(&page, nonce, &format!("{words} '{hash}'"), "index.html")?;
    }
    replace_once(&page, END, &format!("{posters}\n{END}"), "index.html")
}

/// A text with a mark replaced that it must hold once.
pub(crate) fn replace_once(text: &str, mark: &str, by: &str, file: &str) -> Done<String> {
    match text.matches(mark).count() {
        1 => Ok(text.replace(mark, by)),
        found => Err(format!("{file} must hold {mark} once, and holds it {found} times")),
    }
}

/// A name that changes with the content, so that a browser may keep a file for ever.
pub(crate) fn hashed_name(stem: &str, content: &[u8], extension: &str) -> String {
    format!("{stem}-{:016x}.{extension}", hash(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_follows_its_content() {
        // The FNV-1a test vectors for "" and "a".
        assert_eq!(hashed_name("x", b"", "js"), "x-cbf29ce484222325.js");
        assert_eq!(hashed_name("x", b"a", "js"), "x-af63dc4c8601ec8c.js");
    }

    const TEMPLATE: &str = "<head>\n<!-- why -->\nscript-src 'nonce-TrunkNonce' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-TrunkNonce';\n<link data-trunk rel=css>\n<link data-trunk rel=rust>\n\
         </head>\n</body>";
    const ASSETS: Assets =
        Assets { wasm: "p.wasm", style: "p{}", script: "go()", posters: "<template></template>" };

    #[test]
    fn every_path_in_the_page_is_relative() {
        let page = fill_page(TEMPLATE, &ASSETS).unwrap_or_default();
        assert_eq!(page.matches(r#"="./"#).count(), 1);
        assert!(page.ends_with("</head>\n<template></template>\n</body>\n"), "{page}");
        assert!(!page.contains(TRUNK) && !page.contains(COMMENT), "{page}");
    }

    #[test]
    fn the_policy_names_what_lies_in_the_page() {
        let page = fill_page(TEMPLATE, &ASSETS).unwrap_or_default();
        // printf 'go()' | openssl dgst -sha256 -binary | base64
        assert!(
            page.contains("script-src 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw=' 'wasm"),
            "{page}"
        );
        assert!(
            page.contains(
                "style-src 'self' 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y=';"
            ),
            "{page}"
        );
    }

    #[test]
    fn what_would_end_its_element_is_an_error() {
        assert!(fill_page(TEMPLATE, &Assets { script: "'</script>'", ..ASSETS }).is_err());
        assert!(fill_page(TEMPLATE, &Assets { style: "</style>", ..ASSETS }).is_err());
    }

    #[test]
    fn a_template_without_its_mark_is_an_error() {
        assert!(fill_page("<head></head>", &ASSETS).is_err());
        for mark in [TRUNK, END, NONCES[0], NONCES[1]] {
            assert!(fill_page(&TEMPLATE.replace(mark, ""), &ASSETS).is_err(), "{mark}");
        }
    }
}
