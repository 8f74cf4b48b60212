//! A segment as a person writes it into a form: words in fields, which may not be numbers yet, and
//! the segments that such a form may begin with.

use crate::tcp::segment::{Flags, Incarnation, Segment, Timestamps};
use crate::tcp::seq::Seq;

/// The longest text of a forged segment, octets. A link has to hold it.
pub const LONGEST_TEXT: usize = 200;
/// The widest window that a header can say: 16 bits, shifted by at most 14 (RFC 7323 §2.3).
pub const WIDEST_WINDOW: u32 = 65_535 << 14;

/// A field for words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The sender's port.
    SourcePort,
    /// The receiver's port.
    DestinationPort,
    /// SEG.SEQ.
    Seq,
    /// SEG.ACK. It counts with the ACK bit only.
    Ack,
    /// SEG.WND.
    Window,
    /// The text.
    Text,
    /// TSval. It counts with the option only.
    TsVal,
    /// TSecr. It counts with the option only.
    TsEcr,
}

impl Field {
    /// All of them, in the order of a form.
    pub const ALL: [Field; 8] = [
        Field::SourcePort,
        Field::DestinationPort,
        Field::Seq,
        Field::Ack,
        Field::Window,
        Field::Text,
        Field::TsVal,
        Field::TsEcr,
    ];

    /// The largest number that it takes; `None` for the text.
    fn most(self) -> Option<u32> {
        match self {
            Field::SourcePort | Field::DestinationPort => Some(u32::from(u16::MAX)),
            Field::Seq | Field::Ack | Field::TsVal | Field::TsEcr => Some(u32::MAX),
            Field::Window => Some(WIDEST_WINDOW),
            Field::Text => None,
        }
    }
}

/// What a field should have held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A whole number up to this one.
    Number(u32),
    /// A text of at most so many octets.
    TextUpTo(usize),
}

/// A segment that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The control bits.
    pub flags: Flags,
    /// Whether it has the timestamps option.
    pub has_timestamps: bool,
    /// What stands in each field, in the order of [`Field::ALL`].
    words: [String; 8],
    /// The segment that it began as.
    like: Segment,
}

impl Draft {
    /// Begins with a segment. A field that doesn't count in it shows what would fit.
    #[must_use]
    pub fn new(like: &Segment, fitting: &Segment) -> Draft {
        let ack = like.ack.or(fitting.ack).unwrap_or_default();
        let timestamps = like.timestamps.or(fitting.timestamps);
        let (value, echo) = timestamps.map_or((0, 0), |both| (both.value, both.echo));
        let word = |field: Field| match field {
            Field::SourcePort => like.source_port.to_string(),
            Field::DestinationPort => like.destination_port.to_string(),
            Field::Seq => like.seq.to_string(),
            Field::Ack => ack.to_string(),
            Field::Window => like.window.to_string(),
            Field::Text => text(&like.data),
            Field::TsVal => value.to_string(),
            Field::TsEcr => echo.to_string(),
        };
        Draft {
            flags: like.flags(),
            has_timestamps: like.timestamps.is_some(),
            words: Field::ALL.map(word),
            like: like.clone(),
        }
    }

    /// What stands in a field.
    #[must_use]
    pub fn words(&self, field: Field) -> &str {
        let [source, destination, seq, ack, window, text, value, echo] = &self.words;
        match field {
            Field::SourcePort => source,
            Field::DestinationPort => destination,
            Field::Seq => seq,
            Field::Ack => ack,
            Field::Window => window,
            Field::Text => text,
            Field::TsVal => value,
            Field::TsEcr => echo,
        }
    }

    /// Writes into a field.
    pub fn write(&mut self, field: Field, words: String) {
        let place = Field::ALL.iter().position(|one| *one == field);
        if let Some(slot) = place.and_then(|place| self.words.get_mut(place)) {
            *slot = words;
        }
    }

    /// Whether a field counts, with these flags and options.
    #[must_use]
    pub fn counts(&self, field: Field) -> bool {
        match field {
            Field::Ack => self.flags.ack,
            Field::TsVal | Field::TsEcr => self.has_timestamps,
            Field::SourcePort
            | Field::DestinationPort
            | Field::Seq
            | Field::Window
            | Field::Text => true,
        }
    }

