//! A description written in a test, compiled.

use oasgate_spec::{Api, Documents, Problem, ReadError, load};
use url::Url;

use crate::{Catalog, Options, Profile, compile};

struct Text<'t>(&'t str);

impl Documents for Text<'_> {
    fn entry(&self) -> Url {
        Url::parse("file:///test.yaml").unwrap()
    }

    fn read(&self, _: &Url) -> Result<Vec<u8>, ReadError> {
        Ok(self.0.as_bytes().to_vec())
    }
}

/// The API that a text describes.
pub(crate) fn api(text: &str) -> Api {
    let (api, problems) = load(&Text(text), &oasgate_spec::Options::default());
    assert!(!api.operations.is_empty(), "{problems:?}");
    api
}

/// The same with the schemas of responses.
pub(crate) fn api_with_answers(text: &str) -> Api {
    load(&Text(text), &oasgate_spec::Options { response_schemas: true, ..oasgate_spec::Options::default() }).0
}

/// The tools of a text, and what was wrong.
pub(crate) fn compiled(text: &str, options: &Options) -> (Catalog, Vec<Problem>) {
    compile(&api(text), options)
}

/// The one tool of one operation, `POST /things/{id}` of OpenAPI 3.1, given its members in YAML flow style.
pub(crate) fn tool(members: &str, profile: Profile) -> Catalog {
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\nservers: [{{url: 'https://api.example/v1'}}]\n\
         paths: {{'/things/{{id}}': {{post: {{operationId: act, {members}}}}}}}\n"
    );
    compiled(&text, &Options { profile, ..Options::default() }).0
}
