//! The form for a forged segment.

use leptos::prelude::*;
use web_sys::Event;

use super::draw::{El, button, html, truth};
use super::keys::focus;
use super::lab::{Lab, World};
use super::labels;
use super::language::{Text, host_name};
use super::sheet::Sheet;
use crate::picture::Variables;
use crate::tcp::event::HostId;
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::time::Time;
use crate::world::draft::LONGEST_TEXT;
use crate::world::{Draft, Field, Preset, Wanted};

/// The form, and what it is about.
#[derive(Clone, Copy)]
struct Form {
    world: World,
    to: HostId,
    /// What is written so far.
    draft: RwSignal<Draft>,
    /// The segment that it says, or what is wrong with it.
    read: Memo<Result<Segment, Vec<(Field, Wanted)>>>,
}

/// The receiver's connection, which the numbers should fit.
struct Receiver {
    /// A segment that fits.
    fitting: Segment,
    /// Its variables; `None` where it has no connection.
    variables: Option<Variables>,
}

/// The form. It stays as it is until it's sent or closed: time stands still while it's open.
pub(super) fn sheet(world: World, to: HostId, like: Option<Segment>) -> El {
    untrack(|| {
        let time = world.lab.playhead.get();
        let receiver = Receiver::at(world, to, time);
        let like = like.unwrap_or_else(|| receiver.fitting.clone());
        let draft = RwSignal::new(Draft::new(&like, &receiver.fitting));
        let read = Memo::new(move |_| draft.read().read());
        let form = Form { world, to, draft, read };
        // The sheet may be open already, for the other receiver.
        request_animation_frame(|| focus(".forge [aria-pressed=true]"));
        form.draw(receiver)
    })
}

impl Receiver {
    fn at(world: World, to: HostId, time: Time) -> Receiver {
        let fitting = world.run(|_, run| run.trace.forgeable(time, to));
        let shown = world.now(|now| now.card(to).shown.clone());
        Receiver { fitting, variables: shown.and_then(|shown| shown.variables) }
    }

    /// What the receiver has now that a field is compared with, in the RFC's words.
    fn present(&self, lab: Lab, field: Field) -> Option<String> {
        let port = |port: u16| Some(lab.fill(Text::FieldPortNow, &[("port", &port.to_string())]));
        let Variables { snd_una, snd_nxt, rcv_nxt, rcv_wnd, recent } = self.variables?;
        match field {
            Field::SourcePort => port(self.fitting.source_port),
            Field::DestinationPort => port(self.fitting.destination_port),
            Field::Seq => {
                rcv_nxt.map(|next| format!("RCV.NXT {next} … RCV.NXT+RCV.WND {}", next + rcv_wnd))
            }
            Field::Ack => Some(format!("SND.UNA {snd_una} … SND.NXT {snd_nxt}")),
            Field::TsVal => recent.map(|recent| format!("TS.Recent {recent}")),
            Field::Window | Field::Text | Field::TsEcr => None,
        }
    }
}

impl Form {
    fn draw(self, receiver: Receiver) -> El {
        let lab = self.world.lab;
        let nothing = receiver.variables.is_none().then(|| {
            let host = [("host", host_name(self.to))];
            html("p", "forge-nothing").text(&lab.fill(Text::ForgeNoConnection, &host))
        });
        let receiver = StoredValue::new(receiver);
        // A preset writes into all fields at once: they're drawn anew, and nothing else is.
        let begun = RwSignal::new(());
        let fields = html("div", "forge-fields").part(move || {
            begun.get();
            untrack(|| receiver.with_value(|receiver| self.fields(receiver)))
        });
        let presets = Preset::ALL.map(|preset| {
            let begin = move || {
                self.draft.set(receiver.with_value(|receiver| begin(receiver, preset)));
                begun.set(());
            };
            button("", begin).text(lab.text(preset_name(preset)))
        });
        html("form", "forge")
            .set("novalidate", "")
            .on("submit", move |event| self.submit(&event))
            .add(group(lab, Text::ForgeReceiver, "choice", HostId::BOTH.map(|to| self.choice(to))))
            .add(group(lab, Text::ForgeBegin, "presets", presets))
            .adds(nothing)
            .add(fields)
            .add(self.foot())
    }

    /// One of the two receivers. Another one is another form.
    fn choice(self, to: HostId) -> El {
        let World { lab, which } = self.world;
        let choose = move || {
            if to != self.to {
                lab.sheet.set(Some(Sheet::Forge(which, to, None)));
            }
        };
        button("", choose).set("aria-pressed", &truth(to == self.to)).text(host_name(to))
    }

