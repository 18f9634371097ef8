//! Makes mistakes: goes through the syntax tree of a file, and changes one place at a time.
//!
//! - Swapped: two arguments of a call, or the values of two fields of a struct, that have the same form.
//! - Mistaken: a field, a constant or a variant for another one of the same kind, and a flag for its opposite.
//! - Left out: a statement, an element of a list, a call of a builder, an optional value, a field that has a default.
//! - Across a relation: a number with a type, at the end of the type's range where a relation bounds it (`numbers.rs`).
//! - Another number: 0, a tenth, and ten times as much, for a number without a type.
//! - Another name: the text of a name with one more character.
//!
//! Some changes are not mistakes. They are counted: see [`Choice`].

use syn::{
    Expr, ExprCall, ExprLit, ExprMethodCall, ExprPath, ExprStruct, Lit, Macro, Member, Stmt, Token,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{
    Mistake,
    names::{self, Names},
    numbers,
    source::{Edit, Source, range},
};

/// A change that puts one good value in the place of another. Nothing can refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Choice {
    /// A number for another one, and no relation compares numbers of this type on that side.
    Number,
    /// Another text for people: a title, a description, an instruction.
    Text,
    /// Another value that only the world outside of the repository knows: an e-mail address, an origin, a repository.
    Outside,
}

impl Choice {
    /// The property that the changes have in common, as in `docs/testing.md`.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Choice::Number => "a number that no relation bounds on this side",
            Choice::Text => "a text for people",
            Choice::Outside => "a value that only the world outside knows",
        }
    }
}

/// The mistakes that can be made in a file, in the order of its text, and the choices.
pub(super) fn mistakes(source: &Source, names: &Names) -> (Vec<Mistake>, Vec<Choice>) {
    let mut maker = Maker { source, names, made: Vec::new(), choices: Vec::new() };
    maker.visit_file(&source.tree);
    let mut made = maker.made;
    made.sort_by(|a, b| a.edits.cmp(&b.edits));
    made.dedup_by(|a, b| a.edits == b.edits);
    (made, maker.choices)
}

struct Maker<'m> {
    source: &'m Source,
    names: &'m Names,
    made: Vec<Mistake>,
    choices: Vec<Choice>,
}

/// Types of values that only the world outside of the repository knows.
const OUTSIDE: &[&str] = &["Email::new", "Origin::new", "Repository::new"];
/// Functions whose first argument is a title for people.
const TITLED: &[&str] = &["Widget::new", "Row::of"];
/// Fields with a text for people, and fields whose value only the world outside knows.
const TITLES: &[&str] = &["title"];
const OUTSIDE_FIELDS: &[&str] = &["branch"];

/// Methods that convert a value or go through a list. Without them, the code has another type.
const CONVERSIONS: &[&str] =
    &["as_ref", "as_str", "clone", "collect", "into", "into_iter", "iter", "to_owned", "to_string"];

