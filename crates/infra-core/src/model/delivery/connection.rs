//! A connection to the repository of the source. AWS creates it as pending, and a person confirms it once in the
//! console, with GitHub.
//!
//! <https://docs.aws.amazon.com/dtconsole/latest/userguide/welcome-connections.html>

use crate::model::{
    expr::Body,
    name::Id,
    stack::{Handle, Kind, Module},
};

/// A connection to GitHub.
pub enum Connection {}

impl Kind for Connection {
    // The provider's `aws_codeconnections_connection` calls an API that is not available in every region. Both create
    // the same resource.
    const TF_TYPE: &'static str = "aws_codestarconnections_connection";
    const LABEL: &'static str = "connection";
    type Facts = ();
}

impl Module<'_> {
    /// Adds a connection to GitHub.
    #[track_caller]
    pub fn github_connection(&mut self, id: Id) -> Handle<Connection> {
        let own = self.enter(id);
        let name = self.aws_name(own);
        let body = Body::map([("name", name.into()), ("provider_type", "GitHub".into())]);
        self.add(id, (), body)
    }
}
