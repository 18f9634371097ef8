//! Draws edits of a root by a seed: of blocks that do not depend on each other, so that each has its own result.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use fastrand::Rng;
use infra_core::model::backend::PROVIDER_VERSION;
use serde_json::Value;

use super::{
    blocks, documents,
    edit::{Edit, Kind, Step},
    root::{Place, Root, fields},
    values::{self, Leaf},
    written,
};

/// How many edits are drawn for one that is of other blocks than those before it.
const TRIES: usize = 20;

/// A root, with the facts that drawing edits needs.
pub(super) struct Draw {
    pub(super) root: Root,
    /// The blocks that each block refers to.
    pub(super) references: BTreeMap<Place, BTreeSet<Place>>,
    /// The blocks that each block refers to, directly or indirectly.
    reached: BTreeMap<Place, BTreeSet<Place>>,
    /// The addresses that outputs name.
    pub(super) shown: BTreeSet<String>,
    schema: Value,
    force_new: BTreeMap<&'static str, &'static [&'static str]>,
}

impl Draw {
    pub(super) fn from(root: Root) -> Self {
        let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/infra-core/schemas");
        let schema = schemas.join(format!("hashicorp-aws-{PROVIDER_VERSION}.json"));
        let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
        let (references, shown) = (root.references(), root.shown());
        let reached = references.keys().map(|it| (it.clone(), reached(&references, it))).collect();
        let force_new = infra_review::force_new().collect();
        Draw { root, references, reached, shown, schema, force_new }
    }

    /// Draws so many edits. The same seed gives the same edits.
    pub(super) fn edits(&self, seed: u64, count: usize) -> Vec<Edit> {
        let mut rng = Rng::with_seed(seed);
        // The blocks that are edited already, the blocks that they refer to, and the blocks that refer to them.
        let mut taken = BTreeSet::new();
        let mut edits = Vec::<Edit>::new();
        for _ in 0..TRIES * count {
            if edits.len() == count {
                break;
            }
            let Some(edit) = self.edit(&mut rng) else { continue };
            if edit.at.is_disjoint(&taken) {
                let users = self.reached.iter().filter(|it| !it.1.is_disjoint(&edit.at));
                taken.extend(users.map(|it| it.0.clone()));
                taken.extend(self.reached(&edit.at));
                edits.push(edit);
            }
        }
        edits
    }

    fn edit(&self, rng: &mut Rng) -> Option<Edit> {
        // Draws an argument every fourth time, because there are more arguments than anything else.
        let kind = if rng.u8(..4) == 0 { Kind::Argument } else { rng.choice(Kind::ALL)? };
        match kind {
            Kind::Argument => self.argument(rng),
            Kind::Removed => self.removed(rng),
            Kind::Added => self.added(rng),
            Kind::Nested => blocks::nested(self, rng),
            Kind::Order => written::order(self, rng),
            Kind::Rewritten => written::rewritten(self, rng),
            Kind::Rewired => blocks::rewired(self, rng),
            Kind::Policy => documents::statement(self, rng),
            Kind::Document => documents::document(self, rng),
            Kind::BlockRemoved => blocks::removed(self, rng),
            Kind::BlockAdded => blocks::added(self, rng),
            Kind::Renamed => blocks::renamed(self, rng, false),
            Kind::Moved => blocks::renamed(self, rng, true),
            Kind::Count => blocks::counted(self, rng),
            Kind::Lifecycle => blocks::lifecycle(self, rng),
        }
    }

    /// Draws a type, and then one of its blocks, because there are 32 alarms, and one block of most types.
    pub(super) fn place(&self, rng: &mut Rng, is: impl Fn(&Place) -> bool) -> Option<&Place> {
        let mut types: Vec<_> =
            self.references.keys().filter(|it| is(it)).map(|it| &it.tf_type).collect();
        types.dedup();
        types.sort_unstable();
        types.dedup();
        let tf_type = rng.choice(types)?;
        let places: Vec<_> =
            self.references.keys().filter(|it| it.tf_type == *tf_type && is(it)).collect();
        rng.choice(places)
    }

