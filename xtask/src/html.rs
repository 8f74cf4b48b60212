//! The page's template and what is put in it. Every path is relative, so the site works in any folder.

use crate::shell::Done;
use crate::texts::hash;

/// The lines of index.html in whose place the files of this build are named, and its posters stand.
const MARK: &str = "<!-- assets -->";
const POSTERS: &str = "<!-- posters -->";

/// The names of the files that the first screen needs.
pub(crate) struct Assets<'a> {
    pub(crate) style: &'a str,
    pub(crate) glue: &'a str,
    pub(crate) link: &'a str,
    pub(crate) wasm: &'a str,
    pub(crate) boot: &'a str,
}

/// index.html with its files named. boot.js comes first and waits for nothing, not for the style sheet
/// either. The wasm comes last: what is small is on the line in front of it, for without the glue the
/// browser can't begin to compile what has come of the wasm.
pub(crate) fn fill_page(template: &str, assets: &Assets, posters: &str) -> Done<String> {
    let Assets { style, glue, link, wasm, boot } = assets;
    let head = [
        // A server that sends one file after the other would send an async script last.
        format!(r#"<script type="module" async fetchpriority="high" src="./{boot}"></script>"#),
        format!(r#"<link rel="stylesheet" href="./{style}">"#),
        format!(r#"<link rel="modulepreload" href="./{glue}">"#),
        format!(r#"<link rel="modulepreload" href="./{link}">"#),
        format!(
            r#"<link rel="preload" href="./{wasm}" as="fetch" type="application/wasm" crossorigin>"#
        ),
    ];
    let page = replace_once(template, MARK, &head.join("\n"), "index.html")?;
    replace_once(&page, POSTERS, posters, "index.html")
}

/// boot.js with the names of the files that it fetches, each in the place of its mark.
pub(crate) fn fill_boot(template: &str, marks: &[(String, String)]) -> Done<String> {
    marks.iter().try_fold(template.to_owned(), |text, (mark, name)| {
        replace_once(&text, &format!("./{mark}"), &format!("./{name}"), "boot.js")
    })
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

    #[test]
    fn every_path_in_the_page_is_relative() {
        let assets =
            Assets { style: "s.css", glue: "g.js", link: "l.js", wasm: "w.wasm", boot: "b.js" };
        let template = "<head><!-- assets --></head><body><!-- posters --></body>";
        let page = fill_page(template, &assets, "<template></template>").unwrap_or_default();
        assert_eq!(page.matches(r#"="./"#).count(), 5);
        assert!(page.ends_with("<body><template></template></body>"), "{page}");
        assert!(!page.contains(MARK));
    }

    #[test]
    fn a_template_without_its_mark_is_an_error() {
        let assets = Assets { style: "", glue: "", link: "", wasm: "", boot: "" };
        assert!(fill_page("<head></head>", &assets, "").is_err());
        assert!(fill_page("<head><!-- assets --></head>", &assets, "").is_err());
    }
}
