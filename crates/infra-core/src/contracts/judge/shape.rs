//! Random types of payloads: their schemas in the form of schemars, edits of them, and their values.

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};

/// A type of data.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Boolean,
    /// The lowest and the highest length.
    Text(u8, Option<u8>),
    Integer(Bounds),
    Number(i8, i8),
    /// Names of variants, as `enum`, or as `oneOf` with a `const` each.
    Variants(Vec<&'static str>, bool),
    Nullable(Box<Shape>),
    /// A type in `$defs`.
    Named(Box<Shape>),
    /// The type of a field of which a version reads the first type and writes the second one.
    Writes(Box<Shape>, Box<Shape>),
    /// A list with at most so many items.
    List(Box<Shape>, Option<u8>),
    /// A map with at most so many properties.
    Map(Box<Shape>, Option<u8>),
    Object {
        fields: Vec<(&'static str, Field)>,
        is_strict: bool,
    },
    /// One of several objects with one field each, as `either!` writes it.
    Either(Vec<(&'static str, Shape)>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    of: Shape,
    is_required: bool,
}

impl Field {
    /// Whether a writer always writes it.
    fn is_always_written(&self) -> bool {
        let of_writer = matches!(&self.of, Shape::Writes(_, of) if !of.allows_null());
        self.is_required || of_writer
    }
}

/// The bounds of an integer: those of a format, or its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bounds {
    Format(usize),
    Own(i8, i8),
}

/// Formats of schemars, with the bounds of their types and the keywords next to them.
const FORMATS: [(&str, i64, u64); 6] = [
    ("uint8", 0, 255),
    ("uint32", 0, 4_294_967_295),
    ("int16", -32_768, 32_767),
    ("int32", -2_147_483_648, 2_147_483_647),
    ("int64", i64::MIN, i64::MAX as u64),
    ("uint64", 0, u64::MAX),
];

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
/// A name that no object has.
const STRANGE: &str = "z";
const VARIANTS: [&str; 4] = ["A", "B", "C", "D"];

/// Random numbers that follow from a seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `sides`. The mixing is that of SplitMix64.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }
}

fn ordered(low: i8, high: i8) -> (i8, i8) {
    (low.min(high), low.max(high))
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let own = (-3..4_i8, -3..4_i8).prop_map(|(a, b)| {
        let (a, b) = ordered(a, b);
        Bounds::Own(a, b)
    });
    prop_oneof![(0..FORMATS.len()).prop_map(Bounds::Format), own]
}

fn variants() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(&VARIANTS[..], 1..=4)
}

fn names(most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(&NAMES[..], 1..=most)
}

/// Types of a few levels.
pub(super) fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Boolean),
        (0..3_u8, option::of(0..3_u8))
            .prop_map(|(least, more)| Shape::Text(least, more.map(|it| least + it))),
        bounds().prop_map(Shape::Integer),
        (-3..4_i8, 1..4_i8).prop_map(|(low, more)| Shape::Number(low, low + more)),
        (variants(), any::<bool>()).prop_map(|(names, is_const)| Shape::Variants(names, is_const)),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let most = || option::of(1..4_u8);
        let of = prop_oneof![
            6 => inner.clone(),
            1 => (inner.clone(), inner.clone())
                .prop_map(|(read, written)| Shape::Writes(read.into(), written.into())),
        ];
        let field = (of, any::<bool>()).prop_map(|(of, is_required)| Field { of, is_required });
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            1 => boxed.clone().prop_map(|it| match *it {
                Shape::Nullable(_) => *it,
                _ => Shape::Nullable(it),
            }),
            1 => boxed.clone().prop_map(Shape::Named),
            1 => (boxed.clone(), most()).prop_map(|(of, most)| Shape::List(of, most)),
            1 => (boxed, most()).prop_map(|(of, most)| Shape::Map(of, most)),
            3 => (names(4), vec(field, 4), select(&[false, false, true][..])).prop_map(
                |(names, fields, is_strict)| Shape::Object {
                    fields: names.into_iter().zip(fields).collect(),
                    is_strict,
                },
            ),
            1 => (names(2), vec(inner, 2))
                .prop_map(|(names, of)| Shape::Either(names.into_iter().zip(of).collect())),
        ]
    })
}

/// A schema while it is written.
#[derive(Default)]
struct Writer {
    types: Map<String, Value>,
    form: Form,
}

/// The form of a schema.
#[derive(Clone, Copy, Default, PartialEq)]
enum Form {
    /// As in `contracts.json`.
    #[default]
    Document,
    /// As in `x-writes`: without references.
    Inlined,
    /// The values that a version writes, with bounds in place of formats.
    Written,
    /// The values that a version reads, with bounds in place of formats.
    Read,
}

