//! The problems of a body, with their places.

use crate::http::Problem;

/// The maximum number of problems in a response.
pub(super) const MOST: usize = 20;

/// The problems found so far: at most one for each place, and at most 20.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
    more: bool,
}

impl Problems {
    /// Adds a problem, unless the same place already has one.
    pub fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        let pointer = pointer.into();
        if self.list.iter().any(|it| it.pointer == pointer) {
            return;
        }
        match self.list.len() < MOST {
            true => self.list.push(Problem { pointer, message: message.into() }),
            false => self.more = true,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn into_list(mut self) -> Vec<Problem> {
        if self.more {
            let message = format!("has more problems; these are the first {MOST}");
            self.list.push(Problem { pointer: String::new(), message });
        }
        self.list
    }
}

/// Returns the JSON pointer to a field of the object at `parent`.
///
/// The name comes from the request, so it can have any length and any characters. A response contains only its
/// beginning, and no control characters. <https://www.rfc-editor.org/rfc/rfc6901#section-3>
pub fn pointer(parent: &str, field: &str) -> String {
    const MOST_CHARACTERS: usize = 64;
    let shown = |it: char| if it.is_control() { char::REPLACEMENT_CHARACTER } else { it };
    let mut name: String = field.chars().take(MOST_CHARACTERS).map(shown).collect();
    if field.chars().nth(MOST_CHARACTERS).is_some() {
        name.push('…');
    }
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}
