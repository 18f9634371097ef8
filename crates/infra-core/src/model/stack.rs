//! The stack: the append-only list of all blocks of a root.

use std::{
    any::{TypeId, type_name},
    collections::{BTreeMap, BTreeSet},
    panic::Location,
};

use foldhash::HashMap;
use function_contract::{
    item::IndexKeys,
    kind::{Queue, Table},
};

pub(crate) use super::nodes::BESIDE_THE_BODY;
pub(in crate::model) use super::nodes::Meta;
pub use super::nodes::Node;
use super::{
    cell::Cell,
    data::Held,
    delivery::boundary::Boundary,
    every::Every,
    expr::{Address, Arn, Attribute, BlockKind, Body, Ref, Term},
    name::{Id, ModuleName, NameOf},
    nodes::Nodes,
    place::Scope,
    policy::{Posture, Rule, Suppression},
    quotas::{Quotas, Taken},
    refactor::Refactoring,
    rest_api::DescribedApi,
    statement::Statement,
};
use crate::violation::Violation;

/// All blocks of one Terraform root.
///
/// Blocks can only be added. A block can refer only to blocks of which it has handles, and only adding a block creates
/// a handle. So references lead to earlier blocks, and there are no cycles.
pub struct Stack {
    scope: Scope,
    nodes: Nodes,
    /// Pairs of modules of which the first refers to the second, each pair once.
    links: Vec<(ModuleName, ModuleName)>,
    roles: BTreeMap<Address, Role>,
    outputs: BTreeMap<&'static str, Output>,
    pub(in crate::model) refactoring: Refactoring,
    /// The stem of a resource's name in AWS, if it differs from the name in Terraform.
    stems: BTreeMap<ModuleName, BTreeMap<&'static str, &'static str>>,
    violations: Vec<Violation>,
    posture: Posture,
    quotas: Quotas,
    taken: Taken,
    suppressions: Vec<Suppression>,
    /// The first resource of each kind that has a payload of its own.
    first_of_its_kind: BTreeMap<TypeId, Address>,
    /// The tables that operators read.
    read_by_operators: BTreeSet<Address>,
    /// The queues that get messages from outside of the stack.
    sent_to_by_others: BTreeSet<Address>,
    /// The indexes of each table.
    pub(in crate::model) indexes: BTreeMap<Address, Vec<IndexKeys>>,
    /// The HTTP APIs.
    pub(in crate::model) apis: Vec<DescribedApi>,
    pub(in crate::model) log_key: Option<Term>,
    pub(in crate::model) schedule_key: Option<Term>,
    pub(in crate::model) boundary: Option<Boundary>,
    pub(in crate::model) cell: Option<Cell>,
    pub(in crate::model) every: Every,
    /// The data at its resources.
    pub(in crate::model) held: Vec<Held>,
}

/// A role, with the rights that it has so far.
pub(in crate::model) struct Role {
    pub(in crate::model) id: String,
    pub(in crate::model) statements: Vec<Statement>,
    pub(in crate::model) source: &'static Location<'static>,
}

/// An output of the root.
pub struct Output {
    pub(crate) description: &'static str,
    pub(crate) term: Term,
}

/// Facts about a kind of resource.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kind of resource",
    note = "the kinds are in `crates/infra-core/src/model`, one file for each"
)]
pub trait Kind: Sized + 'static {
    /// Terraform's type.
    const TF_TYPE: &'static str;
    /// The kind's word in names of variables and outputs: `table` in `orders_table_arn`.
    const LABEL: &'static str;
    /// The data of a handle in addition to the address.
    type Facts;
    /// Whether the kind has a payload, such as the items of a table. Then two resources of a stack have two payloads:
    /// otherwise the compiler would accept each in the place of the other.
    const HAS_A_PAYLOAD: bool = false;
}

/// A kind whose name in AWS is its argument `name`: the stack's prefix and the resource's name.
#[diagnostic::on_unimplemented(message = "AWS does not call a `{Self}` by the resource's name")]
pub trait Named: Kind {}

/// Proof that a `K` is in the stack.
pub struct Handle<K: Kind> {
    address: Address,
    facts: K::Facts,
}

impl<K: Kind> Handle<K> {
    pub(in crate::model) fn new(address: Address, facts: K::Facts) -> Self {
        Handle { address, facts }
    }

    /// The resource's address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    pub(in crate::model) fn facts(&self) -> &K::Facts {
        &self.facts
    }

    /// The resource's ARN.
    pub fn arn(&self) -> Ref<Arn<K>> {
        Ref::new(self.attribute("arn"))
    }

    pub(in crate::model) fn attribute(&self, name: &'static str) -> Term {
        attribute(&self.address, K::LABEL, name)
    }
}