    /// The segment that is written here.
    ///
    /// # Errors
    ///
    /// The fields that can't be read, each with what it should have held.
    pub fn read(&self) -> Result<Segment, Vec<(Field, Wanted)>> {
        let counting = Field::ALL.into_iter().filter(|field| self.counts(*field));
        let faults: Vec<(Field, Wanted)> =
            counting.filter_map(|field| Some((field, self.fault(field)?))).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let number = |field| self.number(field).unwrap_or_default();
        let port = |field| u16::try_from(number(field)).unwrap_or_default();
        let Flags { syn, fin, rst, ack } = self.flags;
        let timestamps = Timestamps { value: number(Field::TsVal), echo: number(Field::TsEcr) };
        Ok(Segment {
            source_port: port(Field::SourcePort),
            destination_port: port(Field::DestinationPort),
            seq: Seq(number(Field::Seq)),
            ack: ack.then(|| Seq(number(Field::Ack))),
            syn,
            fin,
            rst,
            window: number(Field::Window),
            timestamps: self.has_timestamps.then_some(timestamps),
            // What the form doesn't show: it means something on a SYN only.
            mss: self.like.mss.filter(|_| syn),
            sack_permitted: self.like.sack_permitted && syn,
            sack: Vec::new(),
            data: self.data(),
            origin: Incarnation::FORGED,
        })
    }

    fn fault(&self, field: Field) -> Option<Wanted> {
        match field.most() {
            Some(most) => self.number(field).is_none().then_some(Wanted::Number(most)),
            None if self.data().len() > LONGEST_TEXT => Some(Wanted::TextUpTo(LONGEST_TEXT)),
            None => None,
        }
    }

    fn number(&self, field: Field) -> Option<u32> {
        let words = self.words(field).trim();
        // A sign would be read as well, but nobody writes +5 and means it.
        let is_plain = words.bytes().all(|octet| octet.is_ascii_digit());
        let number = words.parse().ok().filter(|_| is_plain)?;
        (number <= field.most()?).then_some(number)
    }

    /// The text's octets. Those that a form can't show stay as they were, unless it is changed.
    fn data(&self) -> Vec<u8> {
        let words = self.words(Field::Text);
        if words == text(&self.like.data) { self.like.data.clone() } else { words.into() }
    }
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// A segment to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The text that the receiver waits for.
    NextText,
    /// A RST with the number that the receiver waits for.
    RstExact,
    /// A RST with a number in the middle of the receiver's window.
    RstInWindow,
    /// A FIN in order.
    Fin,
    /// A SYN that is new to the receiver: one number above what it waits for.
    Syn,
    /// A text as it was sent one window earlier, and a second.
    OldDuplicate,
}

impl Preset {
    /// All of them.
    pub const ALL: [Preset; 6] = [
        Preset::NextText,
        Preset::RstExact,
        Preset::RstInWindow,
        Preset::Fin,
        Preset::Syn,
        Preset::OldDuplicate,
    ];

