//! The services, each as AWS documents it.

pub mod condition;
pub mod dynamodb;
pub mod limits;
pub mod number;
pub mod refusal;
pub mod sfn;
pub mod sqs;