impl Shape {
    /// The schema as schemars writes it, and the definitions.
    pub(super) fn schema(&self) -> (Value, Value) {
        let mut writer = Writer::default();
        (self.write(&mut writer), writer.types.into())
    }

    /// The schema of the values that a version writes, or of those that it reads, and the definitions.
    pub(super) fn schema_of_values(&self, is_writer: bool) -> (Value, Value) {
        let form = if is_writer { Form::Written } else { Form::Read };
        let mut writer = Writer { form, ..Writer::default() };
        (self.write(&mut writer), writer.types.into())
    }

    fn allows_null(&self) -> bool {
        match self {
            Shape::Nullable(_) => true,
            Shape::Named(of) => of.allows_null(),
            _ => false,
        }
    }

    fn write(&self, to: &mut Writer) -> Value {
        let with = |mut schema: Value, keyword: &str, most: Option<u8>| {
            if let Some(most) = most {
                schema[keyword] = most.into();
            }
            schema
        };
        match self {
            Shape::Boolean => json!({ "type": "boolean" }),
            Shape::Text(0, most) => with(json!({ "type": "string" }), "maxLength", *most),
            Shape::Text(least, most) => {
                with(json!({ "type": "string", "minLength": least }), "maxLength", *most)
            }
            Shape::Integer(Bounds::Own(low, high)) => {
                json!({ "type": "integer", "minimum": low, "maximum": high })
            }
            Shape::Integer(Bounds::Format(format)) => {
                let (format, low, high) = FORMATS[*format];
                match (matches!(to.form, Form::Written | Form::Read), format) {
                    (true, _) => json!({ "type": "integer", "minimum": low, "maximum": high }),
                    (false, "uint8") => {
                        json!({ "type": "integer", "format": format, "minimum": 0, "maximum": 255 })
                    }
                    (false, "uint32" | "uint64") => {
                        json!({ "type": "integer", "format": format, "minimum": 0 })
                    }
                    (false, _) => json!({ "type": "integer", "format": format }),
                }
            }
            Shape::Number(low, high) => {
                json!({ "type": "number", "minimum": low, "maximum": high })
            }
            Shape::Variants(names, false) => json!({ "type": "string", "enum": names }),
            Shape::Variants(names, true) => {
                let all: Vec<_> =
                    names.iter().map(|it| json!({ "const": it, "type": "string" })).collect();
                json!({ "oneOf": all })
            }
            Shape::Nullable(of) => {
                let mut schema = of.write(to);
                match schema.get("type").cloned() {
                    Some(Value::String(ty)) => {
                        schema["type"] = json!([ty, "null"]);
                        if let Some(Value::Array(values)) = schema.get_mut("enum") {
                            values.push(Value::Null);
                        }
                        schema
                    }
                    _ => json!({ "anyOf": [schema, { "type": "null" }] }),
                }
            }
            Shape::Writes(read, written) => match to.form {
                Form::Written => written.write(to),
                Form::Read => read.write(to),
                Form::Document | Form::Inlined => {
                    let mut schema = read.write(to);
                    let mut inlined = Writer { form: Form::Inlined, ..Writer::default() };
                    schema["x-writes"] = written.write(&mut inlined);
                    schema
                }
            },
            Shape::Named(of) if to.form == Form::Inlined => of.write(to),
            Shape::Named(of) => {
                let schema = of.write(to);
                let known = to.types.iter().find(|(_, it)| **it == schema);
                let name = match known {
                    Some((name, _)) => name.clone(),
                    None => format!("T{}", to.types.len()),
                };
                to.types.insert(name.clone(), schema);
                json!({ "$ref": format!("#/$defs/{name}") })
            }
            Shape::List(of, most) => {
                with(json!({ "type": "array", "items": of.write(to) }), "maxItems", *most)
            }
            Shape::Map(of, most) => {
                let schema = json!({ "type": "object", "additionalProperties": of.write(to) });
                with(schema, "maxProperties", *most)
            }
            Shape::Object { fields, is_strict } => {
                let properties: Map<String, Value> =
                    fields.iter().map(|(name, it)| ((*name).to_owned(), it.of.write(to))).collect();
                let required: Vec<_> =
                    fields.iter().filter(|it| it.1.is_required).map(|it| it.0).collect();
                let mut schema =
                    json!({ "type": "object", "properties": properties, "required": required });
                if *is_strict {
                    schema["additionalProperties"] = false.into();
                }
                schema
            }
            Shape::Either(variants) => {
                let form = |(name, of): &(&'static str, Shape)| {
                    json!({ "type": "object", "properties": { *name: of.write(to) }, "required": [name],
                        "additionalProperties": false })
                };
                json!({ "oneOf": variants.iter().map(form).collect::<Vec<_>>() })
            }
        }
    }

