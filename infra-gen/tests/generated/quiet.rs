//! Checks that diffs of the generated files are small: a change of one number changes one line, and comments,
//! formatting, and the names of variables and files change nothing.
//!
//! Names in the generated files come from the texts in `resource!`, from types and from fields.

use std::collections::BTreeMap;

use contracts::{functions::Validator, order::OrderRecord};
use function_contract::{kind::Function, setting::LogLevel};
use infra_core::{
    model::{
        Handle, Stack, Wire,
        limits::{MaxReceiveCount, MemoryMb, Schedule},
    },
    render, resource,
};
use infra_gen::{
    config::{Config, Environment},
    roots, topology,
};

use crate::{
    kit::{self, A, B, SHORT},
    moved::topology as moved,
    root::Root,
};

#[test]
fn code_in_another_file_and_crate_generates_the_same() {
    for environment in Environment::ALL {
        let here = render::root(&topology::dofs(environment), None);
        let there = render::root(&moved::dofs(environment), None);
        assert!(here == there, "{environment}");
    }
    let files = |stack: &Stack| render::root(stack, None);
    let here: Vec<_> = topology::bootstraps().iter().map(|it| files(&it.stack)).collect();
    let there: Vec<_> = moved::bootstraps().iter().map(|it| files(&it.stack)).collect();
    assert!(here == there, "bootstrap");
    assert!(files(&topology::cicd()) == files(&moved::cicd()), "cicd");
}

/// A small system, in its first words.
fn first() -> Stack {
    let mut stack = kit::stack("quiet");
    let mut module = stack.module(A);
    let table: Handle<function_contract::kind::Table<OrderRecord>> = module.table(
        resource!(
            /// Orders.
            "orders"
        ),
        kit::table_spec(),
    );
    let queue = kit::queue(&mut module, kit::DAY, kit::TWO_DAYS);
    let mut module = stack.module(B);
    let function = kit::validator(&mut module, "n", SHORT);
    stack.output("orders", "The table.", &table.arn());
    stack.output("queue", "The queue.", &queue.arn());
    stack.output("validator", "The function.", &function.arn());
    stack
}

/* The same system: other names of variables, another order, other helpers, a comment of each kind,
and a format that is nobody's. */
#[rustfmt::skip]
fn second() -> Stack {
    let mut everything = kit::stack("quiet"); let judge = judge(&mut everything); // Judges first.

    let mut place = everything.module(A);
          let messages = kit::queue(&mut place,
              kit::DAY, kit::TWO_DAYS);
    let truth = place.table::<OrderRecord>(resource!(/** Orders. */ "orders"), kit::table_spec());
    everything.output("validator", "The function.", &judge.arn()); /* last, then first */
    everything.output("queue",     "The queue.",    &messages.arn());
    everything.output("orders",    "The table.",    &truth.arn());
    everything
}

fn judge(stack: &mut Stack) -> Handle<Function<Validator>> {
    use contracts::functions::ValidatorEnv;
    let env = ValidatorEnv {
        metrics_namespace: Wire::setting("n".parse().unwrap()),
        log_level: Wire::setting(LogLevel::Info),
    };
    let judge = resource!(
        /// Judges.
        "validator"
    );
    stack.module(B).function(judge, kit::spec(env, SHORT))
}

#[test]
fn names_of_variables_comments_formats_and_the_order_generate_the_same() {
    let (first, second) =
        (render::root(&first().finish(), None), render::root(&second().finish(), None));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (path, text) in &first {
        assert_eq!(text, &second[path], "{path}");
    }
}

#[test]
fn no_place_in_the_source_is_generated() {
    let environments = Environment::ALL.into_iter().map(|it| roots::environment(it).files);
    for (path, text) in environments.chain([roots::bootstrap().files]).flatten() {
        // Files for people name the program that wrote them, and no place in the source.
        let for_people = path.ends_with("TOPOLOGY.md") || path.ends_with("addresses.txt");
        for mark in [".rs", "infra_gen", "infra-gen", "src/", "topology::"] {
            let said = for_people && matches!(mark, "infra-gen" | "src/");
            assert!(said || !text.contains(mark), "{path}: {mark}");
        }
    }
}

/// The lines that differ, by root.
fn changed(of: impl Fn(&'static Config) -> Config) -> BTreeMap<&'static str, usize> {
    let count = |environment: Environment| {
        let config: &'static Config = Box::leak(Box::new(of(environment.config())));
        let before = render::root(&topology::dofs(environment), None);
        let after = render::root(&topology::configured(config), None);
        assert!(before.keys().eq(after.keys()));
        let lines = before.iter().map(|(path, text)| {
            let pairs = text.lines().zip(after[path].lines());
            assert_eq!(text.lines().count(), after[path].lines().count(), "{path}");
            pairs.filter(|(one, other)| one != other).count()
        });
        (environment.as_str(), lines.sum())
    };
    Environment::ALL.into_iter().map(count).collect()
}

#[test]
fn one_number_is_one_line_for_each_environment() {
    /// `lines` counts what has the number.
    fn check(of: impl Fn(&'static Config) -> Config, lines: impl Fn(&Root, &Config) -> usize) {
        let expected = Environment::ALL.map(|it| (it.as_str(), lines(&Root::of(it), it.config())));
        assert_eq!(changed(of), BTreeMap::from(expected));
    }
    check(|it| Config { ..*it }, |_, _| 0);
    // Each queue with dead letters has it.
    check(
        |it| Config { max_receive_count: MaxReceiveCount::new(6), ..*it },
        |root, _| root.resources("aws_sqs_queue_redrive_policy").len(),
    );
    // The period of the alarm on missing calls follows from it.
    check(|it| Config { reconcile: Schedule::every_minutes(2), ..*it }, |_, _| 2);
    // Every function has it that has no size of its own.
    check(
        |it| Config { memory: MemoryMb::new(1024), ..*it },
        |root, config| {
            let functions = root.resources("aws_lambda_function").into_values();
            let sized = functions.filter(|it| it["memory_size"] == config.memory.get()).count();
            assert!(sized >= 4);
            sized
        },
    );
}
