//! Sessions of IAM roles in the emulator. A request that is signed with the credentials of a session has the permissions of
//! its role, and the emulator evaluates them. Tests deploy with them.

use std::io;

use fs_err as fs;

use crate::{
    account::Account,
    call::{CallError, Service},
    emulator::Emulator,
};

/// The policy of an administrator.
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html>
const ADMINISTRATOR_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// The credentials of a session.
#[derive(Clone)]
pub struct Session {
    /// The access key.
    pub key: String,
    /// The secret key.
    pub secret: String,
    /// The session token.
    pub token: String,
}

/// Leaves out the secrets.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Session {
    /// Returns a profile for AWS's configuration file with the credentials of this session.
    pub fn profile(&self, name: &str) -> String {
        let Session { key, secret, token } = self;
        format!(
            "[profile {name}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
        )
    }

    /// Writes a configuration file with the profile `target`, which assumes `role` with the credentials of this session.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write_chain(&self, file: &std::path::Path, role: &str, session: &str) -> io::Result<()> {
        let target = format!(
            "[profile target]\nrole_arn = {role}\nrole_session_name = {session}\nsource_profile = own\n"
        );
        fs::write(file, self.profile("own") + &target)
    }
}

impl Emulator {
    /// Assumes a role of this account as the account's root user, for whom the emulator evaluates no policy. So a test gets the
    /// session that AWS gives to a service, such as CodeBuild.
    ///
    /// # Errors
    ///
    /// If the emulator refuses the call, for example because the role does not exist.
    pub fn assume(
        &self,
        account: &Account,
        role: &str,
        session: &str,
    ) -> Result<Session, CallError> {
        let sts = Service::at(&self.endpoint(), account, "sts");
        let arn = format!("arn:aws:iam::{}:role/{role}", account.id);
        let what = format!("assume {arn}");
        let fields = [
            ("Action", "AssumeRole"),
            ("Version", "2011-06-15"),
            ("RoleArn", &arn),
            ("RoleSessionName", session),
        ];
        let (status, said) = sts.form(&what, fields)?;
        let refused = || sts.refused(&what, format!("{status} {said}"));
        let text = |tag: &str| {
            let rest = said.split_once(&format!("<{tag}>"))?.1;
            Some(rest.split_once('<')?.0.to_owned())
        };
        Ok(Session {
            key: text("AccessKeyId").ok_or_else(refused)?,
            secret: text("SecretAccessKey").ok_or_else(refused)?,
            token: text("SessionToken").ok_or_else(refused)?,
        })
    }

    /// Creates a role with one inline policy.
    ///
    /// # Errors
    ///
    /// If the emulator refuses a call.
    pub fn make_role(
        &self,
        account: &Account,
        role: &str,
        trust: &str,
        policy: &str,
    ) -> Result<(), CallError> {
        let iam = Service::at(&self.endpoint(), account, "iam");
        let what = format!("make the role {role}");
        let calls = [
            ("CreateRole", vec![("RoleName", role), ("AssumeRolePolicyDocument", trust)]),
            (
                "PutRolePolicy",
                vec![("RoleName", role), ("PolicyName", "rights"), ("PolicyDocument", policy)],
            ),
        ];
        for (action, fields) in calls {
            let own = [("Action", action), ("Version", "2010-05-08")];
            match iam.form(&what, own.into_iter().chain(fields))? {
                (200..300, _) => {}
                (status, said) => return Err(iam.refused(&what, format!("{status} {said}"))),
            }
        }
        Ok(())
    }

    /// Creates a role with administrator permissions, and assumes it. Unlike for the root user, the emulator evaluates its
    /// permissions.
    ///
    /// # Errors
    ///
    /// If the emulator refuses a call.
    pub fn administrator(&self, account: &Account) -> Result<Session, CallError> {
        const NAME: &str = "administrator";
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{}:root"}},"Action":"sts:AssumeRole"}}]}}"#,
            account.id
        );
        self.make_role(account, NAME, &trust, ADMINISTRATOR_ACCESS)?;
        self.assume(account, NAME, NAME)
    }
}
