//! The list of lessons beside the page, and where a lesson's file may lie.

use super::document::Problem;
use super::fields::FieldReader;
use super::lesson::{LONGEST_FILE, format, id};

/// The lessons of a site, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The lessons.
    pub lessons: Vec<ListedLesson>,
}

/// What the list says of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedLesson {
    /// The lesson's id.
    pub id: String,
    /// Its place, from 1.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// Its file, relative to the list.
    pub file: String,
}

impl Index {
    /// Reads a list.
    ///
    /// # Errors
    /// All mistakes with their places; at least one.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        FieldReader::whole(text, LONGEST_FILE, |reader, top| {
            format(reader, top);
            let mut lessons: Vec<ListedLesson> = Vec::new();
            for (node, field) in reader.list(top, "lessons", 1) {
                reader.section_of(node, field, |reader, it| {
                    let listed = ListedLesson {
                        id: id(reader, it),
                        number: reader.count(it, "number"),
                        title: reader.text(it, "title"),
                        file: reader.text(it, "file"),
                    };
                    if lessons.iter().any(|known| known.id == listed.id) {
                        let why = "another lesson of the list has this id";
                        reader.note(it.place("id"), it.name("id"), why);
                    }
                    if !listed.file.is_empty() && !is_beside(&listed.file) {
                        let why = "it should be a .json file below the list’s folder";
                        reader.note(it.place("file"), it.name("file"), why);
                    }
                    lessons.push(listed);
                });
            }
            Self { lessons }
        })
    }

    /// The lesson of this id.
    pub fn named(&self, id: &str) -> Option<&ListedLesson> {
        self.lessons.iter().find(|it| it.id == id)
    }
}

/// True of a relative path to a `.json` file that leaves neither its folder nor the site.
pub fn is_beside(path: &str) -> bool {
    let plain = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_' | '.' | '/' | ' ');
    path.ends_with(".json")
        && path.chars().all(plain)
        && path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}

/// The lesson that a page's fragment names by `lesson=`, and the fragment without it.
/// A lesson stands beside an experiment's link: links do not know it.
pub fn asked(fragment: &str) -> (Option<String>, String) {
    let mut lesson = None;
    let pairs = fragment.trim_start_matches('#').split('&').filter(|pair| {
        let named = pair.strip_prefix("lesson=");
        lesson = named.map(|it| it.replace("%2F", "/")).or_else(|| lesson.take());
        named.is_none()
    });
    let rest = pairs.collect::<Vec<_>>().join("&");
    (lesson.filter(|lesson| !lesson.is_empty()), rest)
}

/// The lessons that a class's link lists in `lesson=`, in its order, each once.
pub fn listed(asked: &str) -> Vec<String> {
    let mut lessons: Vec<String> = Vec::new();
    for lesson in asked.replace("%2C", ",").replace("%2c", ",").split(',') {
        if !lesson.is_empty() && !lessons.iter().any(|known| known == lesson) {
            lessons.push(lesson.to_owned());
        }
    }
    lessons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_its_mistakes_are_placed() {
        let entry = r#"{"id": "a", "number": 1, "title": "A", "file": "01-a.json"}"#;
        let index = Index::read(&format!("{{\"format\": 1, \"lessons\": [{entry}]}}")).unwrap();
        assert_eq!(index.named("a").unwrap().file, "01-a.json");
        assert_eq!(index.named("b"), None);
        let twice = format!("{{\"format\": 1, \"lessons\": [{entry},\n{entry}]}}");
        let problems = Index::read(&twice).unwrap_err();
        assert_eq!(
            problems[0].to_string(),
            "line 2, column 8, `lessons[2].id`: another lesson of the list has this id"
        );
    }

    #[test]
    fn files_stay_below_the_list() {
        assert!(is_beside("01-a.json") && is_beside("mine/über.json"));
        for path in ["../a.json", "/a.json", "a//b.json", "https://x.org/a.json", "a.txt", ".json"]
        {
            assert!(!is_beside(path), "{path}");
        }
    }

    #[test]
    fn a_lesson_stands_beside_a_link() {
        let of = |fragment: &str| {
            let (lesson, rest) = asked(fragment);
            format!("{}|{rest}", lesson.unwrap_or_default())
        };
        assert_eq!(of("#lesson=mixup"), "mixup|");
        assert_eq!(of("#v=1&lesson=mine%2Fa.json&epochs=3"), "mine/a.json|v=1&epochs=3");
        assert_eq!(of("#v=1&epochs=3"), "|v=1&epochs=3");
        assert_eq!(of("#lesson="), "|");
    }

    #[test]
    fn a_link_lists_the_lessons_of_a_class_in_its_order() {
        let of = |fragment: &str| listed(&asked(fragment).0.unwrap_or_default());
        assert_eq!(of("#lesson=mixup"), ["mixup"]);
        assert_eq!(of("#v=1&lesson=tta,mixup,,tta"), ["tta", "mixup"]);
        assert_eq!(of("#lesson=tta%2Cmine%2Fa.json"), ["tta", "mine/a.json"]);
        assert_eq!(of("#v=1"), [] as [&str; 0]);
    }
}
