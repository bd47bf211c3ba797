//! What a teacher's link says of the page itself, beside its experiment: panels that are
//! hidden, controls that are locked, whether the page is embedded or on a projector, whether a
//! prediction comes first, its language. Links do not know these keys: a view changes what is shown,
//! never what is trained. Independent of browsers.
//!
//! `v=1&mixup=0.4&hide=data,model&lock=epochs,seed&embed=1&predict=1&lang=de`

use crate::experiment::key;

/// A panel that can be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The data set.
    Data,
    /// The five switches.
    Techniques,
    /// Network and schedule.
    Model,
    /// The curves.
    Results,
    /// "Does it help?".
    Queue,
    /// The list of runs.
    Runs,
    /// The recorded results.
    Recorded,
    /// The lessons.
    Lessons,
    /// What a class needs.
    Class,
    /// The instruments.
    Inside,
}

impl Panel {
    /// All panels, in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::Data,
        Self::Techniques,
        Self::Model,
        Self::Results,
        Self::Queue,
        Self::Runs,
        Self::Recorded,
        Self::Lessons,
        Self::Class,
        Self::Inside,
    ];

    /// Its name in `hide=`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Techniques => "techniques",
            Self::Model => "model",
            Self::Results => "results",
            Self::Queue => "queue",
            Self::Runs => "runs",
            Self::Recorded => "recorded",
            Self::Lessons => "lessons",
            Self::Class => "class",
            Self::Inside => "inside",
        }
    }
}

/// What is shown of the page, and what can be changed on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Panels that are not shown, in the order of [`Panel::ALL`], each once.
    pub hidden: Vec<Panel>,
    /// Keys of links whose controls cannot be changed, in the order of links, each once.
    pub locked: Vec<&'static str>,
    /// The page is part of another one: no heading, no footer.
    pub embed: bool,
    /// A prediction comes before the first run.
    pub predict: bool,
    /// For a projector: large, and only the curve, the verdict and the switches.
    pub show: bool,
    /// The language of the page's texts, as its tag; empty: the person's own. `web/boot.js` reads
    /// it before the page starts.
    pub lang: String,
}

impl View {
    /// Reads the view of a page's fragment: it, the fragment without it, and the words that
    /// name nothing.
    pub fn parse(fragment: &str) -> (Self, String, Vec<String>) {
        let (mut hidden, mut locked) = (Vec::new(), Vec::new());
        let (mut embed, mut predict, mut show) = (false, false, false);
        let mut lang = String::new();
        let (mut rest, mut unknown) = (Vec::new(), Vec::new());
        for pair in fragment.split('&') {
            match pair.split_once('=') {
                Some(("hide", names)) => hidden.extend(words(names)),
                Some(("lock", names)) => locked.extend(words(names)),
                Some(("embed", value)) => embed = value == "1",
                Some(("predict", value)) => predict = value == "1",
                Some(("show", value)) => show = value == "1",
                Some(("lang", tag)) => lang = tag.to_ascii_lowercase(),
                _ => rest.push(pair),
            }
        }
        let mut known = |names: &[String], is_known: &dyn Fn(&str) -> bool| {
            unknown.extend(names.iter().filter(|name| !is_known(name)).cloned());
        };
        known(&hidden, &|name| Panel::ALL.iter().any(|panel| panel.name() == name));
        known(&locked, &|name| key::KEYS.iter().any(|key| key.name == name));
        // Which languages there are is the site's business; this is what they are called.
        let is_tag = lang.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        if !is_tag {
            unknown.push(std::mem::take(&mut lang));
        }
        let named = |names: &[String], name: &str| names.iter().any(|it| it == name);
        let view = Self {
            hidden: Panel::ALL.into_iter().filter(|it| named(&hidden, it.name())).collect(),
            locked: key::KEYS.iter().map(|it| it.name).filter(|it| named(&locked, it)).collect(),
            embed,
            predict,
            show,
            lang,
        };
        (view, rest.join("&"), unknown)
    }

