//! Fields of a file with their places: what is missing, misnamed or of another kind is
//! noted, and reading goes on, so that an author sees all mistakes at once.

use super::document::{self, Node, Place, Problem, Value};

/// What was wrong so far.
#[derive(Default)]
pub(super) struct FieldReader {
    problems: Vec<Problem>,
}

/// An object of the file, and the fields of it that were asked for.
pub(super) struct Section<'a> {
    /// How fields of it are called: empty, or `predict.`.
    prefix: String,
    place: Place,
    fields: &'a [(String, Place, Node)],
    asked: Vec<&'static str>,
}

impl FieldReader {
    /// Reads a whole text with `read`.
    ///
    /// # Errors
    /// All mistakes, in the order of the text; at least one.
    pub(super) fn whole<T>(
        text: &str,
        longest: usize,
        read: impl FnOnce(&mut Self, &mut Section) -> T,
    ) -> Result<T, Vec<Problem>> {
        let place = Place { line: 1, column: 1 };
        let refused = |why: String| vec![Problem { place, field: String::new(), why }];
        if text.len() > longest {
            return Err(refused(format!(
                "the file has {} bytes, and at most {longest} are read",
                text.len()
            )));
        }
        let node = document::parse(text).map_err(|problem| vec![problem])?;
        let Value::Map(fields) = &node.value else {
            return Err(refused(format!("the file is {}, not an object", node.value.kind())));
        };
        let mut reader = Self::default();
        let mut section =
            Section { prefix: String::new(), place: node.place, fields, asked: Vec::new() };
        let value = read(&mut reader, &mut section);
        reader.close(&section);
        let mut problems = reader.problems;
        if problems.is_empty() {
            return Ok(value);
        }
        crate::order::sort_by(&mut problems, |a, b| a.place.cmp(&b.place));
        Err(problems)
    }

    /// Notes a mistake.
    pub(super) fn note(&mut self, place: Place, field: String, why: impl Into<String>) {
        self.problems.push(Problem { place, field, why: why.into() });
    }

    /// Notes the fields that nobody asked for.
    fn close(&mut self, section: &Section) {
        for (name, place, _) in section.fields {
            if !section.asked.contains(&name.as_str()) {
                let known = section.asked.join(", ");
                let why = format!("there is no such field; known are {known}");
                self.note(*place, format!("{}{name}", section.prefix), why);
            }
        }
    }