    /// The same type with changes in a few places. `spare` is a type to put in.
    pub(super) fn edited(&self, spare: &Shape, dice: &mut Dice) -> Shape {
        let inner = |it: &Shape, dice: &mut Dice| Box::new(it.edited(spare, dice));
        if dice.one_in(30) {
            return spare.clone();
        }
        let is_changed = dice.one_in(5);
        match self {
            Shape::Writes(_, written) if is_changed => *inner(written, dice),
            Shape::Writes(read, written) => Shape::Writes(inner(read, dice), inner(written, dice)),
            Shape::Nullable(of) if is_changed => *inner(of, dice),
            Shape::Nullable(of) => match inner(of, dice) {
                it if matches!(*it, Shape::Nullable(_)) => *it,
                it => Shape::Nullable(it),
            },
            Shape::Named(of) if is_changed => *inner(of, dice),
            Shape::Named(of) => Shape::Named(inner(of, dice)),
            it if dice.one_in(20) => Shape::Named(inner(it, dice)),
            it if dice.one_in(20) => Shape::Nullable(it.clone().into()),
            Shape::Boolean => Shape::Boolean,
            Shape::Text(least, most) if is_changed => match dice.roll(3) {
                0 => Shape::Text(0, *most),
                1 => Shape::Text(least + 1, most.map(|it| it + 1)),
                _ => Shape::Text(*least, most.map(|it| it + 1)),
            },
            Shape::Text(least, most) => Shape::Text(*least, *most),
            Shape::Integer(_) if is_changed => match dice.roll(3) {
                0 => Shape::Number(-4, 7),
                1 => Shape::Integer(Bounds::Own(-3, 3)),
                _ => Shape::Integer(Bounds::Format(dice.roll(FORMATS.len()))),
            },
            Shape::Number(low, high) if is_changed => match dice.roll(3) {
                0 => Shape::Integer(Bounds::Own(*low, *high)),
                1 => Shape::Number(low - 1, *high),
                _ => Shape::Number(*low, high + 1),
            },
            Shape::Integer(_) | Shape::Number(..) => self.clone(),
            Shape::Variants(names, is_const) if is_changed => {
                let mut names: Vec<_> = names.clone();
                match dice.roll(3) {
                    0 if names.len() > 1 => drop(names.pop()),
                    1 => names = VARIANTS.to_vec(),
                    _ => return Shape::Variants(names, !is_const),
                }
                Shape::Variants(names, *is_const)
            }
            Shape::Variants(names, is_const) => Shape::Variants(names.clone(), *is_const),
            Shape::List(of, most) => Shape::List(inner(of, dice), limit(*most, is_changed, dice)),
            Shape::Map(of, _) if is_changed && dice.one_in(2) => Shape::Object {
                fields: vec![
                    ("a", Field { of: *inner(of, dice), is_required: dice.one_in(4) }),
                    ("b", Field { of: spare.clone(), is_required: false }),
                ],
                is_strict: dice.one_in(4),
            },
            Shape::Map(of, most) => Shape::Map(inner(of, dice), limit(*most, is_changed, dice)),
            Shape::Object { fields, .. } if dice.one_in(20) => {
                Shape::Map(inner(&fields[0].1.of, dice), None)
            }
            Shape::Object { fields, is_strict } => {
                let mut fields: Vec<_> = fields
                    .iter()
                    .map(|(name, it)| {
                        let is_required = it.is_required ^ dice.one_in(6);
                        let of = match it.of.edited(spare, dice) {
                            of if matches!(it.of, Shape::Writes(..)) || !dice.one_in(8) => of,
                            of => Shape::Writes(of.into(), it.of.clone().into()),
                        };
                        (*name, Field { of, is_required })
                    })
                    .collect();
                if is_changed && fields.len() > 1 && dice.one_in(2) {
                    fields.remove(dice.roll(fields.len()));
                } else if is_changed {
                    let new = NAMES.iter().find(|it| fields.iter().all(|(name, _)| name != *it));
                    let field = Field { of: spare.clone(), is_required: dice.one_in(3) };
                    fields.extend(new.map(|it| (*it, field)));
                }
                Shape::Object { fields, is_strict: is_strict ^ dice.one_in(8) }
            }
            Shape::Either(variants) => {
                let mut variants: Vec<_> =
                    variants.iter().map(|(name, of)| (*name, of.edited(spare, dice))).collect();
                if is_changed && variants.len() > 1 {
                    variants.pop();
                }
                Shape::Either(variants)
            }
        }
    }