impl Maker<'_> {
    fn make(&mut self, what: String, edits: Vec<Edit>) {
        let at = edits.iter().map(Edit::start).min().unwrap_or_default();
        let (number, line) = self.source.line(at);
        self.made.push(Mistake {
            path: self.source.path.clone(),
            number,
            line: line.to_owned(),
            what,
            edits,
        });
    }

    fn swap(&mut self, parts: &[(String, &Expr)]) {
        for (at, (a, first)) in parts.iter().enumerate() {
            for (b, second) in &parts[at + 1..] {
                let (x, y) = (self.source.of(*first), self.source.of(*second));
                if x != y && self.shape(first).is_some_and(|it| Some(it) == self.shape(second)) {
                    let edits = vec![Edit::replace(*first, y), Edit::replace(*second, x)];
                    self.make(format!("swap {a} and {b}"), edits);
                }
            }
        }
    }

    /// The form of an expression. People swap expressions of the same form, and rustc must see the difference.
    fn shape(&self, it: &Expr) -> Option<String> {
        match it {
            Expr::Reference(it) => self.shape(&it.expr),
            Expr::Field(_) | Expr::Path(_) => Some("a name".to_owned()),
            Expr::Call(it) => Some(self.source.of(&*it.func).to_owned()),
            Expr::MethodCall(it) => Some(format!(".{}", it.method)),
            Expr::Lit(it) => match it.lit {
                Lit::Str(_) => Some("a text".to_owned()),
                _ => Some("a number".to_owned()),
            },
            _ => None,
        }
    }

    fn arguments(&mut self, arguments: &Punctuated<Expr, Token![,]>) {
        let named = |it: &Expr| short(self.source.of(it));
        let parts: Vec<(String, &Expr)> = arguments.iter().map(|it| (named(it), it)).collect();
        self.swap(&parts);
    }

    fn elements(&mut self, elements: &Punctuated<Expr, Token![,]>) {
        for pair in elements.pairs() {
            let element = pair.value();
            let what = format!("leave out {}", short(self.source.of(*element)));
            let mut bytes = range(element.span());
            if let Some(comma) = pair.punct() {
                bytes.end = range(comma.span()).end;
            }
            self.make(what, vec![Edit::at(bytes, "")]);
        }
    }

    fn name(&mut self, name: &str, literal: proc_macro2::Span) {
        // A text with spaces is for people, and no name.
        if name.is_empty() || name.contains(char::is_whitespace) || name.contains('\\') {
            self.choices.push(Choice::Text);
            return;
        }
        let another = match name.chars().next_back().and_then(|it| it.to_digit(10)) {
            Some(digit) => format!("{}{}", &name[..name.len() - 1], (digit + 1) % 10),
            None => format!("{name}x"),
        };
        let what = format!("name {another:?} instead of {name:?}");
        self.make(what, vec![Edit::at(range(literal), format!("{another:?}"))]);
    }

    /// A number with a type moves to the ends of its range that a relation forbids.
    fn moved(&mut self, of: &str, number: &Expr) {
        let text = self.source.of(number);
        let is_same = |end: &str| text.replace('_', "") == end;
        let mut ends = numbers::ends(of);
        ends.retain(|(_, end)| !is_same(end));
        self.choices.extend((ends.len()..2).map(|_| Choice::Number));
        for (side, end) in ends {
            let what = format!("{of} {side}: {end} instead of {text}");
            self.make(what, vec![Edit::replace(number, end)]);
        }
    }

    fn is_number(&self, it: &Expr) -> bool {
        let constant = |name: &str| self.names.type_of(&self.source.path, name);
        numbers::is_of(it, self.names.numbers(), constant)
    }

    fn number(&mut self, digits: &str, suffix: &str, literal: proc_macro2::Span) {
        let Ok(number) = digits.parse::<f64>() else { return };
        let is_whole = !digits.contains('.');
        let others: &[f64] =
            if number == 0.0 { &[1.0] } else { &[0.0, number / 10.0, number * 10.0] };
        for other in others {
            let text = match is_whole {
                true => format!("{}{suffix}", other.floor()),
                false => format!("{other:?}{suffix}"),
            };
            let what = format!("{text} instead of {}", &self.source.text[range(literal)]);
            self.make(what, vec![Edit::at(range(literal), text)]);
        }
    }

    fn literal(&mut self, literal: &Lit) {
        match literal {
            Lit::Str(it) => self.name(&it.value(), it.span()),
            Lit::Int(it) => self.number(it.base10_digits(), it.suffix(), it.span()),
            Lit::Float(it) => self.number(it.base10_digits(), it.suffix(), it.span()),
            Lit::Bool(it) => {
                let what = format!("{} instead of {}", !it.value, it.value);
                self.make(what, vec![Edit::replace(it, (!it.value).to_string())]);
            }
            _ => {}
        }
    }

    fn others<'n>(&mut self, name: &syn::Ident, others: impl IntoIterator<Item = &'n str>) {
        for other in others {
            self.make(format!("{other} instead of {name}"), vec![Edit::replace(name, other)]);
        }
    }
}

