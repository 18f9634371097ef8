//! The files of the page, as they are built into this program.

/// A file: its path, its type, what is in it.
pub(super) type File = (&'static str, &'static str, &'static str);

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Everything but `/`.
pub(super) const FILES: &[File] = &[
    ("/page.css", "text/css; charset=utf-8", include_str!("page.css")),
    ("/icon.svg", "image/svg+xml", include_str!("icon.svg")),
    ("/page.js", SCRIPT, include_str!("page.js")),
    ("/topology.js", SCRIPT, include_str!("topology.js")),
    ("/orders.js", SCRIPT, include_str!("orders.js")),
    ("/details.js", SCRIPT, include_str!("details.js")),
    ("/form.js", SCRIPT, include_str!("form.js")),
    ("/dom.js", SCRIPT, include_str!("dom.js")),
];

/// `/`, with the picture in it, and the environment's name.
pub(super) fn index(environment: &str) -> String {
    include_str!("index.html")
        .replace("<!-- topology -->", include_str!("topology.svg"))
        .replace("{environment}", environment)
}

/// What a browser may do with the page: run these files, and ask where they come from. Nothing here
/// becomes HTML that was text before.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
