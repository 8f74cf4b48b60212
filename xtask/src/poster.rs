//! What the page shows before its program is there: what the program itself puts on the page at first,
//! as markup, made by running it under Node (xtask/poster.mjs).

use crate::shell::{Done, node, read, write};
use crate::texts::LANGUAGES;
use std::fs;
use std::path::Path;

/// The templates of the posters, one for each language, for the end of the page's body. `dist` holds
/// all that the page's script fetches.
pub(crate) fn posters(dist: &Path, script: &str) -> Done<String> {
    // Where it lies it finds them, as the page does.
    let path = dist.join("poster.mjs");
    write(&path, script)?;
    let templates = LANGUAGES.map(|language| poster(&path, language));
    fs::remove_file(&path).map_err(|why| format!("cannot remove {}: {why}", path.display()))?;
    Ok(templates.into_iter().collect::<Done<Vec<_>>>()?.join("\n"))
}

fn poster(script: &Path, language: &str) -> Done<String> {
    let mut poster = node(&["xtask/poster.mjs"]);
    let markup = read(poster.arg(script).arg(language))
        .map_err(|why| format!("the built program doesn't show its first screen: {why}"))?;
    template(language, &markup)
}

/// A poster as the page carries it. What the page's policy forbids is an error here, not only in a
/// browser's console.
fn template(language: &str, markup: &str) -> Done<String> {
    if !markup.contains("<main") {
        return Err(format!("the poster in {language} has no stage: {markup:?}"));
    }
    if [" style=", "<script", "</template"].iter().any(|one| markup.contains(one)) {
        return Err(format!("the poster in {language} holds what the page's policy forbids"));
    }
    Ok(format!(r#"<template id="poster-{language}">{markup}</template>"#))
}

#[cfg(test)]
mod tests {
    use super::template;

    #[test]
    fn a_poster_is_a_template_in_its_language() {
        let markup = r#"<main><i data-style="left:0"></i></main>"#;
        let expected = format!(r#"<template id="poster-zh">{markup}</template>"#);
        assert_eq!(template("zh", markup), Ok(expected));
    }

    #[test]
    fn a_poster_of_nothing_or_with_styles_is_an_error() {
        assert!(template("en", "").is_err());
        assert!(template("en", r#"<main style="left:0"></main>"#).is_err());
    }
}
