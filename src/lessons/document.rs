//! JSON with the place of every value, so that whoever writes a lesson is told the line of
//! each mistake. It is small, and in the page it replaces a deserializer for each
//! type of a lesson.

use std::fmt;

/// Deepest nesting that is read; a lesson has three levels.
const DEEPEST: usize = 16;

/// A line and a column of a text, both from 1. Columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// One mistake in a file. Its `Display` is "line 3, column 12, `try.link`: why".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// The field that it concerns, e.g. `predict.options[2]`; empty where the text is no JSON.
    pub field: String,
    /// What is wrong, and what to do.
    pub why: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column } = self.place;
        write!(f, "line {line}, column {column}")?;
        if !self.field.is_empty() {
            write!(f, ", `{}`", self.field)?;
        }
        write!(f, ": {}", self.why)
    }
}

impl Problem {
    /// Several problems, a line each.
    pub fn lines(problems: &[Self]) -> String {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    /// Names with the place of each, in the order of the text.
    Map(Vec<(String, Place, Node)>),
}

impl Value {
    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }
}

/// Reads a whole text.
///
/// # Errors
/// The first place at which it is no JSON.
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    let text = text.trim_start_matches('\u{feff}');
    let mut scanner = Scanner { rest: text, place: Place { line: 1, column: 1 } };
    let node = scanner.node(0)?;
    scanner.skip();
    match scanner.rest.is_empty() {
        true => Ok(node),
        false => Err(scanner.fault("the file goes on after its last brace; remove what follows")),
    }
}

struct Scanner<'a> {
    rest: &'a str,
    place: Place,
}

