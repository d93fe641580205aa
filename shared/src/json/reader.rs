//! The text of JSON, read piece by piece. None of it knows a type.

use std::borrow::Cow;

use super::{Result, Unread};

/// Lists and objects within each other; more than that is refused, as by `serde_json`, and does not exhaust the stack.
const DEEPEST: u8 = 127;

/// A number as serde knows them.
pub(super) enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

/// A text, and how far it has been read.
pub(super) struct Reader<'de> {
    text: &'de str,
    at: usize,
    /// How many more lists and objects may begin within each other.
    deeper: u8,
}

impl<'de> Reader<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Self { text, at: 0, deeper: DEEPEST }
    }

    /// How far it has been read, in bytes.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The byte at the place that has been reached.
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The first byte of what comes after blanks.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    /// Goes on behind this byte, which comes next.
    pub(super) fn pass(&mut self, byte: u8) -> Result<()> {
        if self.peek() != Some(byte) {
            return Err(Unread);
        }
        self.at += 1;
        Ok(())
    }

    /// Goes on behind this word, which comes next.
    pub(super) fn word(&mut self, word: &str) -> Result<()> {
        self.peek();
        if !self.text[self.at..].starts_with(word) {
            return Err(Unread);
        }
        self.at += word.len();
        Ok(())
    }

    /// Begins a list or an object.
    pub(super) fn enter(&mut self, opening: u8) -> Result<()> {
        self.pass(opening)?;
        self.deeper = self.deeper.checked_sub(1).ok_or(Unread)?;
        Ok(())
    }

    /// Ends one.
    pub(super) fn leave(&mut self, closing: u8) -> Result<()> {
        self.deeper += 1;
        self.pass(closing)
    }

    /// Whether there is one more item before the list or object ends; its place has been reached then.
    pub(super) fn has_next(&mut self, is_first: &mut bool, closing: u8) -> Result<bool> {
        if self.peek() == Some(closing) {
            return Ok(false);
        }
        if !std::mem::take(is_first) {
            self.pass(b',')?;
        }
        Ok(true)
    }

    pub(super) fn bool(&mut self) -> Result<bool> {
        let is_true = self.peek() == Some(b't');
        self.word(if is_true { "true" } else { "false" })?;
        Ok(is_true)
    }

    /// A string; one without escapes is part of the text.
    pub(super) fn string(&mut self) -> Result<Cow<'de, str>> {
        self.pass(b'"')?;
        let mut whole = Cow::Borrowed("");
        loop {
            let from = self.at;
            while self.byte().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            // It begins and ends beside ASCII.
            let part = &self.text[from..self.at];
            if whole.is_empty() {
                whole = Cow::Borrowed(part);
            } else {
                whole.to_mut().push_str(part);
            }
            let end = self.byte();
            self.at += 1;
            match end {
                Some(b'"') => return Ok(whole),
                Some(b'\\') => whole.to_mut().push(self.escaped()?),
                _ => {
                    self.at -= 1;
                    return Err(Unread);
                }
            }
        }
    }

    /// The character that an escape stands for, behind its backslash.
    fn escaped(&mut self) -> Result<char> {
        let byte = self.byte().ok_or(Unread)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                if !(0xd800..0xe000).contains(&unit) {
                    return char::from_u32(unit).ok_or(Unread);
                }
                // Two of UTF-16 for one character.
                self.word("\\u")?;
                let low = self.unit()?;
                if unit >= 0xdc00 || !(0xdc00..0xe000).contains(&low) {
                    return Err(Unread);
                }
                return char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00)).ok_or(Unread);
            }
            _ => return Err(Unread),
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16)).ok_or(Unread)?;
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }

    /// Digits, at least one of them.
    fn digits(&mut self) -> Result<&'de str> {
        let from = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == from { Err(Unread) } else { Ok(&self.text[from..self.at]) }
    }

    pub(super) fn number(&mut self) -> Result<Number> {
        self.peek();
        let is_negative = self.pass_any(b"-");
        let whole = self.digits()?;
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(Unread);
        }
        let fraction = if self.pass_any(b".") { self.digits()? } else { "" };
        let mut exponent = 0;
        let is_scientific = self.pass_any(b"eE");
        if is_scientific {
            let is_small = self.byte() == Some(b'-');
            self.pass_any(b"+-");
            // More than any exponent that matters.
            let digits = self.digits()?.parse().unwrap_or(i32::MAX / 2).min(i32::MAX / 2);
            exponent = if is_small { -digits } else { digits };
        }
        if fraction.is_empty() && !is_scientific {
            match whole.parse::<u64>() {
                Ok(number) if !is_negative => return Ok(Number::Unsigned(number)),
                Ok(number) => {
                    // Minus zero is a number of its own, which integers have not.
                    if let Some(number) = 0_i64.checked_sub_unsigned(number).filter(|number| *number != 0) {
                        return Ok(Number::Signed(number));
                    }
                }
                Err(_) => {}
            }
        }
        let number = float(whole, fraction, exponent);
        if number.is_infinite() {
            return Err(Unread);
        }
        Ok(Number::Float(if is_negative { -number } else { number }))
    }

    /// Goes on behind one of these bytes, if one is there.
    fn pass_any(&mut self, bytes: &[u8]) -> bool {
        let is_there = self.byte().is_some_and(|byte| bytes.contains(&byte));
        self.at += usize::from(is_there);
        is_there
    }

    /// Goes on behind a value, whatever it is.
    pub(super) fn skip(&mut self) -> Result<()> {
        let mut is_first = true;
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'[') => {
                self.enter(b'[')?;
                while self.has_next(&mut is_first, b']')? {
                    self.skip()?;
                }
                self.leave(b']')
            }
            Some(b'{') => {
                self.enter(b'{')?;
                while self.has_next(&mut is_first, b'}')? {
                    self.string()?;
                    self.pass(b':')?;
                    self.skip()?;
                }
                self.leave(b'}')
            }
            Some(b't' | b'f') => self.bool().map(drop),
            Some(b'n') => self.word("null"),
            _ => self.number().map(drop),
        }
    }
}

/// The double of a decimal number. It is the nearest one if the number has up to fifteen digits and a point or an exponent within
/// twenty-two places of them, and one of the nearest beyond that.
fn float(whole: &str, fraction: &str, exponent: i32) -> f64 {
    let (mut digits, mut places) = (0_u64, exponent);
    for (index, digit) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let more = digits.checked_mul(10).and_then(|digits| digits.checked_add(u64::from(digit - b'0')));
        let is_fraction = index >= whole.len();
        match more {
            Some(more) => {
                digits = more;
                places -= i32::from(is_fraction);
            }
            // Too many: what follows has no weight but its places.
            None => places += i32::from(!is_fraction),
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a double has as many digits as it has")]
    let mut number = digits as f64;
    if digits == 0 {
        return number;
    }
    // Each of these powers is a double.
    while places != 0 && number != 0.0 && number.is_finite() {
        let step = places.clamp(-22, 22);
        let power = (0..step.abs()).fold(1.0, |power, _| power * 10.0);
        number = if step < 0 { number / power } else { number * power };
        places -= step;
    }
    number
}
