//! The comparison of one root before and after a change.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    again,
    block::{Block, items},
    replace,
    root::Root,
};

/// A block before the change, and its counterpart after it.
pub(super) type Pair<'r> = (&'r Block, &'r Block);

pub(super) struct Comparison<'r> {
    pub(super) before: &'r Root,
    pub(super) after: &'r Root,
    /// Old and new address.
    pub(super) moved: Vec<(String, String)>,
    /// Resources that are at the same address on both sides, and differ.
    stayed: Vec<Pair<'r>>,
    /// Blocks that a new block overrides, each with that block.
    overridden: Vec<Pair<'r>>,
    /// The resources that Terraform replaces. Several rules need them, so they are computed once.
    replaced: OnceCell<BTreeMap<String, replace::Why>>,
}

impl<'r> Comparison<'r> {
    pub(super) fn new(before: &'r Root, after: &'r Root, moved: Vec<(String, String)>) -> Self {
        let both = before.blocks.iter().filter_map(|(at, it)| Some((it, after.blocks.get(at)?)));
        let stayed = both.filter(differs).collect();
        let overridden = again::pairs(before, after);
        Comparison { before, after, moved, stayed, overridden, replaced: OnceCell::new() }
    }

    /// Every resource that Terraform destroys and creates again.
    pub(super) fn replaced(&self) -> &BTreeMap<String, replace::Why> {
        self.replaced.get_or_init(|| replace::replaced(self))
    }

    pub(super) fn both_there(&self) -> bool {
        !self.before.blocks.is_empty() && !self.after.blocks.is_empty()
    }

    /// Every resource by address, as it was and as it will be.
    pub(super) fn all(
        &self,
    ) -> impl Iterator<Item = (&'r str, Option<&'r Block>, Option<&'r Block>)> + use<'r> {
        let (before, after) = (self.before, self.after);
        let addresses: BTreeSet<&'r str> =
            before.blocks.keys().chain(after.blocks.keys()).map(String::as_str).collect();
        addresses.into_iter().map(|it| (it, before.blocks.get(it), after.blocks.get(it)))
    }

    /// Resources of a type that differ, and those that a new one overrides.
    pub(super) fn changed(&self, tf_type: &'static str) -> impl Iterator<Item = Pair<'r>> {
        self.kept().filter(move |(before, _)| before.tf_type == tf_type)
    }

    /// Resources that differ, and those that a new one overrides.
    pub(super) fn kept(&self) -> impl Iterator<Item = Pair<'r>> {
        self.stayed().chain(self.overridden.iter().copied().filter(differs))
    }

    /// Resources that are at the same address on both sides, and differ.
    pub(super) fn stayed(&self) -> impl Iterator<Item = Pair<'r>> {
        self.stayed.iter().copied()
    }

    /// Whether a new block overrides an existing one.
    pub(super) fn overrides(&self, block: &Block) -> bool {
        self.overridden.iter().any(|it| it.1.address == block.address)
    }

    pub(super) fn removed(&self) -> impl Iterator<Item = &'r Block> + use<'r> {
        self.all().filter_map(|(_, before, after)| before.filter(|_| after.is_none()))
    }

    pub(super) fn added(&self) -> impl Iterator<Item = &'r Block> + use<'r> {
        self.all().filter_map(|(_, before, after)| after.filter(|_| before.is_none()))
    }

    pub(super) fn is_new(&self, address: &str) -> bool {
        self.after.blocks.contains_key(address) && !self.before.blocks.contains_key(address)
    }

    pub(super) fn is_gone(&self, address: &str) -> bool {
        self.before.blocks.contains_key(address) && !self.after.blocks.contains_key(address)
    }

    /// Texts that are specific to this root, with the placeholders that replace them in a finding about several roots.
    pub(super) fn own_names(&self) -> Vec<(String, &'static str)> {
        // `bootstrap/prod` is called prod in everything that it holds.
        let (name, all) = (&self.after.name, "<env>");
        let mut own = vec![(name.rsplit('/').next().unwrap_or(name).to_owned(), all)];
        for root in [self.before, self.after] {
            for account in root.accounts() {
                own.push((account, "<account>"));
            }
        }
        own
    }
}

fn differs((before, after): &Pair<'_>) -> bool {
    before.body != after.body || before.document != after.document
}

impl Root {
    /// The accounts that the provider may change.
    pub(super) fn accounts(&self) -> Vec<String> {
        let aws = items(&self.provider["aws"]).first();
        let accounts = aws.map(|it| super::block::texts(&it["allowed_account_ids"]));
        accounts.unwrap_or_default().into_iter().map(str::to_owned).collect()
    }

    /// The region of the provider.
    pub(super) fn region(&self) -> Option<String> {
        let aws = items(&self.provider["aws"]).first()?;
        aws["region"].as_str().map(str::to_owned)
    }

    pub(super) fn of_type(&self, tf_type: &'static str) -> impl Iterator<Item = &Block> {
        self.blocks.values().filter(move |it| it.tf_type == tf_type)
    }
}