    /// The segment, made of one that fits and the size of the receiver's window.
    #[must_use]
    pub fn segment(self, fitting: &Segment, window: u32) -> Segment {
        let next = fitting.clone();
        // Most stacks send a RST without an option.
        let rst = |seq: Seq| Segment {
            rst: true,
            seq,
            ack: None,
            window: 0,
            timestamps: None,
            data: Vec::new(),
            ..next.clone()
        };
        match self {
            Preset::NextText => next,
            Preset::RstExact => rst(fitting.seq),
            Preset::RstInWindow => rst(fitting.seq + window / 2),
            Preset::Fin => Segment { fin: true, data: Vec::new(), ..next },
            Preset::Syn => Segment {
                syn: true,
                seq: fitting.seq + 1,
                ack: None,
                timestamps: fitting.timestamps.map(|both| Timestamps { echo: 0, ..both }),
                data: Vec::new(),
                ..next
            },
            Preset::OldDuplicate => Segment {
                seq: fitting.seq - window.max(fitting.text_len()),
                timestamps: fitting
                    .timestamps
                    .map(|both| Timestamps { value: both.value.wrapping_sub(1_000), ..both }),
                ..next
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Draft, Field, LONGEST_TEXT, Preset, Wanted};
    use crate::tcp::segment::{Incarnation, Segment, Timestamps};
    use crate::tcp::seq::Seq;

    fn fitting() -> Segment {
        Segment {
            source_port: 40_000,
            destination_port: 80,
            seq: Seq(100),
            ack: Some(Seq(300)),
            window: 1_000,
            timestamps: Some(Timestamps { value: 5_000, echo: 6_000 }),
            data: b"EVIL".to_vec(),
            ..Segment::default()
        }
    }

    fn with(field: Field, words: &str) -> Draft {
        let mut draft = Draft::new(&fitting(), &fitting());
        draft.write(field, words.to_owned());
        draft
    }

    #[test]
    fn what_is_not_touched_is_read_as_it_was() {
        let presets = Preset::ALL.map(|preset| preset.segment(&fitting(), 1_000));
        let odd = Segment { data: vec![0, 0xFF, b'x'], ..fitting() };
        for segment in presets.into_iter().chain([odd, Segment::default()]) {
            assert_eq!(Draft::new(&segment, &fitting()).read(), Ok(segment));
        }
    }

    #[test]
    fn it_belongs_to_nobody() {
        let like = Segment { origin: Incarnation(2), ..fitting() };
        let read = Draft::new(&like, &fitting()).read();
        assert_eq!(read.map(|segment| segment.origin), Ok(Incarnation::FORGED));
    }

    #[test]
    fn a_field_says_what_it_should_have_held() {
        let fault = |field, words: &str| with(field, words).read().err();
        let number = |field, most| Some(vec![(field, Wanted::Number(most))]);
        assert_eq!(fault(Field::Seq, " 4294967295 "), None);
        for words in ["4294967296", "", "-1", "+1", "1 2", "0x10", "一"] {
            assert_eq!(fault(Field::Seq, words), number(Field::Seq, u32::MAX), "{words}");
        }
        assert_eq!(fault(Field::SourcePort, "65536"), number(Field::SourcePort, 65_535));
        assert_eq!(fault(Field::Window, "1073725441"), number(Field::Window, 1_073_725_440));
        assert_eq!(fault(Field::Text, &"x".repeat(LONGEST_TEXT)), None);
        let long = Some(vec![(Field::Text, Wanted::TextUpTo(LONGEST_TEXT))]);
        assert_eq!(fault(Field::Text, &"字".repeat(67)), long);
    }

    #[test]
    fn a_field_that_does_not_count_is_not_read() {
        let mut draft = with(Field::Ack, "soon");
        draft.write(Field::TsEcr, "never".to_owned());
        assert_eq!(draft.read().map_err(|faults| faults.len()), Err(2));
        draft.flags.ack = false;
        draft.has_timestamps = false;
        let read = draft.read().map(|segment| (segment.ack, segment.timestamps));
        assert_eq!(read, Ok((None, None)));
    }

    #[test]
    fn a_bit_that_is_set_later_finds_what_fits() {
        let rst = Preset::RstExact.segment(&fitting(), 1_000);
        let mut draft = Draft::new(&rst, &fitting());
        assert_eq!(draft.read().map(|segment| (segment.seq, segment.ack)), Ok((Seq(100), None)));
        draft.flags.ack = true;
        assert_eq!(draft.read().map(|segment| segment.ack), Ok(Some(Seq(300))));
    }

    #[test]
    fn presets_lie_where_they_say() {
        let seq = |preset: Preset, window| preset.segment(&fitting(), window).seq;
        assert_eq!(seq(Preset::RstInWindow, 1_000), Seq(600));
        assert_eq!(seq(Preset::RstInWindow, 0), Seq(100));
        assert_eq!(seq(Preset::OldDuplicate, 1_000), Seq(100) - 1_000);
        // A closed window: what came before the next text.
        assert_eq!(seq(Preset::OldDuplicate, 0), Seq(96));
        assert_eq!(seq(Preset::Syn, 1_000), Seq(101));
    }
}
