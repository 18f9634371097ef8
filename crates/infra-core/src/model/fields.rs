//! The fields of an object.

use std::borrow::Cow;

use super::expr::Body;

/// Fields sorted by name, in a list. A `BTreeMap` would allocate room for eleven fields in each object, and most of the
/// many objects of a stack have fewer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(Vec<(Cow<'static, str>, Body)>);

impl Fields {
    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Body> {
        self.at(name).ok().map(|at| &self.0[at].1)
    }

    /// The position of a field.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.at(name).ok()
    }

    /// All fields, sorted by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Body)> {
        self.0.iter().map(|(name, it)| (name.as_ref(), it))
    }

    /// All values, sorted by name.
    pub fn values(&self) -> impl Iterator<Item = &Body> {
        self.0.iter().map(|(_, it)| it)
    }

    pub(in crate::model) fn insert(&mut self, name: impl Into<Cow<'static, str>>, it: Body) {
        let name = name.into();
        match self.at(&name) {
            Ok(at) => self.0[at].1 = it,
            Err(at) => self.0.insert(at, (name, it)),
        }
    }

    fn at(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(it, _)| it.as_ref().cmp(name))
    }
}

/// Of two fields with one name, the later one is kept.
impl<K: Into<Cow<'static, str>>> FromIterator<(K, Body)> for Fields {
    fn from_iter<I: IntoIterator<Item = (K, Body)>>(fields: I) -> Self {
        let mut fields: Vec<_> = fields.into_iter().map(|(name, it)| (name.into(), it)).collect();
        // The sort is stable, so equal names keep their order.
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        fields.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        fields.shrink_to_fit();
        Fields(fields)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_a_map(
            made in prop::collection::vec(("[abc]{0,2}", any::<u32>()), 0..8),
            more in prop::collection::vec(("[abc]{0,2}", any::<u32>()), 0..4),
        ) {
            let mut map: BTreeMap<String, u32> = made.iter().cloned().collect();
            let mut fields: Fields = made.into_iter().map(|(name, it)| (name, it.into())).collect();
            for (name, it) in more {
                map.insert(name.clone(), it);
                fields.insert(name, it.into());
            }
            let held: Vec<_> = fields.iter().map(|(name, it)| (name.to_owned(), it.clone())).collect();
            let expected: Vec<_> = map.iter().map(|(name, it)| (name.clone(), (*it).into())).collect();
            prop_assert_eq!(held, expected);
            prop_assert!(map.iter().all(|(name, it)| fields.get(name) == Some(&(*it).into())));
            prop_assert_eq!(fields.get("d"), None);
        }
    }
}
