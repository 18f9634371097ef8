//! Lambda functions, each with its own role, log group and alias `live`.

use function_contract::{
    Contract,
    env::{EnvContract, EnvValue, Sink},
    kind::Function,
};

use super::{
    data::DataKind,
    expr::{Address, Body, RootVariable, Term},
    iam::{Action, Statement, Unscoped, Wire, Wired},
    limits::{FunctionTimeout, LogRetention, MemoryMb, ReservedConcurrency},
    logs::LogGroup,
    name::Id,
    role::{self, Service},
    stack::{Handle, Kind, Meta, Module, attribute},
};

impl<C: 'static> Kind for Function<C> {
    const TF_TYPE: &'static str = "aws_lambda_function";
    const LABEL: &'static str = "function";
    type Facts = FunctionFacts;
    const HAS_A_PAYLOAD: bool = true;
}

/// The facts that a handle of a function has.
#[derive(Clone)]
pub struct FunctionFacts {
    pub(in crate::model) timeout: FunctionTimeout,
    pub(in crate::model) reserved: Option<ReservedConcurrency>,
    pub(in crate::model) role: Address,
    alias: Address,
}

impl<C: 'static> Handle<Function<C>> {
    /// The time after which Lambda ends an invocation.
    pub fn timeout(&self) -> FunctionTimeout {
        self.facts().timeout
    }

    /// An attribute of the alias `live`, through which all callers invoke the function.
    pub(in crate::model) fn alias(&self, name: &'static str) -> Term {
        attribute(&self.facts().alias, "alias", name)
    }
}

/// The instruction set architecture of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Graviton.
    Arm64,
    /// Intel and AMD.
    X86_64,
}

impl Architecture {
    /// The name in Lambda's API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Architecture::Arm64 => "arm64",
            Architecture::X86_64 => "x86_64",
        }
    }
}

/// The log level of Lambda, which passes every line of a function's log to CloudWatch. The function itself filters by
/// the variable `LOG_LEVEL`.
///
/// Lambda treats a line without a level as INFO. A metric in the embedded metric format is such a line, so a level
/// above INFO would drop every metric.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>
const EVERY_LINE: &str = "TRACE";

/// The configuration of a function that does not follow from its contract.
pub struct FunctionSpec<C: Contract> {
    /// The environment variables of `C`, with their types.
    pub env: <C::Env as EnvContract>::In<Wired>,
    /// The memory size.
    pub memory: MemoryMb,
    /// The timeout of an invocation.
    pub timeout: FunctionTimeout,
    /// The architecture.
    pub architecture: Architecture,
    /// The reserved concurrency, which is taken from the account's quota. `None` uses the account's unreserved
    /// concurrency.
    pub reserved_concurrency: Option<ReservedConcurrency>,
    /// How long its log is kept.
    pub log_retention: LogRetention,
    /// The folder with the zips: `<folder>/<architecture>/<binary>.zip`.
    pub packages: RootVariable,
}