/// The expression for an attribute, with the name of the variable that carries it into another module.
pub(in crate::model) fn attribute(of: &Address, kind: &str, name: &'static str) -> Term {
    Term::Attribute(Attribute::new(of, kind, name))
}

impl Stack {
    /// An empty stack.
    pub fn new(scope: Scope) -> Self {
        Stack {
            quotas: Quotas::of(scope.region),
            taken: Taken::default(),
            scope,
            nodes: Nodes::default(),
            links: Vec::new(),
            roles: BTreeMap::new(),
            outputs: BTreeMap::new(),
            refactoring: Refactoring::default(),
            stems: BTreeMap::new(),
            violations: Vec::new(),
            posture: Posture::Development,
            suppressions: Vec::new(),
            first_of_its_kind: BTreeMap::new(),
            read_by_operators: BTreeSet::new(),
            sent_to_by_others: BTreeSet::new(),
            indexes: BTreeMap::new(),
            apis: Vec::new(),
            log_key: None,
            schedule_key: None,
            boundary: None,
            cell: None,
            every: Every::default(),
            held: Vec::new(),
        }
    }

    /// Sets the posture: how strictly the policy pack judges the stack.
    pub fn set_posture(&mut self, posture: Posture) {
        self.posture = posture;
    }

    /// The posture: how strictly the policy pack judges the stack.
    pub fn posture(&self) -> Posture {
        self.posture
    }

    /// Sets the quotas of the account, and how much of them its other stacks take. Default: the default quotas of AWS,
    /// and no other stack in the account.
    pub fn set_quotas(&mut self, quotas: Quotas, taken: Taken) {
        (self.quotas, self.taken) = (quotas, taken);
    }

    /// The quotas of the account.
    pub fn quotas(&self) -> Quotas {
        self.quotas
    }

    /// How much other stacks in the account take of its quotas.
    pub fn taken(&self) -> Taken {
        self.taken
    }

    /// The indexes of each table.
    pub(crate) fn indexes(&self) -> impl Iterator<Item = (&Address, &IndexKeys)> {
        self.indexes.iter().flat_map(|(table, all)| all.iter().map(move |it| (table, it)))
    }

    /// The HTTP APIs.
    pub(crate) fn apis(&self) -> &[DescribedApi] {
        &self.apis
    }

    /// Suppresses a policy for these resources, with a reason. It is a violation if one of them does not break the
    /// policy.
    pub fn suppress(&mut self, rule: Rule, on: &[&Address], reason: &'static str) {
        let on = on.iter().map(|it| (*it).clone()).collect();
        self.suppressions.push(Suppression { rule, on, reason });
    }

    /// The suppressed policies.
    pub fn suppressions(&self) -> &[Suppression] {
        &self.suppressions
    }