    fn fields(self, receiver: &Receiver) -> Vec<El> {
        let lab = self.world.lab;
        let field = |field| self.field(field, receiver.present(lab, field));
        let ack = receiver.present(lab, Field::Ack);
        let stamps = receiver.present(lab, Field::TsVal);
        let has_ack = Memo::new(move |_| self.draft.read().flags.ack);
        let has_timestamps = Memo::new(move |_| self.draft.read().has_timestamps);
        let ack = html("div", "").part(move || {
            let shown = has_ack.get().then(|| self.field(Field::Ack, ack.clone()));
            shown.into_iter().collect()
        });
        let stamps = html("div", "").part(move || {
            if !has_timestamps.get() {
                return Vec::new();
            }
            vec![self.field(Field::TsVal, stamps.clone()), self.field(Field::TsEcr, None)]
        });
        let timestamps = self.tick(
            lab.text(Text::FieldTimestamps),
            lab.text(Text::FieldTimestampsWhy),
            |draft| &mut draft.has_timestamps,
        );
        vec![
            field(Field::SourcePort),
            field(Field::DestinationPort),
            self.flags(),
            field(Field::Seq),
            ack,
            field(Field::Window),
            field(Field::Text),
            html("div", "field").add(timestamps),
            stamps,
        ]
    }

    /// A field for words, with its sentence, what the receiver has now, and what is wrong with it.
    fn field(self, field: Field, present: Option<String>) -> El {
        let lab = self.world.lab;
        let id = id(field);
        let (label, why) = field_texts(field);
        let most = LONGEST_TEXT.to_string();
        let why = lab.fill(why, &[("host", host_name(self.to)), ("most", &most)]);
        let wrong = Memo::new(move |_| self.wrong(field));
        let write = move |event: Event| {
            let words = event_target_value(&event);
            self.draft.update(|draft| draft.write(field, words));
        };
        let input = html("input", if field == Field::Text { "long" } else { "" })
            .set("type", "text")
            .set("id", id)
            .set("autocomplete", "off")
            .set("spellcheck", "false")
            .set("value", untrack(|| self.draft.read().words(field).to_owned()).as_str())
            .set("aria-describedby", &format!("{id}-why {id}-now {id}-wrong"))
            .follow("aria-invalid", move || truth(wrong.read().is_some()))
            .on("input", write);
        let input = if field == Field::Text { input } else { input.set("inputmode", "numeric") };
        let part = |class: &str, part: &str| html("p", class).set("id", &format!("{id}-{part}"));
        html("div", "field")
            .add(html("label", "").set("for", id).text(label_words(lab, label)))
            .add(input)
            .add(
                html("div", "told")
                    .add(part("", "why").text(&why))
                    .add(part(present_class(field), "now").text(&present.unwrap_or_default()))
                    .add(part("wrong", "wrong").words(move || wrong.get().unwrap_or_default())),
            )
    }

    /// What is wrong with a field, as a sentence.
    fn wrong(self, field: Field) -> Option<String> {
        let lab = self.world.lab;
        let read = self.read.read();
        let faults = read.as_ref().err()?;
        let (_, wanted) = faults.iter().find(|(wrong, _)| *wrong == field)?;
        Some(match wanted {
            Wanted::Number(most) => lab.fill(Text::WantedNumber, &[("most", &most.to_string())]),
            Wanted::TextUpTo(most) => {
                let length = self.draft.read().words(field).len().to_string();
                let values = [("most", most.to_string()), ("length", length)];
                let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
                lab.fill(Text::WantedText, &values)
            }
        })
    }

    fn flags(self) -> El {
        let lab = self.world.lab;
        let bit = |name: &str, why: Text, bit: fn(&mut Flags) -> &mut bool| {
            self.tick(name, lab.text(why), move |draft| bit(&mut draft.flags))
        };
        html("fieldset", "field flags")
            .add(html("legend", "").text(lab.text(Text::Flags)))
            .add(bit("SYN", Text::FlagSynWhy, |flags| &mut flags.syn))
            .add(bit("FIN", Text::FlagFinWhy, |flags| &mut flags.fin))
            .add(bit("RST", Text::FlagRstWhy, |flags| &mut flags.rst))
            .add(bit("ACK", Text::FlagAckWhy, |flags| &mut flags.ack))
    }

    /// A box to be ticked, with its sentence.
    fn tick(
        self,
        name: &str,
        why: &str,
        bit: impl Fn(&mut Draft) -> &mut bool + Copy + 'static,
    ) -> El {
        let choose = move |event: Event| {
            let on = event_target_checked(&event);
            self.draft.update(|draft| *bit(draft) = on);
        };
        let mut draft = self.draft.get_untracked();
        let tick = html("input", "").set("type", "checkbox").on("change", choose);
        let tick = if *bit(&mut draft) { tick.set("checked", "") } else { tick };
        html("label", "check")
            .add(tick)
            .add(html("b", "").text(name))
            .add(html("span", "").text(why))
    }