impl Module<'_> {
    /// Adds a function with the contract `C`, and its role, log group and alias.
    #[must_use = "a function needs a caller, which takes its handle"]
    #[track_caller]
    pub fn function<C: Contract>(&mut self, id: Id, spec: FunctionSpec<C>) -> Handle<Function<C>> {
        let mut env = Variables::default();
        <C::Env as EnvContract>::visit::<Wired>(spec.env, &mut env);

        let name = self.enter(id);
        let aws_name = self.aws_name(name);
        let role = self.role(name, Service::Lambda, &format!("the function {name}"));
        let group = self.log_group(
            name,
            format!("/aws/lambda/{aws_name}"),
            spec.log_retention,
            format!("The log of {name}. Without it Lambda would make one that is kept for ever."),
        );
        self.stack.allow(role.address(), env.statements);
        self.stack.allow(role.address(), [log_rights(&group), Statement::unscoped(Unscoped::XRay)]);

        let architecture = spec.architecture.as_str();
        let zip = Term::concat([
            Term::Variable(Box::new(spec.packages)),
            Term::Text(format!("/{architecture}/{}.zip", C::BIN)),
        ]);
        let body = Body::map([
            ("function_name", aws_name.into()),
            ("description", super::name::sentence(C::DOC).into()),
            ("role", role.attribute("arn").into()),
            ("package_type", "Zip".into()),
            ("runtime", "provided.al2023".into()),
            ("handler", "bootstrap".into()),
            ("architectures", Body::list([architecture])),
            ("filename", zip.clone().into()),
            ("source_code_hash", Term::Call("filebase64sha256", vec![zip]).into()),
            ("publish", true.into()),
            ("memory_size", spec.memory.into()),
            ("timeout", spec.timeout.into()),
            ("environment", Body::List(vec![Body::map([("variables", Body::map(env.variables))])])),
            ("tracing_config", Body::List(vec![Body::map([("mode", "Active".into())])])),
            (
                "logging_config",
                Body::List(vec![Body::map([
                    ("log_format", "JSON".into()),
                    ("application_log_level", EVERY_LINE.into()),
                    ("log_group", group.attribute("name").into()),
                ])]),
            ),
        ])
        .with("reserved_concurrent_executions", spec.reserved_concurrency);
        let facts = FunctionFacts {
            timeout: spec.timeout,
            reserved: spec.reserved_concurrency,
            role: role.address().clone(),
            alias: self.address("aws_lambda_alias", name),
        };
        let function: Handle<Function<C>> = self.add(id, facts.clone(), body);
        self.stack.every.functions.push((function.address().clone(), facts));
        // How long a caller may still call with data of an older version follows from the caller.
        self.stack.hold::<C::Input>(function.address(), DataKind::Input, Some(0));
        self.stack.hold::<C::Output>(function.address(), DataKind::Output, Some(0));

        let alias = Body::map([
            ("name", "live".into()),
            ("function_name", function.attribute("function_name").into()),
            ("function_version", function.attribute("version").into()),
        ]);
        let doc = format!("The version of {name} that takes calls.");
        self.push("aws_lambda_alias", name, doc, alias, Meta::default());
        function
    }

    /// Grants a function a right that does not follow from an environment variable.
    pub(in crate::model) fn let_function<C: Contract, K: Kind, A: Action<K>>(
        &mut self,
        function: &Handle<Function<C>>,
        on: &Handle<K>,
    ) {
        self.stack.allow(&function.facts().role, A::statements(on));
    }
}

fn log_rights(group: &Handle<LogGroup>) -> Statement {
    let streams = Term::concat([group.attribute("arn"), ":*".into()]);
    Statement::new(&["logs:CreateLogStream", "logs:PutLogEvents"], [streams])
}

/// The policy of a function's role. A resource whose creation requires the rights depends on it.
pub(in crate::model) fn rights_of<C: Contract>(function: &Handle<Function<C>>) -> Address {
    role::role_policy_of(&Handle::new(function.facts().role.clone(), ()))
}

#[derive(Default)]
struct Variables {
    variables: Vec<(&'static str, Body)>,
    statements: Vec<Statement>,
}

impl Sink<Wired> for Variables {
    fn variable<V: EnvValue>(&mut self, name: &'static str, wire: Wire<V>) {
        self.variables.push((name, wire.value));
        self.statements.extend(wire.grant.into_statements());
    }
}

/// The permission for a service to invoke the function, limited to one source resource.
pub(in crate::model) struct Caller {
    pub(in crate::model) principal: &'static str,
    pub(in crate::model) source_arn: Term,
}

/// The alias of a function, which a service invokes, without the type of its contract.
pub(in crate::model) struct Callee {
    pub(in crate::model) function_name: Term,
    pub(in crate::model) alias_name: Term,
}

impl Callee {
    pub(in crate::model) fn of<C: Contract>(function: &Handle<Function<C>>) -> Self {
        Callee {
            function_name: function.attribute("function_name"),
            alias_name: function.alias("name"),
        }
    }
}

impl Module<'_> {
    #[track_caller]
    pub(in crate::model) fn permit(
        &mut self,
        name: &str,
        doc: String,
        callee: Callee,
        caller: Caller,
    ) {
        let body = Body::map([
            ("action", "lambda:InvokeFunction".into()),
            ("function_name", callee.function_name.into()),
            ("qualifier", callee.alias_name.into()),
            ("principal", caller.principal.into()),
            ("source_arn", caller.source_arn.into()),
        ]);
        self.push("aws_lambda_permission", name, doc, body, Meta::default());
    }
}