    /// Declares that operators read a table, with a command or in the console. A table that nothing else reads is a
    /// violation otherwise.
    pub fn operators_read<I: 'static>(&mut self, table: &Handle<Table<I>>) {
        self.read_by_operators.insert(table.address().clone());
    }

    /// Declares that senders outside of this stack send messages to a queue. A queue that nothing in the stack sends to is
    /// a violation otherwise. The senders need `sqs:SendMessage` in their own policies.
    pub fn others_send<M: 'static>(&mut self, queue: &Handle<Queue<M>>) {
        self.sent_to_by_others.insert(queue.address().clone());
    }

    /// Whether senders outside of this stack send to the queue at an address.
    pub(crate) fn is_sent_to_by_others(&self, queue: &str) -> bool {
        self.sent_to_by_others.iter().any(|it| it.as_str() == queue)
    }

    /// Whether operators read the table at an address.
    pub(crate) fn is_read_by_operators(&self, table: &str) -> bool {
        self.read_by_operators.iter().any(|it| it.as_str() == table)
    }

    pub(in crate::model) fn log_key(&self) -> Option<&Term> {
        self.log_key.as_ref()
    }

    pub(in crate::model) fn schedule_key(&self) -> Option<&Term> {
        self.schedule_key.as_ref()
    }

    /// Opens a module to add resources to it. A module can be opened again.
    pub fn module(&mut self, name: ModuleName) -> Module<'_> {
        let name = self.cell.as_mut().map_or(name, |it| it.module(name));
        Module { stack: self, name }
    }

    /// The account, region, prefix and tags that all blocks have in common.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The name of a resource in AWS, such as `dofs-dev-order-queue`. A renamed resource keeps its name in AWS: see
    /// [`Id::was`].
    pub fn name_in_aws<K: Named>(&self, of: &Handle<K>) -> NameOf<K> {
        NameOf::new(self.aws_name(of.address().module(), of.address().name()))
    }

    /// The prefix, and the Terraform name with dashes. A renamed resource has its oldest name.
    fn aws_name(&self, module: ModuleName, name: &str) -> String {
        let stem = self.stems.get(&module).and_then(|it| it.get(name)).map_or(name, |it| it);
        let prefix = self.scope.prefix.as_str();
        let mut name = String::with_capacity(prefix.len() + 1 + stem.len());
        name.push_str(prefix);
        name.push('-');
        name.extend(stem.chars().map(|it| if it == '_' { '-' } else { it }));
        name
    }

    /// Every block, in the order in which they were added.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    /// The blocks of each module, in their order, by the module's name.
    pub(crate) fn by_module(&self) -> Vec<(ModuleName, Vec<&Node>)> {
        let mut at: HashMap<ModuleName, usize> = HashMap::default();
        let mut modules: Vec<(ModuleName, Vec<&Node>)> = Vec::new();
        let mut module = 0;
        for node in self.nodes() {
            let name = node.address.module();
            // Most blocks follow a block of the same module, so the last lookup is kept.
            if modules.get(module).is_none_or(|(it, _)| *it != name) {
                let next = modules.len();
                module = *at.entry(name).or_insert(next);
                if module == next {
                    modules.push((name, Vec::new()));
                }
            }
            modules[module].1.push(node);
        }
        modules.sort_unstable_by_key(|(name, _)| *name);
        modules
    }

    /// Pairs of modules of which the first refers to the second.
    pub(crate) fn links(&self) -> &[(ModuleName, ModuleName)] {
        &self.links
    }

    /// The block at an address.
    pub(crate) fn node(&self, address: &Address) -> Option<&Node> {
        self.nodes.get(address)
    }

    pub(crate) fn outputs(&self) -> impl Iterator<Item = (&'static str, &Output)> {
        self.outputs.iter().map(|(name, it)| (*name, it))
    }

    /// The violations that were found while blocks were added.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Adds an output to the root.
    pub fn output<V>(&mut self, name: &'static str, description: &'static str, value: &Ref<V>) {
        let output = Output { description, term: value.term().clone() };
        let name = self.cell.as_ref().map_or(name, |it| it.named(name));
        output.term.each_attribute(&mut |it| {
            if self.nodes.get(it.of()).is_none() {
                self.violations.push(foreign(&format!("output.{name}"), it.of()));
            }
        });
        if self.outputs.insert(name, output).is_some() {
            self.violations.push(Violation::new(
                "stack/duplicate",
                format!("output.{name}"),
                "two outputs have this name",
                "give one of the two outputs another name",
            ));
        }
    }

    /// Adds all blocks of a cell. The cell has modules of its own, and there are no references between it and the
    /// stack.
    pub(in crate::model) fn absorb(&mut self, other: Stack) {
        let modules = other.cell.iter().flat_map(Cell::modules);
        self.nodes.absorb(other.nodes, modules);
        self.links.extend(other.links);
        self.roles.extend(other.roles);
        self.outputs.extend(other.outputs);
        self.refactoring.absorb(other.refactoring);
        self.stems.extend(other.stems);
        self.violations.extend(other.violations);
        self.posture = self.posture.max(other.posture);
        (self.quotas, self.taken) = (other.quotas, other.taken);
        self.suppressions.extend(other.suppressions);
        self.read_by_operators.extend(other.read_by_operators);
        self.sent_to_by_others.extend(other.sent_to_by_others);
        self.indexes.extend(other.indexes);
        self.apis.extend(other.apis);
        self.every.absorb(other.every);
        self.held.extend(other.held);
    }

    /// The roles with their rights.
    pub(in crate::model) fn take_roles(&mut self) -> BTreeMap<Address, Role> {
        std::mem::take(&mut self.roles)
    }

    /// Refuses a second resource of the same kind with the same payload.
    fn tell_apart<K: Kind>(&mut self, address: &Address) {
        let first = self.first_of_its_kind.entry(TypeId::of::<K>()).or_insert(address.clone());
        if first == address {
            return;
        }
        let problem = format!(
            "it and {first} are both a {}, so the compiler accepts each of them in the place of the other",
            without_paths(type_name::<K>())
        );
        self.violations.push(Violation::new(
            "stack/same-payload",
            address.to_string(),
            problem,
            "give one of them a payload of its own: a struct with another name may have the same fields",
        ));
    }

    pub(in crate::model) fn violate(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    pub(in crate::model) fn open_role(
        &mut self,
        role: &Address,
        id: String,
        source: &'static Location<'static>,
    ) {
        self.roles.insert(role.clone(), Role { id, statements: Vec::new(), source });
    }

    pub(in crate::model) fn allow(
        &mut self,
        role: &Address,
        statements: impl IntoIterator<Item = Statement>,
    ) {
        match self.roles.get_mut(role) {
            Some(role) => role.statements.extend(statements),
            None => self.violations.push(foreign(role.as_str(), role)),
        }
    }

    pub(in crate::model) fn push(&mut self, node: Node) {
        if self.nodes.get(&node.address).is_some() {
            self.violations.push(Violation::new(
                "stack/duplicate",
                node.address.to_string(),
                "two blocks have this address",
                "give one of the two blocks another name",
            ));
            return;
        }
        let here = node.address.module();
        let mut link = |to: ModuleName| {
            if to != here && !self.links.contains(&(here, to)) {
                self.links.push((here, to));
            }
        };
        for it in node.mentions.attributes() {
            if self.nodes.get(it.of()).is_none() {
                self.violations.push(foreign(node.address.as_str(), it.of()));
            }
            link(it.of().module());
        }
        node.depends_on.iter().for_each(|it| link(it.module()));
        self.nodes.push(node);
    }
}