impl Scanner<'_> {
    fn fault(&self, why: &str) -> Problem {
        Problem { place: self.place, field: String::new(), why: why.to_owned() }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = self.rest.get(next.len_utf8()..).unwrap_or_default();
        match next {
            '\n' => self.place = Place { line: self.place.line + 1, column: 1 },
            _ => self.place.column += 1,
        }
        Some(next)
    }

    fn skip(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\r' | '\n')) {
            self.take();
        }
    }

    /// Takes the character, with spaces before it, if it comes next.
    fn accept(&mut self, wanted: char) -> bool {
        self.skip();
        let found = self.peek() == Some(wanted);
        if found {
            self.take();
        }
        found
    }

    fn node(&mut self, depth: usize) -> Result<Node, Problem> {
        self.skip();
        if depth > DEEPEST {
            return Err(self.fault("it is nested too deeply"));
        }
        let place = self.place;
        let value = match self.peek() {
            Some('{') => self.map(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Value::Text(self.text()?),
            Some(_) => self.word()?,
            None => return Err(self.fault("the file ends here, but a value should follow")),
        };
        Ok(Node { place, value })
    }

    fn list(&mut self, depth: usize) -> Result<Value, Problem> {
        self.take();
        let mut items = Vec::new();
        if self.accept(']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.node(depth + 1)?);
            if self.accept(']') {
                return Ok(Value::List(items));
            }
            if !self.accept(',') {
                return Err(self.fault("a comma or `]` should stand here"));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value, Problem> {
        self.take();
        let mut items: Vec<(String, Place, Node)> = Vec::new();
        if self.accept('}') {
            return Ok(Value::Map(items));
        }
        loop {
            self.skip();
            let place = self.place;
            if self.peek() != Some('"') {
                return Err(self.fault("a field’s name in double quotes should stand here"));
            }
            let name = self.text()?;
            if items.iter().any(|(known, _, _)| *known == name) {
                let why = format!("the field `{name}` is here twice; keep one of them");
                return Err(Problem { place, field: String::new(), why });
            }
            if !self.accept(':') {
                return Err(self.fault("a colon should stand here, after the field’s name"));
            }
            items.push((name, place, self.node(depth + 1)?));
            if self.accept('}') {
                return Ok(Value::Map(items));
            }
            if !self.accept(',') {
                return Err(self.fault("a comma or `}` should stand here"));
            }
        }
    }

    fn word(&mut self) -> Result<Value, Problem> {
        let ends = |it: char| !(it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '+'));
        let length = self.rest.find(ends).unwrap_or(self.rest.len());
        let word = self.rest.get(..length).unwrap_or_default();
        let value = match word {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ if word.starts_with(|it: char| it == '-' || it.is_ascii_digit()) => {
                let number = crate::number::read(word).filter(|number| number.is_finite());
                Value::Number(number.ok_or_else(|| self.fault("this is no number"))?)
            }
            _ => return Err(self.fault("a value should stand here; texts need double quotes")),
        };
        for _ in 0..length {
            self.take();
        }
        Ok(value)
    }

    fn text(&mut self) -> Result<String, Problem> {
        let begin = self.place;
        self.take();
        let mut text = String::new();
        loop {
            let here = self.place;
            match self.take() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape(here)?),
                Some(it) if it >= ' ' => text.push(it),
                _ => {
                    let why = "a text begins here and does not end on its line; close it with a \
                               double quote, and write `\\n` for a new line";
                    let field = String::new();
                    return Err(Problem { place: begin, field, why: why.to_owned() });
                }
            }
        }
    }

    fn escape(&mut self, place: Place) -> Result<char, Problem> {
        let plain = match self.take() {
            Some(it @ ('"' | '\\' | '/')) => Some(it),
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('u') => self.code().and_then(|first| match first {
                // Two halves of one character.
                0xd800..=0xdbff if self.rest.starts_with("\\u") => {
                    self.take();
                    self.take();
                    let low = self.code().filter(|low| (0xdc00..=0xdfff).contains(low))?;
                    char::from_u32(0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00))
                }
                _ => char::from_u32(first),
            }),
            _ => None,
        };
        plain.ok_or_else(|| Problem {
            place,
            field: String::new(),
            why: "no character is written like this; a backslash itself is `\\\\`".to_owned(),
        })
    }

    /// Four hexadecimal digits.
    fn code(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |code, _| Some(code << 4 | self.take()?.to_digit(16)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    /// Both readers agree on what is JSON, but for names that occur twice.
    #[test]
    fn it_reads_what_serde_json_reads() {
        for text in [
            "null",
            "[]",
            "{}",
            " [1, -2.5e3, 0]\n",
            r#"{"a": {"b": ["c", true, false, null]}}"#,
            r#""\u00e9 \ud83d\ude00 \n \" \\ \/""#,
            "[1,]",
            "{\"a\" 1}",
            "[1 2]",
            "tru",
            "",
            "{",
            "\"\\x\"",
            "\"\\ud83d\"",
            "1 2",
            "-",
            "nul",
        ] {
            let theirs = serde_json::from_str::<serde_json::Value>(text);
            let ours = parse(text);
            assert_eq!(ours.is_ok(), theirs.is_ok(), "{text}: {ours:?}, {theirs:?}");
            if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
                assert_eq!(plain(&ours), theirs, "{text}");
            }
        }
    }

    fn plain(node: &Node) -> serde_json::Value {
        match &node.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(it) => (*it).into(),
            Value::Number(it) if it.fract() == 0.0 && *it as i64 != -2500 => (*it as i64).into(),
            Value::Number(it) => (*it).into(),
            Value::Text(it) => it.clone().into(),
            Value::List(items) => items.iter().map(plain).collect(),
            Value::Map(items) => {
                items.iter().map(|(name, _, node)| (name.clone(), plain(node))).collect()
            }
        }
    }

    #[test]
    fn faults_name_their_line_and_column() {
        assert_eq!(
            fault("{\n  \"a\": 1\n  \"b\": 2\n}"),
            "line 3, column 3: a comma or `}` should stand here"
        );
        assert!(fault("{\n \"a\": \"text\n}").starts_with("line 2, column 7: a text begins here"));
        assert!(fault("{\"é\": 1, \"é\": 2}").starts_with("line 1, column 10: the field `é`"));
        assert!(fault("{} x").starts_with("line 1, column 4: the file goes on"));
        assert!(fault(&"[".repeat(100)).contains("nested too deeply"));
        assert!(fault("{\"a\": 1e999}").contains("no number"));
    }
}
