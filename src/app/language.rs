//! The language of the page, and its words: their keys are types that build.rs makes of content/, and
//! [`super::texts`] has the texts.

use js_sys::futures::spawn_local;
use leptos::prelude::*;

use super::lab::Lab;
use super::texts;
pub(super) use super::texts::{Text, rule_text, text};
use crate::tcp::event::HostId;
use crate::tcp::rule::Rule;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl Language {
    /// Both, each with its tag and its own name.
    pub(super) const ALL: [(Language, &'static str, &'static str); 2] =
        [(Language::En, "en", "EN"), (Language::Zh, "zh", "中文")];

    /// Its tag, for `lang` and for an address.
    #[must_use]
    pub(super) fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh",
        }
    }

    /// The language of a tag such as `zh-CN`.
    #[must_use]
    pub(super) fn parse(tag: &str) -> Option<Language> {
        let begins = |wanted: &str| tag.get(..2).is_some_and(|t| t.eq_ignore_ascii_case(wanted));
        Language::ALL.into_iter().find(|(_, own, _)| begins(own)).map(|(language, _, _)| language)
    }

    /// The language that the page is in, and opened with: boot.js has decided it.
    #[must_use]
    pub(super) fn of_page() -> Language {
        let tag = document().document_element().and_then(|root| root.get_attribute("lang"));
        tag.and_then(|tag| Language::parse(&tag)).unwrap_or(Language::En)
    }

    /// The other one.
    #[must_use]
    pub(super) fn other(self) -> Language {
        match self {
            Language::En => Language::Zh,
            Language::Zh => Language::En,
        }
    }
}

/// A text with its placeholders filled in: `{host}` by what stands for `host`.
#[must_use]
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once('}') else { break };
        let value = values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
        filled.push_str(value);
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// A host as the screen and the article call it.
#[must_use]
pub(super) fn host_name(host: HostId) -> &'static str {
    match host {
        HostId::A => "HOST1",
        HostId::B => "HOST2",
    }
}

/// Why a rule decided something at a host, as a sentence.
#[must_use]
pub(super) fn reason(language: Language, rule: Rule, host: Option<HostId>) -> String {
    let host = host.unwrap_or(HostId::A);
    let names = [("host", host_name(host)), ("peer", host_name(host.other()))];
    fill(rule_text(language, rule), &names)
}

/// Brings the texts of the language that is wanted, and tells the browser when they are there.
/// Where they can't be had, the page stays in the other one.
pub(super) fn follow(lab: Lab) {
    Effect::new(move |_| {
        let language = lab.language.get();
        if texts::are_there(language) {
            return tell(language);
        }
        spawn_local(async move {
            let came = texts::bring(language).await.is_some();
            if lab.language.get_untracked() == language {
                // The same one again makes everything be drawn anew.
                lab.language.set(if came { language } else { language.other() });
            }
        });
    });
}

fn tell(language: Language) {
    let document = document();
    document.set_title(text(language, Text::Title));
    if let Some(root) = document.document_element() {
        // A refusal would only cost the right voice and the right font.
        let _ = root.set_attribute("lang", language.tag());
    }
}
