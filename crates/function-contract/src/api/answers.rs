//! `answers!`: the answers of a route.

use schemars::JsonSchema;

use super::{AnswerBody, AnswerShape, Route};
use crate::{path::Payload, payload::doc_lines};

/// Defines the answers of a route: first the one that is not an error, then every error.
///
/// An error has a status, a stable code, and the body [`ApiError`](crate::http::ApiError). Its doc comment is the message
/// for the caller, unless `says` gives another one. `location` adds the header `Location`, which leads to a route, and
/// `retry after` adds the header `Retry-After` with a number of seconds. An example is at [`api!`](crate::api!).
#[macro_export]
macro_rules! answers {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $(#[doc = $success_doc:literal])*
            $success:ident($body:ty) = $success_status:literal $(, location $to:ty)?;
            $(
                $(#[doc = $error_doc:literal])*
                $error:ident $(($problems:ty))? = $status:literal $code:literal
                $(, says $message:expr)? $(, retry after $seconds:literal)?;
            )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $name {
            $(#[doc = $success_doc])*
            $success($body $(, $to)?),
            $(
                $(#[doc = $error_doc])*
                $error $(($problems))?,
            )*
        }

        impl $crate::api::Answers for $name {
            type Body = $body;

            const STATUS: u16 = $success_status;

            fn shapes() -> ::std::vec::Vec<$crate::api::AnswerShape> {
                ::std::vec![
                    $crate::api::AnswerShape::__payload::<$body>($success_status, &[$($success_doc),*])
                        $(.__at::<$to>())?,
                    $($crate::api::AnswerShape::__error($status, $code, &[$($error_doc),*])
                        $(.__again_after($seconds))?),*
                ]
            }

            #[allow(unreachable_patterns, reason = "an answer without a Location, or without problems, uses the second arm")]
            fn reply(self) -> $crate::api::Reply {
                let reply = match &self {
                    $($name::$success(body, to) => {
                        let to: &$to = to;
                        $crate::api::Reply::__payload($success_status, body).__at(to)
                    })?
                    $name::$success(body, ..) => {
                        $crate::api::Reply::__payload($success_status, body)
                    }
                    $(
                        $name::$error { .. } => {
                            $crate::__error!([$status $code] [$($error_doc)*] $($message)?)
                                $(.__again_after($seconds))?
                        }
                    )*
                };
                match self {
                    $($(
                        $name::$error(problems) => {
                            let problems: $problems = problems;
                            reply.__with(problems)
                        }
                    )?)*
                    _ => reply,
                }
            }
        }
    };
}

/// An error with its own message, or with its doc comment as the message.
#[doc(hidden)]
#[macro_export]
macro_rules! __error {
    ([$status:literal $code:literal] [$($doc:literal)*]) => {
        $crate::api::Reply::__error($status, $code, $crate::__private::doc_lines(&[$($doc),*]))
    };
    ([$status:literal $code:literal] [$($doc:literal)*] $message:expr) => {
        $crate::api::Reply::__error($status, $code, $message)
    };
}

impl AnswerShape {
    #[doc(hidden)]
    pub fn __payload<T: Payload + JsonSchema>(status: u16, doc: &[&str]) -> Self {
        let body = AnswerBody { schema: |it| it.subschema_for::<T>(), names: T::WIRE_NAMES };
        let (doc, body) = (doc_lines(doc), Some(body));
        AnswerShape { status, doc, error: None, body, location: None, retry_after: false }
    }

    #[doc(hidden)]
    pub fn __error(status: u16, error: &'static str, doc: &[&str]) -> Self {
        let (doc, error) = (doc_lines(doc), Some(error));
        AnswerShape { status, doc, error, body: None, location: None, retry_after: false }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn __at<R: Route>(self) -> Self {
        AnswerShape { location: Some(R::NAME), ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn __again_after(self, _seconds: u32) -> Self {
        AnswerShape { retry_after: true, ..self }
    }
}
