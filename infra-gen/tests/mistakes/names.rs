//! The names that a topology declares: fields of its structs, its constants, and the variants that it uses. A mistake
//! replaces one by another of the same kind.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use super::{numbers, source::Source};

/// Names by what they can be mistaken for.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The fields with a name, as (struct, kind of the field's type).
    fields: BTreeMap<String, BTreeSet<(String, String)>>,
    /// The fields of each struct by the kind of their type.
    like: BTreeMap<(String, String), BTreeSet<String>>,
    /// The constants of each file by their type.
    constants: BTreeMap<(String, String), BTreeSet<String>>,
    /// The type of each constant of each file.
    types: BTreeMap<(String, String), String>,
    /// The variants of each enum that the topology names.
    variants: BTreeMap<String, BTreeSet<String>>,
    /// The types that wrap a number.
    numbers: BTreeSet<String>,
}

impl Names {
    pub(super) fn of(sources: &[Source]) -> Self {
        let mut names = Names::default();
        for source in sources {
            Reader { names: &mut names, source }.visit_file(&source.tree);
        }
        names
    }

    /// The other fields of the struct whose type is of the same kind: handles of the same kind of resource, or values
    /// of the same type.
    pub(super) fn fields(&self, name: &str) -> BTreeSet<&str> {
        let of = self.fields.get(name).into_iter().flatten();
        let all = of.filter_map(|it| self.like.get(it)).flatten();
        all.map(String::as_str).filter(|it| *it != name).collect()
    }

    /// The other constants of the file with the same type.
    pub(super) fn constants(&self, file: &str, name: &str) -> BTreeSet<&str> {
        let own = self.types.get(&(file.to_owned(), name.to_owned()));
        let all = own.and_then(|it| self.constants.get(&(file.to_owned(), it.clone())));
        all.into_iter().flatten().map(String::as_str).filter(|it| *it != name).collect()
    }

    /// The type of a constant of a file.
    pub(super) fn type_of(&self, file: &str, name: &str) -> Option<String> {
        self.types.get(&(file.to_owned(), name.to_owned())).cloned()
    }

    /// The types that wrap a number.
    pub(super) fn numbers(&self) -> &BTreeSet<String> {
        &self.numbers
    }

    /// The other variants of an enum that the topology names.
    pub(super) fn variants(&self, of: &str, name: &str) -> BTreeSet<&str> {
        let all = self.variants.get(of).filter(|it| it.contains(name));
        all.into_iter().flatten().map(String::as_str).filter(|it| *it != name).collect()
    }
}

/// The types that a type can be mistaken for: `Handle<Table<OrderRecord>>` for other handles of tables, everything else for its
/// own type.
fn kind(text: &str) -> String {
    let text: String = text.split_whitespace().collect();
    match text.strip_prefix("Handle<").and_then(|it| it.split_once('<')) {
        Some((kind, _)) => format!("Handle<{kind}>"),
        None => text,
    }
}

struct Reader<'r> {
    names: &'r mut Names,
    source: &'r Source,
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        for field in &item.fields {
            let Some(name) = &field.ident else { continue };
            let key = (item.ident.to_string(), kind(self.source.of(&field.ty)));
            self.names.fields.entry(name.to_string()).or_default().insert(key.clone());
            self.names.like.entry(key).or_default().insert(name.to_string());
        }
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        let (file, name) = (self.source.path.clone(), item.ident.to_string());
        let ty = self.source.of(&*item.ty).to_owned();
        self.names.constants.entry((file.clone(), ty.clone())).or_default().insert(name.clone());
        self.names.types.insert((file, name), ty);
        visit::visit_item_const(self, item);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        self.names.numbers.extend(numbers::wrapped(call));
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some((of, variant)) = variant(path) {
            self.names.variants.entry(of).or_default().insert(variant);
        }
    }
}

/// The enum and the variant of a path such as `Statistic::Sum`.
pub(super) fn variant(path: &syn::ExprPath) -> Option<(String, String)> {
    let mut segments = path.path.segments.iter().rev();
    let (name, of) = (segments.next()?, segments.next()?);
    let is_type = |it: &syn::PathSegment| {
        let text = it.ident.to_string();
        text.starts_with(char::is_uppercase) && text.contains(char::is_lowercase)
    };
    (is_type(name) && is_type(of)).then(|| (of.ident.to_string(), name.ident.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_same_type_can_be_mistaken() {
        let text = "struct Tables { orders: Handle<Table<A>>, failed: Handle<Table<B>>, n: u32 }
            const A: Period = Period::seconds(60);
            const B: Period = Period::seconds(900);
            fn f() { (Statistic::Sum, Statistic::Maximum, Period::seconds(1)); }";
        let names = Names::of(&[Source::parse("a.rs", text.to_owned()).unwrap()]);
        assert_eq!(names.fields("orders"), BTreeSet::from(["failed"]));
        assert_eq!(names.fields("n"), BTreeSet::new());
        assert_eq!(names.constants("a.rs", "A"), BTreeSet::from(["B"]));
        assert_eq!(names.constants("b.rs", "A"), BTreeSet::new());
        assert_eq!(names.variants("Statistic", "Sum"), BTreeSet::from(["Maximum"]));
    }
}
