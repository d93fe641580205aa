//! A choice of a group of radio buttons, as data: its value, its name, and the facts beside it.

/// A fact about a choice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fact {
    /// What it is about; may be empty.
    pub label: &'static str,
    /// What there is to know.
    pub text: String,
    /// How it looks, as classes of the style sheet: `good`, `bad`, `faint`, or nothing.
    pub look: &'static str,
}

impl Fact {
    /// A fact without a special look.
    pub fn new(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, text: text.into(), look: "" }
    }
}

/// One choice of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// What is chosen.
    pub value: String,
    /// Its name.
    pub title: String,
    /// What else there is to know.
    pub facts: Vec<Fact>,
    /// Why it cannot be chosen.
    pub disabled: Option<&'static str>,
}

impl Choice {
    /// A choice with a name and no facts.
    pub fn new(value: impl Into<String>, title: impl Into<String>) -> Self {
        Self { value: value.into(), title: title.into(), facts: Vec::new(), disabled: None }
    }

    /// The same, with a line that explains it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.facts.push(Fact::new("", hint));
        self
    }
}
