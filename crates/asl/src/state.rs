//! The states of a document. See "State types" in <https://states-language.net/spec.html>.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use integrations::{Arguments, Integration};
use serde_json::Value;

use crate::{
    failure::matches,
    fields::Fields,
    problem::Report,
    retry::{self, MOST_SECONDS, Retrier},
    scope::Root,
    template::Template,
    typed::{Seconds, Typed},
};

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) name: Arc<str>,
    pub(crate) kind: Kind,
    /// The number of the state's first way in [`crate::Machine::ways`].
    pub(crate) first_way: usize,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Task(TaskState),
    Pass { output: Option<Template>, after: After },
    Choice { rules: Vec<Rule>, default: Option<usize>, output: Option<Template> },
    Wait { seconds: Typed<Seconds>, output: Option<Template>, after: After },
    Succeed { output: Option<Template> },
    Fail { error: Typed<String>, cause: Option<Typed<String>> },
}

#[derive(Debug)]
pub(crate) struct TaskState {
    pub(crate) resource: Arc<str>,
    /// The service integration that the task calls, if there is one.
    pub(crate) integration: Option<Integration>,
    pub(crate) arguments: Template,
    pub(crate) output: Option<Template>,
    pub(crate) timeout: Duration,
    pub(crate) retry: Vec<Retrier>,
    catch: Vec<Catcher>,
    pub(crate) after: After,
}

/// One entry of `Catch`.
#[derive(Debug)]
pub(crate) struct Catcher {
    errors: Vec<String>,
    pub(crate) next: usize,
    pub(crate) output: Option<Template>,
}

/// One entry of `Choices`.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) condition: Typed<bool>,
    pub(crate) next: usize,
    pub(crate) output: Option<Template>,
}

/// The transition after a state.
#[derive(Debug, Clone, Copy)]
pub(crate) enum After {
    Next(usize),
    End,
}

impl TaskState {
    /// Returns the first catcher that matches, and its index.
    pub(crate) fn catcher(&self, error: &str) -> Option<(usize, &Catcher)> {
        self.catch.iter().enumerate().find(|(_, it)| matches(&it.errors, error))
    }

    /// Returns the errors and the next state of each catcher.
    pub(crate) fn catchers(&self) -> impl Iterator<Item = (&[String], usize)> {
        self.catch.iter().map(|it| (it.errors.as_slice(), it.next))
    }
}

/// The beginning of the `Resource` of a service integration.
const INTEGRATION: &str = "arn:aws:states:::";

/// The fields of `$states` that `Output` can read in most states.
const PLAIN: [Root; 2] = [Root::Input, Root::Context];
const AFTER_TASK: [Root; 3] = [Root::Input, Root::Result, Root::Context];
const IN_CATCH: [Root; 3] = [Root::Input, Root::ErrorOutput, Root::Context];

/// Parses a state, and reports all its problems. Returns the state only if all required fields are valid.
pub(crate) fn parse(
    name: &str,
    value: Value,
    names: &BTreeMap<String, usize>,
    report: &mut Report,
) -> Option<State> {
    let mut fields = Fields::of(String::new(), value, report);
    let kind = fields.need_text("Type", report)?;
    if let Some(language) = fields.text("QueryLanguage", report)
        && language != "JSONata"
    {
        report.add(format!("`QueryLanguage` is {language:?}, not \"JSONata\""));
    }
    let mut reader = Reader { fields, names, report };
    let kind = match kind.as_str() {
        "Task" => reader.task(),
        "Pass" => reader.pass(),
        "Choice" => reader.choice(),
        "Wait" => reader.wait(),
        "Succeed" => Some(Kind::Succeed { output: reader.output(&PLAIN) }),
        "Fail" => reader.fail(),
        other => {
            // Without a known type, the other fields have no meaning.
            report.add(format!("the type `{other}` is not supported"));
            return None;
        }
    };
    let Reader { fields, report, .. } = reader;
    fields.finish(report);
    Some(State { name: name.into(), kind: kind?, first_way: 0 })
}

/// Parses the fields of one object: a state, a catcher or a rule. It parses all fields before it fails, so that it
/// reports all problems.
struct Reader<'a> {
    fields: Fields,
    names: &'a BTreeMap<String, usize>,
    report: &'a mut Report,
}