    /// The node of a field that may be missing.
    pub(super) fn optional<'a>(
        &mut self,
        section: &mut Section<'a>,
        name: &'static str,
    ) -> Option<&'a Node> {
        section.asked.push(name);
        section.fields.iter().find(|(known, _, _)| known == name).map(|(_, _, node)| node)
    }

    fn required<'a>(&mut self, section: &mut Section<'a>, name: &'static str) -> Option<&'a Node> {
        let node = self.optional(section, name);
        if node.is_none() {
            let field = section.name(name);
            self.note(section.place, field, "this field is missing");
        }
        node
    }

    fn other(&mut self, node: &Node, field: String, wanted: &str) {
        let why = format!("{} should stand here, not {}", wanted, node.value.kind());
        self.note(node.place, field, why);
    }

    /// A text that says something.
    pub(super) fn text(&mut self, section: &mut Section, name: &'static str) -> String {
        let field = section.name(name);
        let node = self.required(section, name);
        node.map_or_else(String::new, |node| self.text_of(node, field))
    }

    /// A text that may be missing.
    pub(super) fn optional_text(
        &mut self,
        section: &mut Section,
        name: &'static str,
    ) -> Option<String> {
        let field = section.name(name);
        self.optional(section, name).map(|node| self.text_of(node, field))
    }

    /// The text of a node.
    pub(super) fn text_of(&mut self, node: &Node, field: String) -> String {
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => {
                self.note(node.place, field, "this text is empty");
                String::new()
            }
            Value::Text(text) => text.clone(),
            _ => {
                self.other(node, field, "a text in double quotes");
                String::new()
            }
        }
    }

    /// One of some words.
    pub(super) fn word<T>(
        &mut self,
        section: &mut Section,
        name: &'static str,
        words: &str,
        named: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let node = self.required(section, name)?;
        let field = section.name(name);
        let found = match &node.value {
            Value::Text(text) => named(text),
            _ => None,
        };
        if found.is_none() {
            self.note(node.place, field, format!("one of these should stand here: {words}"));
        }
        found
    }

    /// A number.
    pub(super) fn number(&mut self, section: &mut Section, name: &'static str) -> f64 {
        let field = section.name(name);
        let node = self.required(section, name);
        node.map_or(0.0, |node| self.number_of(node, field))
    }

    fn number_of(&mut self, node: &Node, field: String) -> f64 {
        match node.value {
            Value::Number(number) => number,
            _ => {
                self.other(node, field, "a number");
                0.0
            }
        }
    }

    /// A whole number from 1 on.
    pub(super) fn count(&mut self, section: &mut Section, name: &'static str) -> u32 {
        let field = section.name(name);
        let Some(node) = self.required(section, name) else { return 1 };
        match node.value {
            Value::Number(it) if it.fract() == 0.0 && (1.0..=1e6).contains(&it) => it as u32,
            _ => {
                self.other(node, field, "a whole number from 1 on");
                1
            }
        }
    }

    /// True or false; false where it is missing.
    pub(super) fn flag(&mut self, section: &mut Section, name: &'static str) -> bool {
        let field = section.name(name);
        let Some(node) = self.optional(section, name) else { return false };
        match node.value {
            Value::Bool(flag) => flag,
            _ => {
                self.other(node, field, "true or false");
                false
            }
        }
    }

    /// An object.
    pub(super) fn section<'a>(
        &mut self,
        section: &mut Section<'a>,
        name: &'static str,
        read: impl FnOnce(&mut Self, &mut Section<'a>),
    ) {
        let field = section.name(name);
        if let Some(node) = self.required(section, name) {
            self.section_of(node, field, read);
        }
    }

    /// The object of a node.
    pub(super) fn section_of<'a>(
        &mut self,
        node: &'a Node,
        field: String,
        read: impl FnOnce(&mut Self, &mut Section<'a>),
    ) {
        let Value::Map(fields) = &node.value else {
            self.other(node, field, "an object in braces");
            return;
        };
        let prefix = format!("{field}.");
        let mut section = Section { prefix, place: node.place, fields, asked: Vec::new() };
        read(self, &mut section);
        self.close(&section);
    }

    /// The items of a list, each with the name of its field; at least `fewest`.
    pub(super) fn list<'a>(
        &mut self,
        section: &mut Section<'a>,
        name: &'static str,
        fewest: usize,
    ) -> Vec<(&'a Node, String)> {
        let field = section.name(name);
        let node = match fewest {
            0 => self.optional(section, name),
            _ => self.required(section, name),
        };
        let Some(node) = node else { return Vec::new() };
        let Value::List(items) = &node.value else {
            self.other(node, field, "a list in brackets");
            return Vec::new();
        };
        if items.len() < fewest {
            let why = format!("the list has {} of at least {fewest} items", items.len());
            self.note(node.place, field.clone(), why);
        }
        let named = items.iter().enumerate();
        named.map(|(index, node)| (node, format!("{field}[{}]", index + 1))).collect()
    }

    /// A list of texts.
    pub(super) fn texts(
        &mut self,
        section: &mut Section,
        name: &'static str,
        fewest: usize,
    ) -> Vec<String> {
        let items = self.list(section, name, fewest);
        items.into_iter().map(|(node, field)| self.text_of(node, field)).collect()
    }

    /// A list of numbers.
    pub(super) fn numbers(
        &mut self,
        section: &mut Section,
        name: &'static str,
        fewest: usize,
    ) -> Vec<f64> {
        let items = self.list(section, name, fewest);
        items.into_iter().map(|(node, field)| self.number_of(node, field)).collect()
    }
}

impl Section<'_> {
    /// The whole name of one of its fields.
    pub(super) fn name(&self, field: &str) -> String {
        format!("{}{field}", self.prefix)
    }

    /// True if it has a field of this name.
    pub(super) fn has(&mut self, field: &'static str) -> bool {
        self.asked.push(field);
        self.fields.iter().any(|(name, _, _)| name == field)
    }

    /// Where a field's value begins; where the object does, if it has none.
    pub(super) fn place(&self, field: &str) -> Place {
        let found = self.fields.iter().find(|(name, _, _)| name == field);
        found.map_or(self.place, |(_, _, node)| node.place)
    }
}
