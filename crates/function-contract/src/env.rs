//! Environment variables as a struct with two modes: a function reads values of it, and the generator writes Terraform
//! expressions into it.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use crate::kind::{Called, Service};

/// Determines the type of a field whose environment variable has the meaning `V`.
pub trait Mode {
    /// The type of the field.
    type Of<V: EnvValue>;
}

/// The mode of a running function: each field has the parsed value.
#[derive(Debug)]
pub enum Live {}

impl Mode for Live {
    type Of<V: EnvValue> = V;
}

/// A type that can be parsed from an environment variable.
pub trait EnvValue: Sized {
    /// The AWS service that the function calls with this value, if any.
    const SERVICE: Option<Service> = None;

    /// Parses the variable's text.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the text.
    fn parse(text: &str) -> Result<Self, String>;
}

/// The address of a resource of the kind `K`, and the permission for `A`: one action, or a tuple of actions.
///
/// The generator grants exactly the actions in `A`, and the typed client of the resource has exactly the methods for
/// them.
pub struct Access<K, A> {
    address: String,
    _tag: PhantomData<fn() -> (K, A)>,
}

impl<K, A> Access<K, A> {
    /// The name, URL or ARN with which a client calls the resource.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl<K, A> fmt::Debug for Access<K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Access").field(&self.address).finish()
    }
}

impl<K: Called, A> EnvValue for Access<K, A> {
    const SERVICE: Option<Service> = Some(K::SERVICE);

    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("it is empty; it must hold a name, URL or ARN".to_owned());
        }
        Ok(Access { address: text.to_owned(), _tag: PhantomData })
    }
}

/// The environment variables of a function, in any mode. `env_contract!` implements it.
pub trait EnvContract {
    /// The struct in the mode `M`.
    type In<M: Mode>;
    /// The variables' names, in the order of the struct.
    const NAMES: &'static [&'static str];
    /// The service behind each variable, in the same order.
    const SERVICES: &'static [Option<Service>];

    /// Passes every variable to `sink`, in the order of the struct.
    fn visit<M: Mode>(env: Self::In<M>, sink: &mut impl Sink<M>);

    /// Reads every variable through `read`.
    ///
    /// # Errors
    ///
    /// Returns all variables that are missing or invalid, not only the first.
    fn parse(read: impl Fn(&str) -> Option<String>) -> Result<Self::In<Live>, EnvErrors>;

    /// Reads every variable from the process environment.
    ///
    /// # Errors
    ///
    /// Returns all variables that are missing or invalid, not only the first.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    fn from_process() -> Result<Self::In<Live>, EnvErrors> {
        Self::parse(|name| std::env::var(name).ok())
    }
}

/// Receives the variables of an environment one by one.
pub trait Sink<M: Mode> {
    /// Receives the variable `name`.
    fn variable<V: EnvValue>(&mut self, name: &'static str, value: M::Of<V>);
}

/// Every variable that is missing or invalid, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
pub struct EnvErrors(BTreeMap<&'static str, String>);

impl EnvErrors {
    /// Names and problems, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, problem)| (*name, problem.as_str()))
    }

    #[doc(hidden)]
    pub fn __read<V: EnvValue>(&mut self, name: &'static str, text: Option<String>) -> Option<V> {
        let parsed = text.ok_or_else(|| "it is not set".to_owned()).and_then(|it| V::parse(&it));
        parsed.map_err(|problem| self.0.insert(name, problem)).ok()
    }
}

impl fmt::Display for EnvErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the function's environment variables are missing or invalid:")?;
        self.0.iter().try_for_each(|(name, problem)| write!(f, " {name}: {problem};"))
    }
}

/// Names that Lambda reserves. Lambda refuses to create a function that sets one of them.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
pub const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// Checks a variable's name against Lambda's rules at compile time.
///
/// # Panics
///
/// If Lambda would refuse the name. In a `const`, the panic is a compile error.
#[track_caller]
pub const fn checked_name(name: &'static str) -> &'static str {
    let bytes = name.as_bytes();
    let mut r = 0;
    while r < RESERVED.len() {
        assert!(
            !same(bytes, RESERVED[r].as_bytes()),
            "Lambda reserves this environment variable's name (AWS_REGION and its kin); pick another"
        );
        r += 1;
    }
    assert!(bytes.len() >= 2, "a Lambda environment variable's name has at least two characters");
    assert!(
        bytes[0].is_ascii_alphabetic(),
        "a Lambda environment variable's name starts with a letter"
    );
    let mut i = 0;
    while i < bytes.len() {
        assert!(
            bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_',
            "a Lambda environment variable's name has only letters, digits and _"
        );
        i += 1;
    }
    name
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Defines a function's environment: `VARIABLE => field: meaning`.
#[macro_export]
macro_rules! env_contract {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $($(#[doc = $field_doc:literal])* $var:ident => $field:ident: $value:ty),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        pub struct $name<M: $crate::env::Mode = $crate::env::Live> {
            $($(#[doc = $field_doc])* pub $field: M::Of<$value>),*
        }

        // The constants have the names of the variables, so the compiler names the one that Lambda would refuse.
        #[allow(dead_code)]
        const _: () = { $(const $var: &str = $crate::env::checked_name(stringify!($var));)* };

        impl $crate::env::EnvContract for $name<$crate::env::Live> {
            type In<M: $crate::env::Mode> = $name<M>;

            const NAMES: &'static [&'static str] = &[$(stringify!($var)),*];
            const SERVICES: &'static [Option<$crate::kind::Service>] =
                &[$(<$value as $crate::env::EnvValue>::SERVICE),*];

            fn visit<M: $crate::env::Mode>(env: $name<M>, sink: &mut impl $crate::env::Sink<M>) {
                $(sink.variable::<$value>(stringify!($var), env.$field);)*
            }

            fn parse(
                read: impl Fn(&str) -> Option<String>,
            ) -> Result<$name<$crate::env::Live>, $crate::env::EnvErrors> {
                let mut errors = $crate::env::EnvErrors::default();
                $(let $field = errors.__read::<$value>(stringify!($var), read(stringify!($var)));)*
                match ($($field,)*) {
                    ($(Some($field),)*) => Ok($name { $($field),* }),
                    _ => Err(errors),
                }
            }
        }
    };
}
