//! `api!`: the routes of an HTTP API.

/// Defines the routes of an HTTP API: an enum with a variant for each route, and a type for each route.
///
/// A path is a list of segments. A segment is a text, or a parameter in braces with its type. In the URL, a parameter
/// has the name in camelCase. After the path, `takes` gives the body of requests, `with` the headers that they may have,
/// `answers` the enum of answers, `else` the answer if a parameter cannot be parsed, and `waits` the longest time that
/// the function waits for another service by design.
///
/// ```
/// use function_contract::{answers, api, api::{Api as _, Route as _}, payload, text};
///
/// text! {
///     /// A cup's number.
///     CupNumber, like "7", pattern "^[0-9]$", by is_digit
/// }
///
/// fn is_digit(text: &str) -> bool {
///     function_contract::text::has_form(text, b"d")
/// }
///
/// payload! {
///     /// A cup of something.
///     pub struct Cup, at CupAt {
///         /// Millilitres.
///         fill_level: u32,
///     }
/// }
///
/// answers! {
///     /// The answers to a request that reads a cup.
///     pub enum CupRead {
///         /// The cup.
///         Found(Cup) = 200;
///         /// There is no such cup.
///         NoSuchCup = 404 "CUP_NOT_FOUND";
///     }
/// }
///
/// api! {
///     /// The cups of a house.
///     pub enum Cups {
///         /// Returns a cup.
///         ReadCup = GET / "cup" / {
///             /// The cup's number.
///             cup_number: CupNumber
///         }, answers CupRead, else NoSuchCup;
///     }
/// }
///
/// assert_eq!(ReadCup::PATH.to_string(), "/cup/{cupNumber}");
/// let seven = CupNumber::try_from("7".to_owned())?;
/// assert_eq!(ReadCup { cup_number: seven }.path(), "/cup/7");
/// assert_eq!(Cups::routes().len(), 1);
/// # Ok::<(), String>(())
/// ```
///
/// A route with a parameter and without `else` does not compile:
///
/// ```compile_fail
/// # use function_contract::{answers, api, payload};
/// # payload! {
/// #     /// A cup of something.
/// #     pub struct Cup, at CupAt {
/// #         /// Millilitres.
/// #         fill_level: u32,
/// #     }
/// # }
/// # answers! {
/// #     /// Answers.
/// #     pub enum CupRead {
/// #         /// The cup.
/// #         Found(Cup) = 200;
/// #     }
/// # }
/// api! {
///     /// The cups of a house.
///     pub enum Cups {
///         /// Returns a cup.
///         ReadCup = GET / "cup" / { cup_number: String }, answers CupRead;
///     }
/// }
/// ```
#[macro_export]
macro_rules! api {
    (
        $(#[doc = $doc:literal])*
        pub enum $api:ident {
            $(
                $(#[doc = $route_doc:literal])*
                $route:ident = $method:ident
                $(/ $($fixed:literal)? $({
                    $(#[doc = $field_doc:literal])* $field:ident: $field_type:ty
                })?)+,
                $(takes $body:ty,)?
                $(with [$($header:ty),* $(,)?],)?
                answers $answers:ty
                $(, else $malformed:ident)?
                $(, waits $waits:expr)?;
            )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $api {
            $($(#[doc = $route_doc])* $route($route)),*
        }

        impl $crate::api::Api for $api {
            const VERSION: &'static str = ::std::env!("CARGO_PKG_VERSION");

            fn routes() -> ::std::vec::Vec<$crate::api::RouteShape> {
                ::std::vec![$(<$route as $crate::api::Route>::shape()),*]
            }

            fn route(
                request: &$crate::event::ApiRequest<Self>,
            ) -> ::std::result::Result<Self, $crate::api::Reply> {
                $(if request.is_of::<$route>() {
                    return match $route::__parse(request) {
                        ::std::option::Option::Some(it) => ::std::result::Result::Ok($api::$route(it)),
                        ::std::option::Option::None => ::std::result::Result::Err(
                            $crate::__malformed!($($answers, $malformed)?)
                        ),
                    };
                })*
                ::std::result::Result::Err($crate::api::Reply::no_such_route())
            }
        }

        $(
            $(#[doc = $route_doc])*
            #[derive(Debug, Clone, PartialEq)]
            pub struct $route {
                $($($(#[doc = $field_doc])* pub $field: $field_type,)?)+
            }

            impl $route {
                fn __parse(
                    request: &$crate::event::ApiRequest<$api>,
                ) -> ::std::option::Option<Self> {
                    let _ = request;
                    ::std::option::Option::Some($route {
                        $($($field: request.parameter($crate::__camel_case!(stringify!($field)))?,)?)+
                    })
                }
            }

            const _: () = {
                let answers: &[&str] = &[$(stringify!($malformed))?];
                let path = <$route as $crate::api::Route>::PATH;
                assert!(
                    answers.is_empty() != path.__has_parameters(),
                    "a route says with `else` what it answers if a parameter cannot be parsed"
                );
            };

            impl $crate::api::Route for $route {
                type Api = $api;
                type Answers = $answers;

                const NAME: &'static str = stringify!($route);
                const METHOD: $crate::api::HttpMethod = $crate::__method!($method);
                const PATH: $crate::api::RoutePath = $crate::api::RoutePath::__of(&[
                    $(
                        $($crate::api::Segment::__fixed($fixed))?
                        $($crate::api::Segment::Parameter($crate::__camel_case!(stringify!($field))))?
                    ),+
                ]);

                fn shape() -> $crate::api::RouteShape {
                    $crate::api::RouteShape {
                        name: Self::NAME,
                        doc: $crate::__private::doc_lines(&[$($route_doc),*]),
                        method: Self::METHOD,
                        path: Self::PATH,
                        parameters: ::std::vec![$($(
                            $crate::api::ValueShape::__parameter::<$field_type>(
                                $crate::__camel_case!(stringify!($field)),
                                &[$($field_doc),*],
                            ),
                        )?)+],
                        headers: ::std::vec![
                            $($($crate::api::ValueShape::__header::<$header>()),*)?
                        ],
                        body: ::std::vec::Vec::<$crate::api::BodyShape>::from([
                            $($crate::api::BodyShape::of::<$body>())?
                        ])
                        .pop(),
                        answers: <$answers as $crate::api::Answers>::shapes(),
                        waits: [$($waits,)? ::std::time::Duration::ZERO][0],
                    }
                }

                fn __segments(&self) -> ::std::vec::Vec<::std::string::String> {
                    ::std::vec![$(
                        $($fixed.to_owned())?
                        $(self.$field.to_string())?
                    ),+]
                }
            }

            $(impl $crate::api::TakesBody for $route {
                type Body = $body;
            })?

            $($(impl $crate::api::TakesHeader<$header> for $route {})*)?
        )*
    };
}

/// The answer to a request with a parameter that cannot be parsed. A route without parameters has none.
#[doc(hidden)]
#[macro_export]
macro_rules! __malformed {
    () => {
        $crate::api::Reply::no_such_route()
    };
    ($answers:ty, $malformed:ident) => {
        $crate::api::Answers::reply(<$answers>::$malformed)
    };
}
