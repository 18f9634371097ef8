//! What delivers a root: the rights that Terraform needs for it, who may take them on, builds, and
//! the pipeline that runs them.

pub mod boundary;
pub mod build;
pub mod connection;
pub mod github;
pub mod pipeline;
pub mod rights;
mod table;
pub mod terraform_role;