impl Reader<'_> {
    fn task(&mut self) -> Option<Kind> {
        let resource = self.fields.need_text("Resource", self.report);
        if let Some(resource) = &resource
            && resource.ends_with(".waitForTaskToken")
        {
            self.report.add("`Resource` waits for a task token, which is not supported");
        }
        let integration = resource.as_deref().and_then(Integration::of);
        if integration.is_none()
            && let Some(resource) = resource.as_ref().filter(|it| it.starts_with(INTEGRATION))
        {
            self.report
                .add(format!("`Resource` is {resource:?}, which is not a known integration"));
        }
        let arguments = self.fields.need("Arguments", self.report);
        if let (Some(integration), Some(arguments)) = (integration, &arguments) {
            for problem in integration.problems(arguments, Arguments::Written) {
                self.report.add(format!("`Arguments`: {problem}"));
            }
        }
        let arguments = arguments.map(|it| Template::parse(it, "Arguments", &PLAIN, self.report));
        let output = self.output(&AFTER_TASK);
        let timeout = self.fields.whole("TimeoutSeconds", 1..=MOST_SECONDS, self.report);
        let retry = retry::parse(&mut self.fields, self.report);
        let catch = self.catch();
        let after = self.after();
        Some(Kind::Task(TaskState {
            resource: resource?.into(),
            integration,
            arguments: arguments?,
            output,
            // AWS's default.
            timeout: Duration::from_secs(timeout.unwrap_or(MOST_SECONDS).into()),
            retry,
            catch: catch?,
            after: after?,
        }))
    }

    fn pass(&mut self) -> Option<Kind> {
        let (output, after) = (self.output(&PLAIN), self.after());
        Some(Kind::Pass { output, after: after? })
    }

    fn choice(&mut self) -> Option<Kind> {
        let items = self.fields.list("Choices", self.report);
        if items.is_empty() {
            self.report.add("`Choices` is empty");
        }
        let rules = self.each("Choices", items, |it| {
            let place = it.fields.place("Condition");
            let condition = it.fields.need("Condition", it.report);
            let condition = condition.and_then(|value| Typed::parse(value, &place, it.report));
            let (next, output) = (it.next(), it.output(&PLAIN));
            Some(Rule { condition: condition?, next: next?, output })
        });
        let default = self.fields.text("Default", self.report);
        let default = default.and_then(|name| self.target("Default", &name));
        let output = self.output(&PLAIN);
        Some(Kind::Choice { rules: rules?, default, output })
    }

    fn wait(&mut self) -> Option<Kind> {
        let seconds = self.fields.need("Seconds", self.report);
        let seconds = seconds.and_then(|it| Typed::parse(it, "Seconds", self.report));
        let (output, after) = (self.output(&PLAIN), self.after());
        Some(Kind::Wait { seconds: seconds?, output, after: after? })
    }

    fn fail(&mut self) -> Option<Kind> {
        let error = self.fields.need("Error", self.report);
        let error = error.and_then(|it| Typed::parse(it, "Error", self.report));
        let cause = self.fields.take("Cause");
        let cause = cause.and_then(|it| Typed::parse(it, "Cause", self.report));
        Some(Kind::Fail { error: error?, cause })
    }

    fn catch(&mut self) -> Option<Vec<Catcher>> {
        let items = self.fields.list("Catch", self.report);
        let catchers = self.each("Catch", items, |it| {
            let errors = retry::errors(&mut it.fields, it.report);
            let (next, output) = (it.next(), it.output(&IN_CATCH));
            Some(Catcher { errors, next: next?, output })
        })?;
        let errors = catchers.iter().map(|it| it.errors.as_slice());
        retry::wildcard_last("Catch", errors, self.report);
        Some(catchers)
    }

    /// Parses each item of a list completely.
    fn each<T>(
        &mut self,
        name: &str,
        items: Vec<Value>,
        read: impl Fn(&mut Reader<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = items.into_iter().enumerate().map(|(at, item)| {
            let fields = Fields::of(format!("{name}[{at}]/"), item, self.report);
            let mut reader = Reader { fields, names: self.names, report: self.report };
            let item = read(&mut reader);
            let Reader { fields, report, .. } = reader;
            fields.finish(report);
            item
        });
        // Parse all items before failing, so that one broken item does not hide the problems of the next.
        items.collect::<Vec<Option<T>>>().into_iter().collect()
    }

    fn output(&mut self, there: &[Root]) -> Option<Template> {
        let value = self.fields.take("Output")?;
        Some(Template::parse(value, &self.fields.place("Output"), there, self.report))
    }

    fn next(&mut self) -> Option<usize> {
        let name = self.fields.need_text("Next", self.report)?;
        self.target("Next", &name)
    }

    fn after(&mut self) -> Option<After> {
        let next = self.fields.text("Next", self.report);
        let end = self.fields.take("End");
        match (next, end) {
            (Some(next), None) => self.target("Next", &next).map(After::Next),
            (None, Some(Value::Bool(true))) => Some(After::End),
            _ => {
                self.report.add("the state needs either `Next` or `\"End\": true`");
                None
            }
        }
    }

    fn target(&mut self, field: &str, name: &str) -> Option<usize> {
        let target = self.names.get(name).copied();
        if target.is_none() {
            let place = self.fields.place(field);
            self.report
                .add(format!("`{place}` names `{name}`, but there is no state with this name"));
        }
        target
    }
}
