//! Rights: actions on a resource. They come only from handles, never from text.

use std::marker::PhantomData;

use function_contract::{
    env::{Access, EnvValue, Mode},
    setting::Setting,
};

pub use super::statement::{Statement, Unscoped};
use super::{
    expr::Body,
    stack::{Handle, Kind},
};

/// `Self` is an action, or several, on a resource of kind `K`.
#[diagnostic::on_unimplemented(
    message = "there is no IAM action for `{Self}` on a `{K}`",
    label = "`{Self}` does not apply to a `{K}`",
    note = "what can be done to each kind is listed in `crates/infra-core/src/model/actions.rs`"
)]
pub trait Action<K: Kind> {
    /// The statements that allow it on this one resource, including the actions on its encryption key.
    #[doc(hidden)]
    fn statements(on: &Handle<K>) -> Vec<Statement>;
}

/// Implements [`Action`] for tuples, which allow all their actions.
macro_rules! tuples {
    ($($($action:ident)+;)*) => {$(
        impl<Target: Kind, $($action: Action<Target>),+> Action<Target> for ($($action,)+) {
            fn statements(on: &Handle<Target>) -> Vec<Statement> {
                let mut all = Vec::new();
                $(all.extend($action::statements(on));)+
                all
            }
        }
    )*};
}

tuples! {
    A B;
    A B C;
    A B C D;
}

/// A kind that clients address by one attribute.
pub trait Addressed: Kind {
    /// The attribute: a name, a URL or an ARN.
    const CLIENT_ATTRIBUTE: &'static str;
}

/// Rights on one resource, to be granted to a role.
#[must_use]
#[derive(Debug, Clone)]
pub struct Grant {
    statements: Vec<Statement>,
}

impl Grant {
    pub(in crate::model) fn none() -> Self {
        Grant { statements: Vec::new() }
    }

    pub(in crate::model) fn and(&mut self, other: Grant) {
        self.statements.extend(other.statements);
    }

    pub(in crate::model) fn into_statements(self) -> Vec<Statement> {
        self.statements
    }
}

impl<K: Kind> Handle<K> {
    /// The right to call `A` on this resource only.
    pub fn grant<A: Action<K>>(&self) -> Grant {
        Grant { statements: A::statements(self) }
    }

    /// The attribute that addresses the resource, together with the right.
    pub fn access<A: Action<K>>(&self) -> Wire<Access<K, A>>
    where
        K: Addressed,
    {
        let value = self.attribute(K::CLIENT_ATTRIBUTE).into();
        Wire { value, grant: self.grant::<A>(), _tag: PhantomData }
    }
}

/// The value that the generator sets where a function expects a `V`.
pub struct Wire<V> {
    pub(in crate::model) value: Body,
    pub(in crate::model) grant: Grant,
    _tag: PhantomData<fn() -> V>,
}

impl<T: ToString> Wire<Setting<T>> {
    /// A plain value.
    pub fn setting(value: T) -> Self {
        Wire::text(value.to_string())
    }
}

impl<T> Wire<Setting<T>> {
    pub(in crate::model) fn text(value: String) -> Self {
        Wire { value: value.into(), grant: Grant::none(), _tag: PhantomData }
    }
}

/// The generator's mode of a contract: its fields have the values that become environment variables.
pub enum Wired {}

impl Mode for Wired {
    type Of<V: EnvValue> = Wire<V>;
}
