//! Words and shapes on a page, measured from its upper left corner.

use pdf_writer::{Content, Name, Str};

/// A4 across, in points.
pub(crate) const WIDTH: f32 = 842.0;
pub(crate) const HEIGHT: f32 = 595.0;
pub(crate) const MARGIN: f32 = 36.0;

pub(crate) const PLAIN: Name<'static> = Name(b"F1");
pub(crate) const BOLD: Name<'static> = Name(b"F2");

pub(crate) type Colour = (f32, f32, f32);

pub(crate) const BLACK: Colour = (0.1, 0.1, 0.12);
pub(crate) const GREY: Colour = (0.45, 0.47, 0.5);
pub(crate) const LINE: Colour = (0.82, 0.84, 0.86);
pub(crate) const BAR: Colour = (0.16, 0.45, 0.7);
pub(crate) const LIMIT: Colour = (0.8, 0.2, 0.15);

pub(crate) struct Page(Content);

impl Page {
    pub(crate) fn new() -> Self {
        Self(Content::new())
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.finish().to_vec()
    }

    /// A line of text; `y` is where it stands.
    pub(crate) fn text(&mut self, x: f32, y: f32, font: Name<'_>, size: f32, colour: Colour, text: &str) {
        let bytes = encoded(text);
        self.0.set_fill_rgb(colour.0, colour.1, colour.2);
        self.0.begin_text().set_font(font, size).next_line(x, HEIGHT - y).show(Str(&bytes)).end_text();
    }

    pub(crate) fn text_to(&mut self, right: f32, y: f32, size: f32, colour: Colour, text: &str) {
        self.text(right - width(text, size), y, PLAIN, size, colour, text);
    }

    pub(crate) fn rectangle(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        self.0.set_fill_rgb(colour.0, colour.1, colour.2);
        self.0.rect(x, HEIGHT - y - height, width, height).fill_nonzero();
    }

    pub(crate) fn line(&mut self, from: (f32, f32), to: (f32, f32), colour: Colour) {
        self.0.set_stroke_rgb(colour.0, colour.1, colour.2).set_line_width(0.8);
        self.0.move_to(from.0, HEIGHT - from.1).line_to(to.0, HEIGHT - to.1).stroke();
    }
}

/// Text in the alphabet that every reader has fonts for; what it lacks becomes a question mark.
fn encoded(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        '\u{20ac}' => 0x80,
        '\u{2026}' => 0x85,
        '\u{2013}' => 0x96,
        '\u{2014}' => 0x97,
        _ => b'?',
    };
    text.chars().map(byte).collect()
}

/// About how wide a text is.
pub(crate) fn width(text: &str, size: f32) -> f32 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | '\'' | '|' => 0.23,
        '.' | ',' | ' ' | ':' | ';' | '/' | 'f' | 't' | 'I' | '!' => 0.28,
        '-' | 'r' | '(' | ')' => 0.333,
        'm' | 'M' | '%' | 'W' | '@' => 0.87,
        'A'..='Z' => 0.69,
        _ => 0.556,
    };
    text.chars().map(of).sum::<f32>() * size
}

/// As much of a text as there is room for.
pub(crate) fn fitting(text: &str, room: f32, size: f32) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size) + size * 0.9 > room {
            kept.pop();
            break;
        }
    }
    kept.push('\u{2026}');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_fits_its_room_whatever_it_says() {
        for text in ["", "i", "W", "a long name of a depot that nobody reads", "é\u{1f50c}\u{1f50c}"] {
            let fit = fitting(text, 40.0, 8.0);
            assert!(width(&fit, 8.0) <= 41.0, "{fit}");
        }
        assert_eq!(encoded("a\u{e9}\u{20ac}\u{1f50c}"), [b'a', 0xe9, 0x80, b'?']);
    }
}