impl<'ast> Visit<'ast> for Maker<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = |it: &syn::Attribute| self.source.of(it).contains("cfg(test)");
        if !item.attrs.iter().any(is_test) {
            visit::visit_item_mod(self, item);
        }
    }

    /// Comments and attributes do not belong to the wiring.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        match statement {
            Stmt::Expr(it, Some(_)) if !matches!(it, Expr::Return(_) | Expr::Macro(_)) => {
                let what = format!("leave out {}", short(self.source.of(it)));
                self.make(what, vec![Edit::replace(statement, "")]);
            }
            Stmt::Expr(it @ Expr::If(_), None) => {
                let what = format!("leave out {}", short(self.source.of(it)));
                self.make(what, vec![Edit::replace(statement, "")]);
            }
            _ => {}
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if self.source.of(&*call.func) == "Some" {
            let what = format!("None instead of {}", short(self.source.of(call)));
            self.make(what, vec![Edit::replace(call, "None")]);
        }
        let function = self.source.of(&*call.func).to_owned();
        if let Some(of) = numbers::wrapped(call) {
            return self.moved(&of, &call.args[0]);
        }
        if OUTSIDE.contains(&function.as_str()) {
            return self.choices.push(Choice::Outside);
        }
        self.arguments(&call.args);
        if TITLED.contains(&function.as_str()) {
            self.choices.push(Choice::Text);
            call.args.iter().skip(1).for_each(|it| self.visit_expr(it));
            return;
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        let Member::Named(name) = &field.member else { return };
        let name = name.to_string();
        let is_text = matches!(&field.expr, Expr::Lit(it) if matches!(it.lit, Lit::Str(_)));
        match is_text {
            true if TITLES.contains(&name.as_str()) => self.choices.push(Choice::Text),
            true if OUTSIDE_FIELDS.contains(&name.as_str()) => self.choices.push(Choice::Outside),
            _ => visit::visit_field_value(self, field),
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let method = call.method.to_string();
        let is_built = matches!(&*call.receiver, Expr::MethodCall(_) | Expr::Call(_));
        if is_built && !CONVERSIONS.contains(&method.as_str()) {
            let bytes = range(call.receiver.span()).end..range(call.span()).end;
            let what = format!("leave out {}", short(&self.source.text[bytes.clone()]));
            self.make(what, vec![Edit::at(bytes, "")]);
        }
        self.arguments(&call.args);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_struct(&mut self, it: &'ast ExprStruct) {
        let is_whole = |field: &&syn::FieldValue| field.colon_token.is_some();
        let named = |field: &'ast syn::FieldValue| match &field.member {
            Member::Named(name) => (name.to_string(), &field.expr),
            Member::Unnamed(index) => (index.index.to_string(), &field.expr),
        };
        let parts: Vec<_> = it.fields.iter().filter(is_whole).map(named).collect();
        self.swap(&parts);
        if it.rest.is_some() {
            for field in it.fields.pairs() {
                // Without its line, a number has the value of the base.
                if self.is_number(&field.value().expr) {
                    self.choices.push(Choice::Number);
                    continue;
                }
                let bytes = range(field.value().span()).start
                    ..field
                        .punct()
                        .map_or(range(field.value().span()).end, |it| range(it.span()).end);
                let what = format!("leave out {}", short(self.source.of(*field.value())));
                self.make(what, vec![Edit::at(bytes, "")]);
            }
        }
        visit::visit_expr_struct(self, it);
    }

    fn visit_expr_array(&mut self, array: &'ast syn::ExprArray) {
        self.elements(&array.elems);
        visit::visit_expr_array(self, array);
    }

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if let Member::Named(name) = &field.member {
            self.others(name, self.names.fields(&name.to_string()));
        }
        visit::visit_expr_field(self, field);
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        let Some(last) = path.path.segments.last() else { return };
        if let Some((of, variant)) = names::variant(path) {
            self.others(&last.ident, self.names.variants(&of, &variant));
        } else if let Some(name) = path.path.get_ident() {
            let others = self.names.constants(&self.source.path, &name.to_string());
            match self.is_number(&Expr::Path(path.clone())) {
                true => self.choices.extend(others.iter().map(|_| Choice::Number)),
                false => self.others(name, others),
            }
        }
    }

    fn visit_expr_lit(&mut self, it: &'ast ExprLit) {
        self.literal(&it.lit);
    }

    fn visit_macro(&mut self, it: &'ast Macro) {
        let name = it.path.segments.last().map(|it| it.ident.to_string()).unwrap_or_default();
        match name.as_str() {
            "vec" => {
                let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
                if let Ok(elements) = it.parse_body_with(parser) {
                    self.elements(&elements);
                    elements.iter().for_each(|it| self.visit_expr(it));
                }
            }
            // `resource!(/// A comment. "name")`.
            "resource" => {
                if let Some(proc_macro2::TokenTree::Literal(literal)) =
                    it.tokens.clone().into_iter().last()
                    && let Lit::Str(name) = Lit::new(literal)
                {
                    self.name(&name.value(), name.span());
                }
            }
            _ => {}
        }
    }
}

/// A text in one short line.
fn short(text: &str) -> String {
    const MOST: usize = 60;
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
