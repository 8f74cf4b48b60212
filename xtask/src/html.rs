//! The page's template and what is put in it. Every path is relative, so the site works in any folder.

use crate::shell::Done;

/// The line of index.html in whose place the files of this build are named.
const MARK: &str = "<!-- assets -->";

/// The names of the files that the first screen needs.
pub(crate) struct Assets<'a> {
    pub(crate) style: &'a str,
    pub(crate) glue: &'a str,
    pub(crate) wasm: &'a str,
    pub(crate) boot: &'a str,
}

/// index.html with its files named. The preloads let the wasm start together with the scripts.
pub(crate) fn fill_page(template: &str, assets: &Assets) -> Done<String> {
    let Assets { style, glue, wasm, boot } = assets;
    let head = [
        format!(
            r#"<link rel="preload" href="./{wasm}" as="fetch" type="application/wasm" crossorigin>"#
        ),
        format!(r#"<link rel="modulepreload" href="./{glue}">"#),
        format!(r#"<link rel="stylesheet" href="./{style}">"#),
        format!(r#"<script type="module" src="./{boot}"></script>"#),
    ];
    replace_once(template, MARK, &head.join("\n"), "index.html")
}

/// boot.js with the names of the glue and the wasm.
pub(crate) fn fill_boot(template: &str, glue: &str, wasm: &str) -> Done<String> {
    let with_glue = replace_once(template, "./GLUE", &format!("./{glue}"), "boot.js")?;
    replace_once(&with_glue, "./WASM", &format!("./{wasm}"), "boot.js")
}

fn replace_once(text: &str, mark: &str, by: &str, file: &str) -> Done<String> {
    match text.matches(mark).count() {
        1 => Ok(text.replace(mark, by)),
        found => Err(format!("{file} must hold {mark} once, and holds it {found} times")),
    }
}

/// A name that changes with the content, so that a browser may keep a file for ever: FNV-1a, 64 bits.
pub(crate) fn hashed_name(stem: &str, content: &[u8], extension: &str) -> String {
    let hash = content.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{stem}-{hash:016x}.{extension}")
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
        let assets = Assets { style: "s.css", glue: "g.js", wasm: "w.wasm", boot: "b.js" };
        let page = fill_page("<head><!-- assets --></head>", &assets).unwrap_or_default();
        assert_eq!(page.matches(r#"="./"#).count(), 4);
        assert!(!page.contains(MARK));
    }

    #[test]
    fn a_template_without_its_mark_is_an_error() {
        let assets = Assets { style: "", glue: "", wasm: "", boot: "" };
        assert!(fill_page("<head></head>", &assets).is_err());
    }
}
