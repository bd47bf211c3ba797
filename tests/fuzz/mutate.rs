//! Mutations of bytes and of text, decided by draws.

use imagenette_playground::rng::Draws;

/// Nothing grows beyond this many bytes.
const LARGEST: usize = 1 << 20;

/// One of them.
pub fn pick<'a, T>(draws: &mut Draws, from: &'a [T]) -> &'a T {
    &from[draws.below(from.len() as u32) as usize]
}

/// A place in `0..len`, 0 if there is none.
pub fn below(draws: &mut Draws, len: usize) -> usize {
    if len == 0 { 0 } else { draws.below(len as u32) as usize }
}

/// A range of `0..len`, short more often than long.
fn range(draws: &mut Draws, len: usize) -> std::ops::Range<usize> {
    let start = below(draws, len);
    let most = if draws.chance(0.7) { 16 } else { len };
    let length = below(draws, most.min(len - start) + 1);
    start..start + length
}

/// Numbers at which programs err.
pub fn extreme(draws: &mut Draws) -> u64 {
    let power = 1u64 << draws.below(64);
    let near = [power, power - 1, power.wrapping_add(1), 0, u64::MAX, 0x7FFF_FFFF, 0xFFFF_FFFF];
    *pick(draws, &near)
}

/// One to four mutations.
pub fn times(draws: &mut Draws) -> u32 {
    1 + draws.below(4)
}

/// Mutates bytes in one place; `other` is what may be spliced in.
pub fn bytes(draws: &mut Draws, input: &mut Vec<u8>, other: &[u8]) {
    let len = input.len();
    if len == 0 {
        input.extend(other);
        return;
    }
    match draws.below(11) {
        0 | 1 => {
            let at = below(draws, len);
            input[at] ^= 1 << draws.below(8);
        }
        2 => {
            let at = below(draws, len);
            input[at] = *pick(draws, &[0, 1, 0x20, 0x7F, 0x80, 0xFE, 0xFF]);
        }
        3 | 4 => {
            let width = *pick(draws, &[2, 4, 8]);
            let value = extreme(draws);
            let big = draws.chance(0.5);
            let at = below(draws, len.saturating_sub(width) + 1);
            let wide =
                if big { (value << (64 - 8 * width)).to_be_bytes() } else { value.to_le_bytes() };
            for (place, byte) in input[at..].iter_mut().take(width).zip(wide) {
                *place = byte;
            }
        }
        5 => input.truncate(below(draws, len)),
        6 => drop(input.drain(range(draws, len))),
        7 => {
            let piece = input[range(draws, len)].to_vec();
            let at = below(draws, len + 1);
            if len + piece.len() <= LARGEST {
                input.splice(at..at, piece);
            }
        }
        8 if !other.is_empty() => {
            let piece = other[range(draws, other.len())].to_vec();
            let at = range(draws, len);
            input.splice(at, piece);
        }
        9 => {
            let [a, b] = [range(draws, len), range(draws, len)];
            let piece = input[a].to_vec();
            let end = (b.start + piece.len()).min(len);
            input[b.start..end].copy_from_slice(&piece[..end - b.start]);
        }
        _ => input.extend(std::iter::repeat_n(
            *pick(draws, &[0, b'\n', 0xFF]),
            *pick(draws, &[1, 4, 512, 1024]),
        )),
    }
}

/// Values that stand where a number stood.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "-0",
    "0.5",
    "1e-400",
    "1e39",
    "1e308",
    "1e309",
    "1e999",
    "-1e999",
    "NaN",
    "inf",
    "null",
    "4294967295",
    "4294967296",
    "2147483648",
    "18446744073709551615",
    "9007199254740993",
    "99999999999999999999999999",
    "0.1e",
    "1_000",
    "٣",
    "",
];

/// Mutates text in one place. `words` are what the format knows, `separators` what
/// parts its pieces.
pub fn text(draws: &mut Draws, input: &mut String, words: &[&str], separators: &[char]) {
    let at = boundary(input, below(draws, input.len() + 1));
    match draws.below(12) {
        0 | 1 => {
            let number = (*pick(draws, NUMBERS)).to_owned();
            replace_number(draws, input, &number);
        }
        2 => {
            let number = extreme(draws).to_string();
            replace_number(draws, input, &number);
        }
        3 | 4 => input.insert_str(at, pick::<&str>(draws, words)),
        5 => {
            let word = *pick(draws, words);
            let mut pieces = pieces(input, separators);
            let index = below(draws, pieces.len());
            if let Some(piece) = pieces.get_mut(index) {
                *piece =
                    word.to_owned() + piece.trim_start_matches(|c: char| !separators.contains(&c));
            }
            *input = pieces.concat();
        }
        6 => {
            let mut pieces = pieces(input, separators);
            if !pieces.is_empty() {
                pieces.remove(below(draws, pieces.len()));
            }
            *input = pieces.concat();
        }
        7 => {
            let mut pieces = pieces(input, separators);
            if !pieces.is_empty() {
                let piece = pieces[below(draws, pieces.len())].clone();
                pieces.insert(below(draws, pieces.len()), piece);
            }
            *input = pieces.concat();
        }
        8 => {
            let mut pieces = pieces(input, separators);
            let [a, b] = [below(draws, pieces.len()), below(draws, pieces.len())];
            if !pieces.is_empty() {
                pieces.swap(a, b);
            }
            *input = pieces.concat();
        }
        9 => {
            let odd = [
                "%", "%2", "%00", "%FF", "\u{0}", "ü", "u\u{308}", "\u{202E}", "\u{FEFF}", "😀",
                "\\", "\"", "\n",
            ];
            input.insert_str(at, pick::<&str>(draws, &odd));
        }
        10 => input.truncate(at),
        _ => many(draws, input, separators),
    }
}

/// Repeats a piece, each time a little different: what is quadratic shows itself.
fn many(draws: &mut Draws, input: &mut String, separators: &[char]) {
    let all = pieces(input, separators);
    if all.is_empty() {
        return;
    }
    let piece = all[below(draws, all.len())].clone();
    let times = 1usize << (4 + draws.below(14));
    let (word, rest) = piece.split_at(boundary(&piece, below(draws, piece.len() + 1)));
    let numbered = draws.chance(0.7);
    for number in 0..times {
        if input.len() > LARGEST {
            break;
        }
        input.push_str(word);
        if numbered {
            input.push_str(&number.to_string());
        }
        input.push_str(rest);
    }
}

/// The text in pieces, each with the separator before it.
fn pieces(text: &str, separators: &[char]) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for letter in text.chars() {
        if separators.contains(&letter) {
            pieces.push(String::new());
        }
        if let Some(last) = pieces.last_mut() {
            last.push(letter);
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// The nearest place at or before `at` where a character begins.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Puts `number` in place of a number of the text.
fn replace_number(draws: &mut Draws, text: &mut String, number: &str) {
    let digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let bytes = text.as_bytes();
    let starts: Vec<usize> = (0..bytes.len())
        .filter(|&at| digit(&bytes[at]) && (at == 0 || !digit(&bytes[at - 1])))
        .collect();
    if starts.is_empty() {
        text.push_str(number);
        return;
    }
    let start = *pick(draws, &starts);
    let length = bytes[start..].iter().take_while(|byte| digit(byte)).count();
    text.replace_range(start..start + length, number);
}
