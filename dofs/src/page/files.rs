//! The files of the page, which are built into this program.

use contracts::api::PlaceOrder;
use function_contract::api::Route as _;

/// A file: its path, its content type, and its content.
pub(super) type File = (&'static str, &'static str, &'static str);

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// All files except `/`.
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

/// Returns the file `/`, with the picture, the path of the form, and the name of the environment.
pub(super) fn index(environment: &str) -> String {
    include_str!("index.html")
        .replace("<!-- topology -->", include_str!("topology.svg"))
        .replace("{place}", &PlaceOrder {}.path())
        .replace("{environment}", environment)
}

/// The content security policy: the page may only load these files, and call its own server. Trusted types keep the scripts
/// from turning text into HTML.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

#[cfg(test)]
mod tests {
    use contracts::api::OrderRequest;
    use function_contract::read::RequestBody as _;

    use super::*;

    #[test]
    fn the_form_has_the_fields_of_an_order() {
        let fields: Vec<String> =
            OrderRequest::NAMES.iter().map(|it| format!("\"{it}\"")).collect();
        let form = include_str!("form.js");
        assert!(form.contains(&format!("const FIELDS = [{}];", fields.join(", "))), "{fields:?}");
        let page = index("dev");
        for name in OrderRequest::NAMES {
            assert!(page.contains(&format!("id=\"{name}\"")), "{name}");
        }
        assert!(page.contains(&format!("action=\"{}\"", PlaceOrder::PATH)), "{page}");
    }
}
