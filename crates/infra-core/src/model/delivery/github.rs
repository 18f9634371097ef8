//! Access of GitHub's workflows to an AWS account by OpenID Connect, without a stored key.
//!
//! <https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws>

use super::rights::Rights;
use crate::{
    model::{
        expr::{Body, Term},
        name::Id,
        place::AccountId,
        role::Trust,
        stack::{Handle, Kind, Module},
        statement::Condition,
    },
    violation::Violation,
};

/// GitHub as an identity provider. An account has at most one.
pub enum GitHub {}

impl Kind for GitHub {
    const TF_TYPE: &'static str = "aws_iam_openid_connect_provider";
    const LABEL: &'static str = "provider";
    type Facts = ();
}

/// A repository on GitHub: `owner/name`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repository(&'static str);

impl Repository {
    /// Use it in a `const` item, where an invalid name does not compile.
    ///
    /// # Panics
    ///
    /// If the text is not two names of letters, digits and `-_.` with one `/` between them.
    #[track_caller]
    pub const fn new(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        let (mut i, mut slashes) = (0, 0);
        while i < bytes.len() {
            if bytes[i] == b'/' {
                assert!(i > 0 && i + 1 < bytes.len(), "a repository is written owner/name");
                slashes += 1;
            } else {
                assert!(
                    bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'-' | b'_' | b'.'),
                    "a repository's name has only letters, digits and - _ ."
                );
            }
            i += 1;
        }
        assert!(slashes == 1, "a repository is written owner/name");
        Repository(name)
    }

    /// `owner/name`
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// A role that jobs on pull requests of a repository assume, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestRole {
    account: AccountId,
    name: String,
}

impl PullRequestRole {
    /// Its ARN, which is not a secret.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account.as_str(), self.name)
    }
}

const HOST: &str = "token.actions.githubusercontent.com";

impl Module<'_> {
    /// Adds GitHub as an identity provider of the account.
    #[track_caller]
    pub fn github(&mut self, id: Id) -> Handle<GitHub> {
        let body = Body::map([
            ("url", format!("https://{HOST}").into()),
            ("client_id_list", Body::list(["sts.amazonaws.com"])),
        ]);
        self.add(id, (), body)
    }

    /// Adds a role for jobs on pull requests of one repository. A pull request from a fork gets no token for it.
    ///
    /// Everybody who can push a branch decides what such a job runs, before anybody has reviewed it. So a root whose
    /// state has a secret is refused.
    /// <https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims>
    #[track_caller]
    pub fn pull_request_role(
        &mut self,
        id: Id,
        what_for: &str,
        account: AccountId,
        github: &Handle<GitHub>,
        repository: Repository,
        rights: Rights,
    ) -> PullRequestRole {
        let says = |claim: &str, value: String| Condition {
            test: "StringEquals",
            variable: match claim {
                "aud" => "token.actions.githubusercontent.com:aud",
                _ => "token.actions.githubusercontent.com:sub",
            },
            values: vec![Term::Text(value)],
        };
        let trust = Trust::Token {
            provider: github.attribute("arn"),
            claims: vec![
                says("aud", "sts.amazonaws.com".to_owned()),
                says("sub", format!("repo:{}:pull_request", repository.as_str())),
            ],
        };
        let name = format!("{}_{what_for}", id.name());
        if let Some(secret) = rights.secret() {
            let address = self.address("aws_iam_role", &name);
            self.stack.violate(Violation::new(
                "delivery/secret-in-state",
                address.to_string(),
                format!("it can read a state with the secret of {secret}, and builds of every pushed branch can assume it"),
                "remove the role of pull requests for this root; the pipeline plans the root",
            ));
        }
        let does = id.doc();
        let does = does.trim_end_matches('.');
        let doc = format!("a pull request's job for {what_for}, which {does}");
        let role = self.trusted_role(&name, trust, None, &doc);
        self.give(&role, rights);
        PullRequestRole { account, name: self.aws_name(&name) }
    }
}
