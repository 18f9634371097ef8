//! The delivery of a root: the rights that Terraform needs, the roles that have them, build projects, and the pipeline.

pub mod boundary;
pub mod build;
pub mod connection;
pub mod github;
pub mod pipeline;
pub mod rights;
mod table;
pub mod terraform_role;