    /// The schema of the argument or nested block at a path of a block.
    pub(super) fn schema(&self, place: &Place, path: &[String]) -> Option<&Value> {
        let (section, tf_type) = match place.tf_type.strip_prefix("data.") {
            Some(it) => ("data_source_schemas", it),
            None => ("resource_schemas", place.tf_type.as_str()),
        };
        let mut here = &self.schema[section][tf_type];
        for name in path.iter().filter(|it| it.parse::<usize>().is_err()) {
            let block = &here["block"];
            here = [&block["attributes"][name], &block["block_types"][name]]
                .into_iter()
                .find(|it| !it.is_null())?;
        }
        Some(here)
    }

    /// Changes the value of an argument: every second time of one that forces a replacement.
    fn argument(&self, rng: &mut Rng) -> Option<Edit> {
        let place = self.place(rng, |_| true)?;
        let force_new = self.force_new.get(place.tf_type.as_str()).copied().unwrap_or_default();
        let mut leaves = values::leaves(self.root.block(place));
        if rng.bool() && leaves.iter().any(|it| force_new.contains(&it.path[0].as_str())) {
            leaves.retain(|it| force_new.contains(&it.path[0].as_str()));
        }
        let Leaf { path, value } = rng.choice(leaves)?;
        let new = values::another(rng, &path, value)?;
        Some(Edit::of(Kind::Argument, [place.clone()], vec![Step::Set(place.clone(), path, new)]))
    }

    /// Removes an optional argument.
    fn removed(&self, rng: &mut Rng) -> Option<Edit> {
        let place = self.place(rng, |_| true)?;
        let paths = values::arguments(self.root.block(place)).into_iter();
        let can_go =
            |it: &Vec<String>| self.schema(place, it).is_some_and(|it| it["optional"] == true);
        let path = rng.choice(paths.filter(can_go).collect::<Vec<_>>())?;
        Some(Edit::of(Kind::Removed, [place.clone()], vec![Step::Unset(place.clone(), path)]))
    }

    /// Adds an argument to the block or to a nested block, sometimes one with its default value.
    fn added(&self, rng: &mut Rng) -> Option<Edit> {
        let place = self.place(rng, |_| true)?;
        let body = self.root.block(place);
        let mut absent = Vec::new();
        for path in values::bodies(body) {
            let Some(schema) = self.schema(place, &path) else { continue };
            let here = body.pointer(&values::pointer(&path)).unwrap();
            for (name, argument) in fields(&schema["block"]["attributes"]) {
                // AWS gives an id, and a prefix is refused together with a name.
                let is_refused = name == "id" || name.ends_with("_prefix");
                if argument["optional"] == true && here[name].is_null() && !is_refused {
                    absent.push(([path.clone(), vec![name.clone()]].concat(), &argument["type"]));
                }
            }
        }
        let (path, is) = rng.choice(absent)?;
        let new = values::of_type(rng, path.last()?, is)?;
        Some(Edit::of(Kind::Added, [place.clone()], vec![Step::Set(place.clone(), path, new)]))
    }

    /// Returns these blocks, and the blocks that they refer to, directly or indirectly.
    pub(super) fn reached(&self, from: &BTreeSet<Place>) -> BTreeSet<Place> {
        let further = from.iter().filter_map(|it| self.reached.get(it)).flatten();
        from.iter().chain(further).cloned().collect()
    }

    /// Returns a block by its address, and the blocks that it refers to.
    pub(super) fn reached_from(&self, address: &str) -> BTreeSet<Place> {
        let from = self.references.keys().filter(|it| it.address() == address);
        self.reached(&from.cloned().collect())
    }

    /// Returns the blocks that refer to a block directly.
    pub(super) fn users(&self, of: &Place) -> BTreeSet<Place> {
        let users = self.references.iter().filter(|it| it.1.contains(of));
        users.map(|it| it.0.clone()).collect()
    }

    /// Whether neither another block nor an output refers to a block.
    pub(super) fn is_alone(&self, place: &Place) -> bool {
        self.users(place).is_empty() && !self.shown.contains(&place.address())
    }
}

/// Returns a block, and the blocks that it refers to, directly or indirectly.
fn reached(references: &BTreeMap<Place, BTreeSet<Place>>, from: &Place) -> BTreeSet<Place> {
    let (mut all, mut next) = (BTreeSet::new(), BTreeSet::from([from]));
    while let Some(it) = next.pop_first() {
        if all.insert(it.clone()) {
            next.extend(references.get(it).into_iter().flatten());
        }
    }
    all
}

/// Returns a name that no block has.
pub(super) fn new_name(place: &Place) -> Place {
    place.named(&format!("{}_more", place.name))
}