/// `Table<OrderRecord>` for `function_contract::kind::Table<contracts::order::OrderRecord>`.
fn without_paths(name: &str) -> String {
    let mut short = String::new();
    for part in name.split_inclusive(['<', '>', ',', ' ', '(', ')']) {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}

fn foreign(at: &str, of: &Address) -> Violation {
    Violation::new(
        "stack/foreign-handle",
        at,
        format!("it refers to {of}, which is in another stack"),
        "use a handle of this stack",
    )
}

/// A stack with the policies of its roles, to which nothing can be added.
pub struct Finished(pub(in crate::model) Stack);

impl std::ops::Deref for Finished {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.0
    }
}

/// A module of a stack, to which resources can be added.
pub struct Module<'s> {
    pub(in crate::model) stack: &'s mut Stack,
    name: ModuleName,
}

impl Module<'_> {
    /// The module's name.
    pub fn name(&self) -> ModuleName {
        self.name
    }

    pub(in crate::model) fn address(&self, tf_type: &'static str, name: &str) -> Address {
        Address::new(self.name, BlockKind::Resource, tf_type, name)
    }

    /// Records the former names of a resource, and its name in AWS. Call this first if several blocks are named after
    /// one id.
    #[track_caller]
    pub(in crate::model) fn enter(&mut self, id: Id) -> &'static str {
        self.stack.refactoring.rename(self.name, id, Location::caller());
        if id.stem() != id.name() {
            self.stack.stems.entry(self.name).or_default().insert(id.name(), id.stem());
        }
        id.name()
    }

    /// The name in AWS of a resource of this module: see [`Stack::name_in_aws`].
    pub(in crate::model) fn aws_name(&self, name: &str) -> String {
        self.stack.aws_name(self.name, name)
    }

    /// Adds a resource that the topology names.
    #[track_caller]
    pub(in crate::model) fn add<K: Kind>(
        &mut self,
        id: Id,
        facts: K::Facts,
        body: Body,
    ) -> Handle<K> {
        let name = self.enter(id);
        self.add_derived(name, id.doc(), facts, body, Meta::default())
    }

    /// Adds a resource that follows from another one, such as the policy of a queue.
    #[track_caller]
    pub(in crate::model) fn add_derived<K: Kind>(
        &mut self,
        name: &str,
        doc: impl Into<String>,
        facts: K::Facts,
        body: Body,
        meta: Meta,
    ) -> Handle<K> {
        let address = self.push(K::TF_TYPE, name, doc.into(), body, meta);
        if K::HAS_A_PAYLOAD {
            self.stack.tell_apart::<K>(&address);
        }
        Handle::new(address, facts)
    }

    /// Adds a resource without returning a handle.
    #[track_caller]
    pub(in crate::model) fn push(
        &mut self,
        tf_type: &'static str,
        name: &str,
        doc: impl Into<String>,
        body: Body,
        meta: Meta,
    ) -> Address {
        let address = self.address(tf_type, name);
        self.stack.push(Node::new(address.clone(), doc.into(), body, meta, Location::caller()));
        address
    }
}