    /// What stands behind a link for this view: nothing, or `&hide=data&lock=seed`.
    pub fn suffix(&self) -> String {
        let mut suffix = String::new();
        let hidden: Vec<&str> = self.hidden.iter().map(|panel| panel.name()).collect();
        for (key, names) in [("hide", &hidden), ("lock", &self.locked)] {
            if !names.is_empty() {
                suffix.push_str(&format!("&{key}={}", names.join(",")));
            }
        }
        for (key, on) in [("embed", self.embed), ("predict", self.predict), ("show", self.show)] {
            if on {
                suffix.push_str(&format!("&{key}=1"));
            }
        }
        if !self.lang.is_empty() {
            suffix.push_str(&format!("&lang={}", self.lang));
        }
        suffix
    }

    /// True if the panel is shown.
    pub fn shows(&self, panel: Panel) -> bool {
        !self.hidden.contains(&panel)
    }

    /// True if the key's control can be changed.
    pub fn may_change(&self, key: &str) -> bool {
        !self.locked.contains(&key)
    }

    /// True if anything of the page is hidden or locked.
    pub fn is_restricted(&self) -> bool {
        !self.hidden.is_empty() || !self.locked.is_empty() || self.show
    }
}

/// The words of a list, commas as they are or escaped.
fn words(list: &str) -> Vec<String> {
    let list = list.replace("%2C", ",").replace("%2c", ",");
    list.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_view_stands_beside_an_experiment() {
        let (view, rest, unknown) =
            View::parse("v=1&lang=DE&show=1&hide=model,data&mixup=0.4&lock=seed,epochs&embed=1");
        assert_eq!(rest, "v=1&mixup=0.4");
        assert_eq!(view.suffix(), "&hide=data,model&lock=epochs,seed&embed=1&show=1&lang=de");
        assert!(unknown.is_empty());
        assert!(!view.shows(Panel::Data) && view.shows(Panel::Queue));
        assert!(!view.may_change("seed") && view.may_change("mixup"));
    }

    #[test]
    fn a_link_without_a_view_is_left_as_it_is() {
        for link in ["", "v=1", "v=1&data=https://x.org/a.tgz?hide=x%26lock=y"] {
            let (view, rest, unknown) = View::parse(link);
            assert_eq!((rest.as_str(), unknown.len()), (link, 0));
            assert!(view == View::default() && !view.is_restricted());
        }
    }

    #[test]
    fn words_that_name_nothing_are_told() {
        let (view, _, unknown) = View::parse("v=1&hide=data,garden&lock=colour&embed=yes&lang=d_e");
        assert_eq!(unknown, ["garden", "colour", "d_e"]);
        assert_eq!(view.suffix(), "&hide=data");
    }

    proptest! {
        #[test]
        fn a_view_reads_back(hide in 0u16..1024, lock in 0u32..(1 << 25), flags in 0u8..8,
            lang in "([a-z]{2,3}(-[a-z0-9]{2,4})?)?") {
            let view = View {
                hidden: (0u16..).zip(Panel::ALL).filter(|(bit, _)| hide >> bit & 1 == 1)
                    .map(|(_, panel)| panel).collect(),
                locked: (0u32..).zip(key::KEYS.iter()).filter(|(bit, _)| lock >> bit & 1 == 1)
                    .map(|(_, key)| key.name).collect(),
                embed: flags & 1 > 0,
                predict: flags & 2 > 0,
                show: flags & 4 > 0,
                lang,
            };
            let (read, rest, unknown) = View::parse(&format!("v=1{}", view.suffix()));
            prop_assert_eq!((read, rest.as_str(), unknown.len()), (view, "v=1", 0));
        }

        #[test]
        fn no_fragment_breaks_the_reader(text in "\\PC{0,80}") {
            let (view, rest, _) = View::parse(&text);
            let (again, same, _) = View::parse(&format!("{rest}{}", view.suffix()));
            prop_assert_eq!(&again, &view);
            prop_assert_eq!(same, rest);
        }
    }
}
