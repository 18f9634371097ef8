//! The findings of judges, and the accepted ones.

use serde::Deserialize;

/// A finding of a judge about the generated files.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Finding {
    pub(crate) judge: String,
    pub(crate) issue: String,
    pub(crate) what: String,
    /// The kind of the policy that it is in, or the argument, or the machine.
    pub(crate) kind: String,
    address: String,
}

impl Finding {
    /// Whether the finding is about a block of a root.
    pub(crate) fn is(&self, judge: &str, issue: &str, what: &str, address: &str) -> bool {
        self.judge == judge && self.issue == issue && self.what.contains(what) && self.at(address)
    }

    /// Whether its address is this one, or begins with it.
    pub(crate) fn at(&self, address: &str) -> bool {
        self.address.starts_with(address)
    }
}

/// A finding that AWS does not confirm. In `issue`, `what` and `kind`, a star matches any text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    judge: String,
    issue: String,
    what: String,
    kind: String,
    reason: String,
    page: String,
}

impl Accepted {
    fn is(&self, found: &Finding) -> bool {
        let Accepted { judge, issue, what, kind, reason: _, page: _ } = self;
        let texts = [(&found.issue, issue), (&found.what, what), (&found.kind, kind)];
        *judge == found.judge && texts.into_iter().all(|(text, pattern)| is_like(text, pattern))
    }
}

/// Whether a text matches a pattern, in which a star matches any text.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(mut text) = text.strip_prefix(begin) else { return false };
    let mut parts = rest.split('*');
    let end = parts.next_back().unwrap_or_default();
    for part in parts {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(end)
}

/// The accepted findings of these judges. If a judge differs from AWS's pages, the pages decide.
pub(crate) fn accepted(judges: &[&str]) -> Vec<Accepted> {
    every_accepted().into_iter().filter(|it| judges.contains(&it.judge.as_str())).collect()
}

fn every_accepted() -> Vec<Accepted> {
    serde_json::from_str(include_str!("accepted.json")).unwrap()
}

/// The findings that are not accepted, and the accepted ones that are not found.
pub(crate) fn differences<'a>(
    found: &'a [Finding],
    accepted: &'a [Accepted],
) -> (Vec<&'a Finding>, Vec<&'a Accepted>) {
    let open = found.iter().filter(|it| !accepted.iter().any(|known| known.is(it)));
    let idle = accepted.iter().filter(|known| !found.iter().any(|it| known.is(it)));
    (open.collect(), idle.collect())
}

#[test]
fn an_accepted_difference_has_a_reason_and_a_page_of_aws() {
    for it in every_accepted() {
        let judges = [crate::iam::JUDGES, crate::interpreter::JUDGES].concat();
        assert!(judges.contains(&it.judge.as_str()), "no test reads it: {it:?}");
        assert!(it.reason.len() > 30, "{it:?}");
        assert!(it.page.starts_with("https://docs.aws.amazon.com/"), "{it:?}");
    }
}

#[test]
fn a_star_matches_any_text() {
    fn check(text: &str, pattern: &str, expected: bool) {
        assert_eq!(is_like(text, pattern), expected, "{text} {pattern}");
    }
    check("a:B", "a:B", true);
    check("a:BC", "a:B", false);
    check("a:B on c/d", "a:* on *", true);
    check("a:B on c/d", "a:B on c/*/d", false);
    check("a:B on c/x/d", "a:B on c/*/d", true);
    check("b:B on c", "a:* on c", false);
    check("a:B on cd", "a:* on c", false);
    check("ab", "ab*b", false);
}

#[test]
fn an_accepted_difference_without_a_finding_is_reported() {
    let found = ["a:B", "a:C"].map(|what| Finding {
        judge: "parliament".to_owned(),
        issue: "UNKNOWN_ACTION".to_owned(),
        what: what.to_owned(),
        kind: "identity".to_owned(),
        address: "dev: aws_iam_role_policy.a.policy".to_owned(),
    });
    let accept = |what: &str, kind: &str| {
        let Finding { judge, issue, .. } = found[0].clone();
        let (reason, page) = (String::new(), String::new());
        Accepted { judge, issue, what: what.to_owned(), kind: kind.to_owned(), reason, page }
    };
    let accepted = [accept("a:B", "identity"), accept("a:B", "trust"), accept("a:D", "identity")];
    let (open, idle) = differences(&found, &accepted);
    assert_eq!(open.iter().map(|it| &it.what).collect::<Vec<_>>(), ["a:C"]);
    assert_eq!(idle.iter().map(|it| &it.kind).collect::<Vec<_>>(), ["trust", "identity"]);
}