    /// The segment as the ladder will write it, when it arrives, and the button that sends it.
    fn foot(self) -> El {
        let lab = self.world.lab;
        let time = labels::moment(lab.forged_arrives(self.to));
        let arrives =
            lab.fill(Text::ForgeArrives, &[("host", host_name(self.to)), ("time", &time)]);
        let preview = move || match &*self.read.read() {
            Ok(segment) => vec![
                html("span", "forged").text(&labels::segment(segment)),
                html("span", "").text(&arrives),
            ],
            Err(faults) => {
                let label = |(field, _): &(Field, Wanted)| {
                    let (label, _) = field_texts(*field);
                    label_words(lab, label)
                };
                let fields: Vec<&str> = faults.iter().map(label).collect();
                let fields = [("fields", &*fields.join(" · "))];
                vec![html("span", "wrong").text(&lab.fill(Text::ForgeNotYet, &fields))]
            }
        };
        let send = html("button", "send-forged")
            .set("type", "submit")
            .set("aria-describedby", "forge-preview")
            .follow("aria-disabled", move || truth(self.read.read().is_err()))
            .text(lab.text(Text::ForgeSend));
        html("footer", "")
            .add(html("p", "preview").set("id", "forge-preview").part(preview))
            .add(send)
    }

    /// Sends it; or leads to the first field that is wrong.
    fn submit(self, event: &Event) {
        event.prevent_default();
        match self.read.get_untracked() {
            Ok(segment) => {
                let lab = self.world.lab;
                lab.sheet.set(None);
                lab.forge(self.to, segment);
            }
            Err(faults) => {
                if let Some((field, _)) = faults.first() {
                    focus(&format!("#{}", id(*field)));
                }
            }
        }
    }
}

/// What a preset begins with.
fn begin(receiver: &Receiver, preset: Preset) -> Draft {
    let window = receiver.variables.map_or(0, |variables| variables.rcv_wnd);
    Draft::new(&preset.segment(&receiver.fitting, window), &receiver.fitting)
}

/// Some controls with a name in common.
fn group(lab: Lab, name: Text, class: &str, controls: impl IntoIterator<Item = El>) -> El {
    let name = lab.text(name);
    html("div", "forge-group")
        .add(html("span", "name").set("aria-hidden", "true").text(name))
        .add(html("div", class).set("role", "group").set("aria-label", name).adds(controls))
}

fn preset_name(preset: Preset) -> Text {
    match preset {
        Preset::NextText => Text::PresetNextText,
        Preset::RstExact => Text::PresetRstExact,
        Preset::RstInWindow => Text::PresetRstInWindow,
        Preset::Fin => Text::PresetFin,
        Preset::Syn => Text::PresetSyn,
        Preset::OldDuplicate => Text::PresetOldDuplicate,
    }
}

/// What the receiver has is written as the RFC's words and numbers, or for ports as a sentence.
fn present_class(field: Field) -> &'static str {
    match field {
        Field::SourcePort | Field::DestinationPort => "",
        Field::Seq | Field::Ack | Field::Window | Field::Text | Field::TsVal | Field::TsEcr => {
            "present"
        }
    }
}

/// The name of a field: a text, or a word of the protocol.
#[derive(Clone, Copy)]
enum Label {
    Said(Text),
    Word(&'static str),
}

fn label_words(lab: Lab, label: Label) -> &'static str {
    match label {
        Label::Said(text) => lab.text(text),
        Label::Word(word) => word,
    }
}

/// The name of a field, and the sentence that explains it.
fn field_texts(field: Field) -> (Label, Text) {
    match field {
        Field::SourcePort => (Label::Said(Text::FieldSourcePort), Text::FieldSourcePortWhy),
        Field::DestinationPort => {
            (Label::Said(Text::FieldDestinationPort), Text::FieldDestinationPortWhy)
        }
        Field::Seq => (Label::Word("SEQ"), Text::FieldSeqWhy),
        Field::Ack => (Label::Word("ACK"), Text::FieldAckWhy),
        Field::Window => (Label::Word("WND"), Text::FieldWindowWhy),
        Field::Text => (Label::Said(Text::FieldText), Text::FieldTextWhy),
        Field::TsVal => (Label::Word("TSval"), Text::FieldTsValWhy),
        Field::TsEcr => (Label::Word("TSecr"), Text::FieldTsEcrWhy),
    }
}

fn id(field: Field) -> &'static str {
    match field {
        Field::SourcePort => "forge-source-port",
        Field::DestinationPort => "forge-destination-port",
        Field::Seq => "forge-seq",
        Field::Ack => "forge-ack",
        Field::Window => "forge-window",
        Field::Text => "forge-text",
        Field::TsVal => "forge-ts-val",
        Field::TsEcr => "forge-ts-ecr",
    }
}