    /// A value that a writer of this type writes.
    pub(super) fn value(&self, dice: &mut Dice) -> Value {
        match self {
            Shape::Nullable(_) if dice.one_in(3) => Value::Null,
            Shape::Nullable(of) | Shape::Named(of) | Shape::Writes(_, of) => of.value(dice),
            Shape::List(of, most) => {
                let length = dice.roll(usize::from(most.unwrap_or(4)) + 1);
                (0..length).map(|_| of.value(dice)).collect()
            }
            Shape::Map(of, most) => {
                let length = dice.roll(usize::from(most.unwrap_or(4)) + 1);
                let names = NAMES.iter().chain([&STRANGE]).cycle().skip(dice.roll(5));
                names.take(length).map(|it| ((*it).to_owned(), of.value(dice))).collect()
            }
            Shape::Object { fields, .. } => {
                let mut all = Map::new();
                for (name, it) in fields {
                    if it.is_always_written() || dice.one_in(2) {
                        all.insert((*name).to_owned(), it.of.value(dice));
                    }
                }
                all.into()
            }
            Shape::Either(variants) => {
                let (name, of) = &variants[dice.roll(variants.len())];
                json!({ *name: of.value(dice) })
            }
            leaf => {
                let edges = leaf.edges();
                edges[dice.roll(edges.len())].clone()
            }
        }
    }

    /// Values that show each bound and each part of the type. Each value differs from the first one in one place.
    pub(super) fn edges(&self) -> Vec<Value> {
        let one = |name: &str, it: Value| json!({ name: it });
        match self {
            Shape::Boolean => vec![true.into(), false.into()],
            Shape::Text(least, most) => {
                let text = |length: u8| Value::from("x".repeat(length.into()));
                vec![text(*least), text(most.unwrap_or(30))]
            }
            Shape::Integer(bounds) => {
                let (low, high): (Value, Value) = match *bounds {
                    Bounds::Own(low, high) => (low.into(), high.into()),
                    Bounds::Format(it) => (FORMATS[it].1.into(), FORMATS[it].2.into()),
                };
                vec![low, high]
            }
            Shape::Number(low, high) => {
                vec![(*low).into(), (*high).into(), (f64::from(*low) + 0.5).into()]
            }
            Shape::Variants(names, _) => names.iter().map(|it| Value::from(*it)).collect(),
            Shape::Nullable(of) => of.edges().into_iter().chain([Value::Null]).collect(),
            Shape::Named(of) | Shape::Writes(_, of) => of.edges(),
            Shape::List(of, most) => {
                let all = of.edges();
                let longest = vec![all[0].clone(); most.unwrap_or(9).into()];
                let singles = all.into_iter().map(|it| json!([it]));
                [json!([]), longest.into()].into_iter().chain(singles).collect()
            }
            Shape::Map(of, most) => {
                let all = of.edges();
                let names = NAMES.iter().chain([&STRANGE]).map(|it| (*it).to_owned());
                let more = (0..9).map(|it| format!("{STRANGE}{it}"));
                let longest = names.clone().chain(more).take(most.unwrap_or(9).into());
                let longest: Map<_, _> = longest.map(|it| (it, all[0].clone())).collect();
                let singles = names.flat_map(|name| {
                    all.iter().map(move |it| json!({ name.as_str(): it })).collect::<Vec<_>>()
                });
                [json!({}), longest.into()].into_iter().chain(singles).collect()
            }
            Shape::Object { fields, .. } => {
                let first: Map<String, Value> = fields
                    .iter()
                    .map(|(name, it)| ((*name).to_owned(), it.of.edges().swap_remove(0)))
                    .collect();
                let mut all = vec![first.clone().into()];
                for (name, field) in fields {
                    all.extend(field.of.edges().into_iter().skip(1).map(|it| {
                        let mut other = first.clone();
                        other.insert((*name).to_owned(), it);
                        other.into()
                    }));
                    if !field.is_always_written() {
                        let mut other = first.clone();
                        other.remove(*name);
                        all.push(other.into());
                    }
                }
                all
            }
            Shape::Either(variants) => variants
                .iter()
                .flat_map(|(name, of)| of.edges().into_iter().map(|it| one(name, it)))
                .collect(),
        }
    }
}

/// Another highest size.
fn limit(most: Option<u8>, is_changed: bool, dice: &mut Dice) -> Option<u8> {
    match is_changed {
        true => [None, most.map(|it| it + 1), Some(2)][dice.roll(3)],
        false => most,
    }
}
